import { createHash } from 'node:crypto';
import { checksumOf } from '@freshet/contracts';
import { FreshetError, type PagedJson, type ResourceDefinition } from '@freshet/domain';
import { CLASSIFY_BYTES, peek, type Scrubber } from '@freshet/publisher';
import type { CutChunk } from '../../cutters/cutter';
import { JsonArrayCutter } from '../../cutters/json-array-cutter';

/** One body, read to its end. */
export type Document = {
  readonly bytes: number;
  /** Of the body as received. */
  readonly sha256: string;
} & (
  | ({ readonly kind: 'json'; readonly found: boolean; readonly envelope: unknown } & Records)
  /** Not JSON by its first bytes, or by all that stands around its records. */
  | { readonly kind: 'other'; readonly head: Buffer }
);

export interface Records {
  /** Clean of secrets. */
  readonly chunks: readonly CutChunk[];
  readonly records: number;
  /** Keys of the records: declared columns in their order, then the others. */
  readonly header: readonly string[];
  /** Records by their value of the selected column. */
  readonly tally: ReadonlyMap<string, number>;
}

export interface DocumentOptions {
  readonly paging: PagedJson;
  readonly resource: ResourceDefinition;
  readonly chunkBytes: number;
  readonly firstChunk: number;
  readonly scrubber: Scrubber;
  readonly onBytes: (count: number) => void;
}

/**
 * Reads a body and cuts its records. Nothing is emitted from here: chunks are held, `maxPageBytes` at most, until the page is
 * known to be whole, so that a page can be asked for again without a chunk of the first answer being on its way.
 *
 * @throws FreshetError `payload_incomplete`, `payload_too_large`, `record_too_large`, and what reading the body throws
 */
export async function readDocument(
  source: AsyncGenerator<Buffer, void, undefined>,
  options: DocumentOptions,
): Promise<Document> {
  const { head, body } = await peek(source, CLASSIFY_BYTES);
  if (!looksLikeJson(head)) {
    await body.return(undefined);
    options.onBytes(head.length);
    return { kind: 'other', head, bytes: head.length, sha256: createHash('sha256').update(head).digest('hex') };
  }
  const { paging, scrubber, onBytes } = options;
  const cutter = cutterFor(options);
  const chunks: CutChunk[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    onBytes(piece.length);
    if (bytes > paging.maxPageBytes) throw tooLarge(paging.maxPageBytes);
    for (const chunk of cutter.push(piece)) chunks.push(clean(chunk, scrubber));
  }
  for (const chunk of cutter.end()) chunks.push(clean(chunk, scrubber));
  const { records, header, sha256 } = cutter.totals();
  const envelope = parsed(cutter.envelope(), scrubber);
  if (envelope === undefined) return { kind: 'other', head, bytes, sha256 };
  return { kind: 'json', envelope, found: cutter.found, bytes, sha256, chunks, records, header, tally: cutter.tally() };
}

const looksLikeJson = (head: Buffer): boolean => /^(?:\xef\xbb\xbf)?\s*[{[]/.test(head.toString('latin1'));

function cutterFor({ paging, resource, chunkBytes, firstChunk }: DocumentOptions): JsonArrayCutter {
  const { name, maxRecordBytes, columns, format } = resource;
  return new JsonArrayCutter({
    ...{ chunkBytes, maxRecordBytes, firstChunk, resource: name, path: paging.records, tally: paging.select.column },
    columns: columns.map((column) => column.name),
    record: format.reader === 'json' ? format.record : null,
  });
}

function clean(chunk: CutChunk, scrubber: Scrubber): CutChunk {
  const body = scrubber.bytes(chunk.body);
  return body === chunk.body ? chunk : { ...chunk, body, checksum: checksumOf(body) };
}

/** Undefined for what is no JSON. Only texts are cleaned: a short secret may be the name of a key as well. */
function parsed(text: string, scrubber: Scrubber): unknown {
  try {
    return JSON.parse(text, (_, value: unknown) => (typeof value === 'string' ? scrubber.text(value) : value));
  } catch {
    return undefined;
  }
}

const tooLarge = (maxPageBytes: number): FreshetError =>
  new FreshetError('payload_too_large', {
    message: `a page has more than ${maxPageBytes} bytes`,
    nextStep: 'Ask for fewer records a page (pageSize), or raise maxPage of paging in the definition.',
    attributes: { maxPageBytes },
  });
