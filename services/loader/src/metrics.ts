import { metrics } from '@opentelemetry/api';
import type { LoadOutcome, MergeCounts } from '@freshet/database';

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

/** What became of the observations of a run: unchanged ones write nothing, late ones change nothing. */
export function countMerge(dataset: string, counts: MergeCounts): void {
  const counter = meter().createCounter('freshet_loader_observations', {
    description: 'Observations of merged runs, by what became of them',
  });
  for (const outcome of ['added', 'changed', 'unchanged', 'late', 'duplicates'] as const)
    counter.add(counts[outcome], { dataset, outcome });
}
