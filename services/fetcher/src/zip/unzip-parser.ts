import type { Readable, Transform, TransformOptions } from 'node:stream';
import { createInflateRaw, type ZlibOptions } from 'node:zlib';
import { Parse, type Entry } from 'unzip-stream';
import { FreshetError } from '@freshet/domain';
import { corrupt, unsupported } from './failures';

/** What a local header says, as far as it is looked at. */
export interface LocalHeader {
  readonly method: number;
  readonly encrypted: boolean;
}

export type UnzipParser = ReturnType<typeof Parse> & { destroy(): void };
export type UnzipEntry = Entry;

/**
 * The stream inside unzip-stream's parser (0.3.4, pinned). It is reached into for four reasons: entries are given out
 * without their header; bytes left over at the end make it loop for ever, at full load; what it throws on damaged
 * extra fields surfaces in a callback, where nobody can catch it; and its inflater gives pieces of 16 KiB and waits after each,
 * so that whoever reads them waits in turn.
 */
type Inner = Transform & {
  parsedEntity?: { compressionMethod?: number; flags?: number } | null;
  data: Buffer;
  state: number;
  /** Where the compressed bytes of the entry come from. */
  outStreamInfo?: { readonly stream: Readable } | null;
  processDataChunk(chunk: Buffer): number;
  _prepareOutStream(header: unknown, entry: UnzipEntry): void;
};
const STATE_ERROR = 99;
const INFLATED_PIECE_BYTES = 128 * 1024;

/** One piece more than is being read, so that the inflater works on the next one meanwhile. Its stream takes the options of any stream. */
const INFLATER_OPTIONS: ZlibOptions & TransformOptions = {
  chunkSize: INFLATED_PIECE_BYTES,
  readableHighWaterMark: 2 * INFLATED_PIECE_BYTES,
};

/** A parser of unzip-stream with its rough edges covered. Errors come as `error` events of the parser. */
export function createParser(onEntry: (entry: UnzipEntry, header: LocalHeader) => void): UnzipParser {
  const parser = Parse({ decodeString: (name) => name.toString('latin1') }) as UnzipParser & { unzipStream?: Inner };
  const inner = parser.unzipStream;
  if (!inner) {
    throw new FreshetError('internal', {
      message: 'the unzip library is not the version this was written for',
      nextStep: 'Install the dependencies from the lock file (npm ci).',
    });
  }
  const headers = new WeakMap<UnzipEntry, LocalHeader>();
  inner.on('entry', (entry: UnzipEntry) => {
    // An entry that is destroyed while nobody reads it must not end the process.
    entry.on('error', () => undefined);
    const { compressionMethod = 8, flags = 0 } = inner.parsedEntity ?? {};
    headers.set(entry, { method: compressionMethod, encrypted: (flags & 0x41) !== 0 });
  });
  parser.on('entry', (entry: UnzipEntry) => onEntry(entry, headers.get(entry) ?? { method: 8, encrypted: false }));
  enlargePieces(inner);
  catchThrown(inner);
  refuseLeftovers(inner);
  return parser;
}

/** Before a byte of an entry has flowed, puts an inflater of ours in the place of the library's. Stored entries have none. */
function enlargePieces(inner: Inner): void {
  const prepare = inner._prepareOutStream.bind(inner);
  inner._prepareOutStream = (header, entry) => {
    let source: Readable | undefined;
    entry.once('pipe', (piped: Readable) => (source = piped));
    prepare(header, entry);
    const compressed = inner.outStreamInfo?.stream;
    if (!source || !compressed || compressed === source) return;
    compressed.unpipe(source as Transform);
    source.unpipe(entry);
    const inflater = createInflateRaw(INFLATER_OPTIONS);
    inflater.on('error', (error) => {
      inner.state = STATE_ERROR;
      inner.emit('error', error);
    });
    compressed.pipe(inflater).pipe(entry);
  };
}

function catchThrown(inner: Inner): void {
  const process = inner.processDataChunk.bind(inner);
  inner.processDataChunk = (chunk) => {
    try {
      return process(chunk);
    } catch (error) {
      inner.state = STATE_ERROR;
      inner.emit('error', error);
      return chunk.length;
    }
  };
}

function refuseLeftovers(inner: Inner): void {
  const flush = inner._flush.bind(inner);
  inner._flush = (callback) => {
    if (inner.data.length === 0) return flush(callback);
    callback(new Error(`${inner.data.length} bytes belong to no entry`));
  };
}

/** An error of unzip-stream or of the inflater below it, as a failure with a name. */
export function parserFailure(error: Error, entry: string): Error {
  if (/encrypted/i.test(error.message)) return unsupported(`${entry} is encrypted`, { entry });
  if (/zip version/i.test(error.message)) return unsupported(`${entry}: ${error.message}`, { entry });
  return corrupt(`${entry} cannot be unpacked (${error.message})`, { entry }, error);
}
