import { metrics } from '@opentelemetry/api';
import type { ChunkFetched } from '@freshet/contracts';

const meter = () => metrics.getMeter('@freshet/parser');

/** One chunk, parsed or found to be unreadable. */
export function countChunk({ dataset, resource, records }: ChunkFetched, bytes: number, outcome: string): void {
  meter()
    .createCounter('freshet_parser_chunks', { description: 'Chunks by outcome' })
    .add(1, { dataset, resource, outcome });
  meter()
    .createCounter('freshet_parser_records', { description: 'Records of these chunks' })
    .add(records, { dataset, resource });
  meter()
    .createCounter('freshet_parser_read_bytes', { description: 'Bytes of these chunks' })
    .add(bytes, { dataset, resource });
}
