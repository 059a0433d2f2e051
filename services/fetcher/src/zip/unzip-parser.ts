import type { EventEmitter } from 'node:events';
import { Parse, type Entry } from 'unzip-stream';
import { corrupt, unsupported } from './failures';

/** What a local header says, as far as it is looked at. */
export interface LocalHeader {
  readonly method: number;
  readonly encrypted: boolean;
}

/** The part of unzip-stream that holds the header it has just read; it gives entries out without it. */
interface Internals {
  readonly unzipStream?: EventEmitter & { readonly parsedEntity?: { compressionMethod?: number; flags?: number } };
}

export type UnzipParser = ReturnType<typeof Parse>;
export type UnzipEntry = Entry;

/**
 * A parser of unzip-stream with its rough edges covered: entries come with their local header, and an entry that is
 * destroyed while nobody listens does not end the process.
 */
export function createParser(onEntry: (entry: UnzipEntry, header: LocalHeader | undefined) => void): UnzipParser {
  const parser = Parse({ decodeString: (name) => name.toString('latin1') });
  const headers = new WeakMap<UnzipEntry, LocalHeader>();
  const inner = (parser as unknown as Internals).unzipStream;
  inner?.on('entry', (entry: UnzipEntry) => {
    entry.on('error', () => undefined);
    const { compressionMethod = 8, flags = 0 } = inner.parsedEntity ?? {};
    headers.set(entry, { method: compressionMethod, encrypted: (flags & 0x41) !== 0 });
  });
  parser.on('entry', (entry: UnzipEntry) => {
    entry.on('error', () => undefined);
    onEntry(entry, headers.get(entry));
  });
  return parser;
}

/** An error of unzip-stream or of the inflater below it, as a failure with a name. */
export function parserFailure(error: Error, entry: string): Error {
  if (/encrypted/i.test(error.message)) return unsupported(`${entry} is encrypted`, { entry });
  if (/zip version/i.test(error.message)) return unsupported(`${entry}: ${error.message}`, { entry });
  return corrupt(`${entry} cannot be unpacked (${error.message})`, { entry }, error);
}
