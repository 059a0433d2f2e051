import { admit, type ActiveRun, type ConcurrencyPolicy, type RunId, type TaskId, type Trigger } from '@freshet/domain';
import type { Database, Transaction } from '../base';
import { wake } from './outbox';

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
}

export type TriggerResult =
  /** Ids of the runs, in the order of the requests; those of the first call when the key was used before. */
  | { readonly accepted: true; readonly runs: readonly string[] }
  /** Nothing was started: `running` of `dataset` is in the way. */
  | { readonly accepted: false; readonly dataset: string; readonly running: string };

/** Plans one run with its task a request: all of them, or none when one is refused. */
export async function createRuns(database: Database, requests: readonly RunRequest[]): Promise<TriggerResult> {
  try {
    return await database.transaction(async (tx) => {
      const ids = new Map<string, string>();
      // In one order for everybody, so that two callers cannot wait for each other.
      for (const request of [...requests].sort((a, b) => (a.dataset < b.dataset ? -1 : 1)))
        ids.set(request.dataset, await createRun(tx, request));
      await wake(tx);
      return { accepted: true, runs: requests.map((request) => ids.get(request.dataset) ?? request.runId) };
    });
  } catch (error) {
    if (error instanceof Refused) return { accepted: false, dataset: error.dataset, running: error.running };
    throw error;
  }
}

class Refused extends Error {
  constructor(
    readonly dataset: string,
    readonly running: string,
  ) {
    super('refused');
  }
}

async function createRun(tx: Transaction, request: RunRequest): Promise<string> {
  await tx.execute(`INSERT INTO freshet.dataset (id) VALUES ($1) ON CONFLICT DO NOTHING`, [request.dataset]);
  // One trigger of a dataset at a time; a second one with the same key finds the run of the first.
  await tx.query(`SELECT 1 FROM freshet.dataset WHERE id = $1 FOR NO KEY UPDATE`, [request.dataset]);
  const [existing] = await tx.query<{ id: string }>(`SELECT id FROM freshet.run WHERE idempotency_key = $1`, [
    request.idempotencyKey,
  ]);
  if (existing) return existing.id;

  const active = await tx.query<ActiveRun & Record<string, unknown>>(
    `SELECT id, state FROM freshet.run
     WHERE dataset = $1 AND NOT cancel_requested AND state IN ('queued','running','publishing','exporting') ORDER BY requested_at, id`,
    [request.dataset],
  );
  const admission = admit(request.concurrency, active);
  if (!admission.admit) throw new Refused(request.dataset, admission.running);
  await tx.execute(
    `UPDATE freshet.run SET cancel_requested = true WHERE id = ANY ($1) AND state IN ('queued','running')`,
    [admission.cancel],
  );

  const [number] = await tx.query<{ generation: number }>(
    `UPDATE freshet.dataset SET next_generation = next_generation + 1 WHERE id = $1 RETURNING next_generation - 1 AS generation`,
    [request.dataset],
  );
  await tx.execute(
    `INSERT INTO freshet.run (id, dataset, state, trigger, idempotency_key, force, file, content_version, generation, requested_at, progressed_at)
     VALUES ($1, $2, 'queued', $3, $4, $5, $6, $7, $8, clock_timestamp(), clock_timestamp())`,
    [
      request.runId,
      request.dataset,
      request.trigger,
      request.idempotencyKey,
      request.force,
      request.file,
      request.contentVersion,
      number?.generation,
    ],
  );
  await tx.execute(
    `INSERT INTO freshet.task (id, run_id, state, attempt, tries, next_attempt_at) VALUES ($1, $2, 'waiting', 1, 1, clock_timestamp())`,
    [request.taskId, request.runId],
  );
  return request.runId;
}

/** Asks for the cancellation of a run; the machine does it. Returns whether the run can still be cancelled; null: no such run. */
export async function requestCancel(
  database: Database,
  runId: string,
): Promise<{ state: string; accepted: boolean } | null> {
  return database.transaction(async (tx) => {
    const [run] = await tx.query<{ state: string }>(`SELECT state FROM freshet.run WHERE id = $1 FOR NO KEY UPDATE`, [
      runId,
    ]);
    if (!run) return null;
    const accepted = run.state === 'queued' || run.state === 'running';
    if (accepted) {
      await tx.execute(`UPDATE freshet.run SET cancel_requested = true WHERE id = $1`, [runId]);
      await wake(tx);
    }
    return { state: run.state, accepted };
  });
}
