import type { BatchParsed, ChunkFetched } from '@freshet/contracts';
import { FreshetError, type DatasetDefinition, type Failure, type ResourceDefinition } from '@freshet/domain';
import { resourceOf } from '@freshet/catalog';
import { BatchBuilder, type BatchInput } from './batch/batch-builder';
import { decodeUtf8, readableUtf8, redecodeUtf8 } from './decoding/utf-8';
import { decodeWindows1252 } from './decoding/windows-1252';
import { makePlan } from './plan/plan';
import { readerOf } from './readers/registry';

export type ParseResult =
  | { readonly kind: 'batch'; readonly meta: BatchParsed; readonly body: Buffer }
  /** Nothing of this attempt can be used: the data break the contract. */
  | { readonly kind: 'failed'; readonly failure: Failure };

/** The rows of one chunk. Pure: the same chunk and definition give the same batch, byte for byte. */
export function parseChunk(definition: DatasetDefinition, chunk: ChunkFetched, bytes: Buffer): ParseResult {
  const resource = resourceOf(definition, chunk.resource);
  const planned = makePlan(resource, chunk.header);
  if ('failure' in planned) return { kind: 'failed', failure: planned.failure };
  const { plan } = planned;
  const builder = new BatchBuilder({
    resource,
    plan,
    chunk: chunk.chunk,
    summarize: definition.exports.some((entry) => entry.kind === 'pickle'),
    ...decode(resource, bytes),
  });
  try {
    readerOf(resource.format, chunk.header).read(builder.input.text, builder.add);
  } catch (error) {
    if (error instanceof FreshetError && error.kind === 'terminal')
      return { kind: 'failed', failure: error.toFailure() };
    throw error;
  }
  const content = builder.finish();
  if (content.records !== chunk.records) return { kind: 'failed', failure: miscounted(chunk, content.records) };
  const { type: _, header: __, ...origin } = chunk;
  return {
    kind: 'batch',
    body: content.body,
    meta: {
      type: 'batch.parsed',
      ...origin,
      bytes: bytes.length,
      rows: content.rows,
      columns: plan.columns.map((column) => column.stored),
      refused: [...content.refused],
      notes: { ...content.notes },
      summary: content.summaries && { columns: content.summaries },
    },
  };
}

/** A chunk that is not all UTF-8 is read byte by byte, which no byte of a character disturbs, and decoded value by value. */
function decode(resource: ResourceDefinition, bytes: Buffer): Pick<BatchInput, 'text' | 'decodeValue' | 'showRecord'> {
  const asIs = { decodeValue: null, showRecord: (raw: string) => raw };
  if (resource.format.encoding === 'windows-1252') return { text: decodeWindows1252(bytes), ...asIs };
  const decoded = decodeUtf8(bytes);
  if (decoded !== null) return { text: decoded, ...asIs };
  // Escapes of JSON make characters of their own, so its values cannot be decoded again: what was no character marks them.
  if (resource.format.reader === 'json')
    return { text: bytes.toString('utf8'), ...asIs, decodeValue: (text) => (text.includes('\ufffd') ? null : text) };
  return { text: bytes.toString('latin1'), decodeValue: redecodeUtf8, showRecord: readableUtf8 };
}

function miscounted(chunk: ChunkFetched, found: number): Failure {
  return new FreshetError('balance_mismatch', {
    kind: 'terminal',
    message: `chunk ${chunk.chunk} of ${chunk.resource} was cut with ${chunk.records} records, the reader finds ${found}`,
    nextStep:
      'Fetcher and parser disagree about where records end: run them in the same release, and report the member if that does not help.',
    attributes: { resource: chunk.resource, chunk: chunk.chunk, cut: chunk.records, read: found },
  }).toFailure();
}
