import { admit, catchUpFrom, rollingWindow, type RunParameters } from '@freshet/domain';
import type { Database, Transaction } from '../base';
import { wake } from './outbox';
import {
  Refused,
  activeRunsOf,
  findRun,
  insertRun,
  lockTriggers,
  parametersOf,
  refusal,
  type RunRequest,
  type SeriesRequest,
  type TriggerResult,
} from './planned-run';
import { storedSeries } from './stored-series';

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
    return refusal(error);
  }
}

async function createRun(tx: Transaction, request: RunRequest): Promise<string> {
  await lockTriggers(tx, request.dataset);
  const existing = await findRun(tx, request.idempotencyKey);
  if (existing) return existing;
  // Backfill is not in the way of anything, and nothing is in its way.
  if ((request.priority ?? 0) >= 0) {
    const active = (await activeRunsOf(tx, request.dataset)).filter(({ priority }) => priority >= 0);
    const admission = admit(request.concurrency, active);
    if (!admission.admit) throw new Refused(request.dataset, admission.running);
    await tx.execute(
      `UPDATE freshet.run SET cancel_requested = true WHERE id = ANY ($1) AND state IN ('queued','running')`,
      [admission.cancel],
    );
  }
  await insertRun(tx, request, request.series ? await resolve(tx, request.dataset, request.series) : {});
  return request.runId;
}

async function resolve(
  tx: Transaction,
  dataset: string,
  { rule, window, only, selected, now }: SeriesRequest,
): Promise<RunParameters> {
  if (window) return parametersOf(window, only);
  const stored = await storedSeries(tx, dataset, only.length > 0 ? only : selected, catchUpFrom(rule, now));
  return parametersOf(rollingWindow(rule, stored, now), only);
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
