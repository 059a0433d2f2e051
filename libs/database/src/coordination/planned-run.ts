import type {
  ActiveRun,
  ConcurrencyPolicy,
  RunId,
  RunParameters,
  TaskId,
  TimeRange,
  Trigger,
  WindowRule,
} from '@freshet/domain';
import type { Transaction } from '../base';

/** What a run of a time series is to ask for. */
export interface SeriesRequest {
  readonly rule: WindowRule;
  /** Null: the rolling window of the moment the run is created. */
  readonly window: TimeRange | null;
  /** Codes of the publisher; all of the definition when empty. */
  readonly only: readonly string[];
  /** All of the definition: how far behind their series are decides the rolling window. */
  readonly selected: readonly string[];
  readonly now: Date;
}

/** Of runs that fill history: they give way to everything else, and nothing waits for them. */
export const BACKFILL_PRIORITY = -1;

export interface RunRequest {
  readonly runId: RunId;
  readonly taskId: TaskId;
  readonly dataset: string;
  readonly trigger: Trigger;
  /** Unique over all runs. */
  readonly idempotencyKey: string;
  readonly force: boolean;
  readonly file: string | null;
  readonly contentVersion: string;
  readonly concurrency: ConcurrencyPolicy;
  /** Null for datasets without intervals. */
  readonly series?: SeriesRequest | null;
  /** 0 when absent. */
  readonly priority?: number;
}

export type TriggerResult =
  /** Ids of the runs, in the order of the requests; those of the first call when the key was used before. */
  | { readonly accepted: true; readonly runs: readonly string[] }
  /** Nothing was started: `running` of `dataset` is in the way. */
  | { readonly accepted: false; readonly dataset: string; readonly running: string };

/** Takes a transaction back and becomes the answer. */
export class Refused extends Error {
  constructor(
    readonly dataset: string,
    readonly running: string,
  ) {
    super('refused');
  }
}

/** The answer that was thrown; anything else is thrown again. */
export function refusal(error: unknown): TriggerResult {
  if (error instanceof Refused) return { accepted: false, dataset: error.dataset, running: error.running };
  throw error;
}

/**
 * One trigger of a dataset at a time, so that a second one with the same key finds the run of the first. A lock of its own: whoever
 * writes transitions takes the run first and the dataset after it, and so does what follows here.
 */
export async function lockTriggers(tx: Transaction, dataset: string): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('freshet.trigger:' || $1::text, 0))`, [dataset]);
}

export async function findRun(tx: Transaction, idempotencyKey: string): Promise<string | null> {
  const [existing] = await tx.query<{ id: string }>(`SELECT id FROM freshet.run WHERE idempotency_key = $1`, [
    idempotencyKey,
  ]);
  return existing?.id ?? null;
}

export const activeRunsOf = (
  tx: Transaction,
  dataset: string,
): Promise<Array<ActiveRun & { readonly priority: number }>> =>
  tx.query<ActiveRun & { readonly priority: number } & Record<string, unknown>>(
    `SELECT id, state, priority FROM freshet.run
     WHERE dataset = $1 AND NOT cancel_requested AND state IN ('queued','running','publishing','exporting') ORDER BY requested_at, id`,
    [dataset],
  );

export const parametersOf = ({ from, to }: TimeRange, only: readonly string[]): RunParameters => ({
  window: { from: from.toISOString(), to: to.toISOString() },
  ...(only.length > 0 ? { only } : {}),
});

export async function insertRun(
  tx: Transaction,
  run: Omit<RunRequest, 'concurrency' | 'series'>,
  parameters: RunParameters,
): Promise<void> {
  await tx.execute(`INSERT INTO freshet.dataset (id) VALUES ($1) ON CONFLICT DO NOTHING`, [run.dataset]);
  const [number] = await tx.query<{ generation: number }>(
    `UPDATE freshet.dataset SET next_generation = next_generation + 1 WHERE id = $1 RETURNING next_generation - 1 AS generation`,
    [run.dataset],
  );
  await tx.execute(
    `INSERT INTO freshet.run (id, dataset, state, trigger, idempotency_key, force, file, content_version, generation, params, priority, requested_at, progressed_at)
     VALUES ($1, $2, 'queued', $3, $4, $5, $6, $7, $8, $9, $10, clock_timestamp(), clock_timestamp())`,
    [
      run.runId,
      run.dataset,
      run.trigger,
      run.idempotencyKey,
      run.force,
      run.file,
      run.contentVersion,
      number?.generation,
      JSON.stringify(parameters),
      run.priority ?? 0,
    ],
  );
  await tx.execute(
    `INSERT INTO freshet.task (id, run_id, state, attempt, tries, next_attempt_at) VALUES ($1, $2, 'waiting', 1, 1, clock_timestamp())`,
    [run.taskId, run.runId],
  );
}
