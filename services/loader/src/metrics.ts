import { metrics } from '@opentelemetry/api';
import type { LoadOutcome } from '@freshet/database';

const meter = () => metrics.getMeter('@freshet/loader');

/** What became of a batch: duplicates and fenced ones are dropped on purpose, and counted. */
export function countBatch(dataset: string, resource: string, outcome: LoadOutcome): void {
  meter()
    .createCounter('freshet_loader_batches', { description: 'Batches, by what became of them' })
    .add(1, { dataset, resource, outcome: outcome.outcome });
  if (outcome.outcome !== 'loaded') return;
  meter().createCounter('freshet_loader_rows', { description: 'Rows loaded' }).add(outcome.rows, { dataset, resource });
  meter()
    .createCounter('freshet_loader_rows_refused', { description: 'Rows quarantined' })
    .add(outcome.refused, { dataset, resource });
}

export function countCommand(dataset: string, command: string, outcome: string): void {
  meter()
    .createCounter('freshet_loader_commands', { description: 'Commands of the coordinator, by outcome' })
    .add(1, { dataset, command, outcome });
}
