import { loadCatalog } from '@freshet/catalog';
import { batchParsedSchema, type BatchParsed, type ChunkFetched } from '@freshet/contracts';
import type { DatasetDefinition, ResourceDefinition } from '@freshet/domain';
import { parseChunk } from '@freshet/parser-service';
import { rawMember } from '@freshet/testing';
import type { Table } from './write-bin';

export interface BseeMember {
  readonly definition: DatasetDefinition;
  readonly resource: ResourceDefinition;
  /** What the parser made of its chunks. */
  readonly batches: ReadonlyArray<{ readonly meta: BatchParsed; readonly body: Buffer }>;
  readonly raw: Buffer;
  readonly table: Table;
}

const QUOTE = 0x22;
const NEWLINE = 0x0a;

/** All fourteen members: made by the simulator, read by the parser in small chunks. */
export async function* bseeMembers(rows: number): AsyncIterable<BseeMember> {
  for (const definition of loadCatalog().find('bsee')) {
    for (const resource of definition.resources) {
      // The yearly sums have one row a year, whatever the size of the rest.
      const yearly = resource.member.includes('productionsum');
      const raw = Buffer.concat(
        await rawMember(resource.member, { rows: yearly ? undefined : rows, seed: 7 }).toArray(),
      );
      const batches = parseMember(definition, resource, raw);
      yield { definition, resource, raw, batches, table: tableOf(batches) };
    }
  }
}

/** Offsets after each record. */
function recordEnds(raw: Buffer): number[] {
  const ends: number[] = [];
  let quoted = false;
  for (const [at, byte] of raw.entries()) {
    if (byte === QUOTE) quoted = !quoted;
    else if (byte === NEWLINE && !quoted) ends.push(at + 1);
  }
  return ends;
}

const CHUNK_RECORDS = 97;

function parseMember(definition: DatasetDefinition, resource: ResourceDefinition, raw: Buffer): BseeMember['batches'] {
  const ends = recordEnds(raw);
  const headerEnd = ends[0] ?? 0;
  const header = raw
    .subarray(0, headerEnd)
    .toString('latin1')
    .trim()
    .split(',')
    .map((name) => name.replaceAll('"', ''));
  const batches = [];
  for (let first = 1; first < ends.length; first += CHUNK_RECORDS) {
    const last = Math.min(first + CHUNK_RECORDS, ends.length);
    const chunk: ChunkFetched = {
      type: 'chunk.fetched',
      dataset: definition.id,
      runId: '00000000-0000-4000-8000-000000000001',
      taskId: '00000000-0000-4000-8000-000000000002',
      attempt: 1,
      contentVersion: definition.contentVersion,
      resource: resource.name,
      chunk: batches.length,
      records: last - first,
      header,
      checksum: '',
    };
    const result = parseChunk(definition, chunk, raw.subarray(ends[first - 1], ends[last - 1]));
    if (result.kind === 'failed') throw new Error(result.failure.message);
    batches.push({ body: result.body, meta: batchParsedSchema.parse(result.meta) });
  }
  return batches;
}

const tableOf = (batches: BseeMember['batches']): Table => ({
  columns: batches[0]?.meta.columns ?? [],
  rows: Buffer.concat(batches.map(({ body }) => body)),
  summaries: batches.map(({ meta }) => meta.summary),
});
