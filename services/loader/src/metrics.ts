import { metrics } from '@opentelemetry/api';
import type { CheckOutcome, HealthSummary, LoadOutcome, MergeCounts } from '@freshet/database';

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

/** What the checks of a run or of a health check looked at, and what failed of it. */
export function countChecks(dataset: string, outcomes: readonly CheckOutcome[]): void {
  const evaluated = meter().createCounter('freshet_loader_check_evaluated', {
    description: 'What series checks could compare',
  });
  const failed = meter().createCounter('freshet_loader_check_failed', { description: 'What failed of it' });
  for (const outcome of outcomes) {
    const labels = { dataset, check: outcome.name, severity: outcome.severity };
    evaluated.add(outcome.evaluated, labels);
    failed.add(outcome.failed, labels);
  }
}

/** As of a health check. The newest observation is an instant and no age, so that it gets older between two checks. */
export function gaugeHealth({ dataset, completeness, suspect, newestEndsAt }: HealthSummary): void {
  if (completeness !== null)
    meter()
      .createGauge('freshet_loader_completeness', {
        description: 'Share of the expected observations of the last days that have a value',
      })
      .record(completeness, { dataset });
  meter()
    .createGauge('freshet_loader_suspect_observations', {
      description: 'Observations of the last days that checks suspect',
    })
    .record(suspect, { dataset });
  if (newestEndsAt !== null)
    meter()
      .createGauge('freshet_loader_newest_observation_timestamp_seconds', {
        description: 'End of the newest interval with a value, in seconds since 1970',
      })
      .record(Date.parse(newestEndsAt) / 1000, { dataset });
}
