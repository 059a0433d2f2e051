import { metrics } from '@opentelemetry/api';
import { isEnded, type Transition } from '@freshet/domain';

/** Instruments are asked for when they are first used: the process starts its meter provider before that, and modules load earlier. */
const meter = () => metrics.getMeter('@freshet/coordinator');

/** Counts ends of attempts and of runs. Labels are bounded: datasets of the catalog, states and failure codes. */
export function countTransition(dataset: string, { run, attemptEnd, failure }: Transition): void {
  if (attemptEnd) {
    meter()
      .createCounter('freshet_coordinator_attempts_ended', {
        description: 'Attempts that did not carry their run to its publication',
      })
      .add(1, { dataset, end: attemptEnd, code: failure?.code ?? 'none' });
  }
  if (isEnded(run)) {
    meter()
      .createCounter('freshet_coordinator_runs_ended', { description: 'Runs by outcome' })
      .add(1, { dataset, outcome: run, code: failure?.code ?? 'none' });
  }
}

/** Counts messages that left the outbox. */
export function countSent(topic: string): void {
  meter()
    .createCounter('freshet_coordinator_outbox_sent', { description: 'Messages published from the outbox' })
    .add(1, { topic });
}

/** Counts ends of partitions of backfills. */
export function countPartition(dataset: string, state: string): void {
  meter()
    .createCounter('freshet_coordinator_backfill_partitions_ended', {
      description: 'Partitions of backfills by outcome',
    })
    .add(1, { dataset, outcome: state });
}
