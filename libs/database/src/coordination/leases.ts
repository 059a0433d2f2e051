import { randomUUID } from 'node:crypto';
import { TOPICS, type ClaimAnswer, type FetchProgress, type Lease } from '@freshet/contracts';
import type { Failure, RunParameters, TaskManifest, Validators } from '@freshet/domain';
import type { Database, Queryable, Transaction } from '../base';
import { storableJson } from '../loading/storable';
import { wake } from './outbox';
import { lockTask } from './task-lock';

/**
 * The fetcher's side of an attempt. Reports are facts on the attempt's row; what follows from them the state machine decides. So
 * no report waits for the loaders that hold the task's row. Time is the database's.
 */

interface Holder {
  readonly dataset: string;
  readonly content_version: string;
  readonly force: boolean;
  readonly file: string | null;
  readonly tries: number;
  readonly validators: Validators | null;
  readonly params: RunParameters;
  [column: string]: unknown;
}

/** Grants the lease of an issued attempt once: the current attempt of a run that goes on. */
export async function claimAttempt(
  database: Database,
  taskId: string,
  attempt: number,
  worker: string,
  leaseMs: number,
): Promise<ClaimAnswer> {
  return database.transaction(async (tx): Promise<ClaimAnswer> => {
    const task = await lockTask(tx, taskId, 'exclusive');
    if (!task || task.state !== 'issued' || task.attempt !== attempt) return { granted: false };
    const holder = await holderOf(tx, taskId);
    if (!holder) return { granted: false };
    const token = randomUUID();
    await tx.execute(
      `UPDATE freshet.task SET state = 'leased', lease_token = $2, lease_worker = $3, lease_expires_at = clock_timestamp() + make_interval(secs => $4::float8 / 1000) WHERE id = $1`,
      [taskId, token, worker, leaseMs],
    );
    await tx.execute(
      `UPDATE freshet.task_attempt SET worker = $3, claimed_at = clock_timestamp(), lease_expires_at = clock_timestamp() + make_interval(secs => $4::float8 / 1000) WHERE task_id = $1 AND attempt = $2`,
      [taskId, attempt, worker, leaseMs],
    );
    await tx.execute(
      `UPDATE freshet.run SET progressed_at = clock_timestamp() WHERE id = (SELECT run_id FROM freshet.task WHERE id = $1)`,
      [taskId],
    );
    const { dataset, content_version: contentVersion, force, file, tries, validators, params } = holder;
    return {
      granted: true,
      token,
      leaseMs,
      spec: {
        dataset,
        contentVersion,
        force,
        file,
        tries,
        validators: validators ?? {},
        window: params.window ?? null,
        only: params.only ?? [],
      },
    };
  });
}

/** Validators are those of the newest published generation, and only when it was made with the same definition. */
async function holderOf(tx: Transaction, taskId: string): Promise<Holder | undefined> {
  const [holder] = await tx.query<Holder>(
    `SELECT r.dataset, r.content_version, r.force, r.file, r.params, t.tries,
            (SELECT g.validators FROM freshet.dataset d JOIN freshet.generation g ON g.dataset = d.id AND g.number = d.head_generation
             WHERE d.id = r.dataset AND g.content_version = r.content_version AND NOT r.force) AS validators
     FROM freshet.task t JOIN freshet.run r ON r.id = t.run_id
     WHERE t.id = $1 AND r.state = 'running' AND NOT r.cancel_requested`,
    [taskId],
  );
  return holder;
}

/** Whether `lease` ($1 task, $2 attempt, $3 token) is still the one of the task. */
const HELD = /* sql */ `EXISTS (SELECT 1 FROM freshet.task t JOIN freshet.run r ON r.id = t.run_id
  WHERE t.id = $1 AND t.attempt = $2 AND t.lease_token = $3 AND t.state IN ('leased','fetched') AND r.state = 'running' AND NOT r.cancel_requested)`;

export async function renewLease(
  sql: Queryable,
  lease: Lease,
  progress: FetchProgress,
  leaseMs: number,
): Promise<{ held: boolean; leaseMs: number; cancelled: boolean }> {
  const values = [lease.taskId, lease.attempt, lease.token];
  const [renewed] = await sql.query<{ moved: boolean }>(
    `UPDATE freshet.task_attempt a SET lease_expires_at = clock_timestamp() + make_interval(secs => $4::float8 / 1000), progress = $5
     FROM (SELECT progress FROM freshet.task_attempt WHERE task_id = $1 AND attempt = $2) old
     WHERE a.task_id = $1 AND a.attempt = $2 AND a."end" IS NULL AND ${HELD}
     RETURNING (old.progress -> 'bytesReceived', old.progress -> 'chunksCut') IS DISTINCT FROM (a.progress -> 'bytesReceived', a.progress -> 'chunksCut') AS moved`,
    [...values, leaseMs, JSON.stringify(progress)],
  );
  if (renewed) {
    if (renewed.moved)
      await sql.execute(
        `UPDATE freshet.run SET progressed_at = clock_timestamp() WHERE id = (SELECT run_id FROM freshet.task WHERE id = $1)`,
        [lease.taskId],
      );
    return { held: true, leaseMs, cancelled: false };
  }
  const [run] = await sql.query<{ cancelled: boolean }>(
    `SELECT r.cancel_requested OR r.state = 'cancelled' AS cancelled FROM freshet.task t JOIN freshet.run r ON r.id = t.run_id WHERE t.id = $1`,
    [lease.taskId],
  );
  return { held: false, leaseMs: 0, cancelled: run?.cancelled ?? false };
}

/** Whose lease it is, null when it is not held any more. Being asked for counts as progress of the run. */
export async function heldLease(sql: Queryable, lease: Lease): Promise<{ dataset: string; priority: number } | null> {
  const [holder] = await sql.query<{ dataset: string; priority: number }>(
    `UPDATE freshet.run SET progressed_at = clock_timestamp()
     WHERE id = (SELECT run_id FROM freshet.task WHERE id = $1) AND ${HELD} RETURNING dataset, priority`,
    [lease.taskId, lease.attempt, lease.token],
  );
  return holder ?? null;
}

/** A second report of the same holder, sent because the first answer was lost, is held as well and changes nothing. */
async function report(
  database: Database,
  lease: Lease,
  end: 'fetched' | 'failed' | 'released',
  set: string,
  values: readonly unknown[],
): Promise<{ held: boolean }> {
  return database.transaction(async (tx) => {
    const key = [lease.taskId, lease.attempt, lease.token];
    const reported = await tx.execute(
      `UPDATE freshet.task_attempt SET "end" = '${end}', ended_at = clock_timestamp()${set}
       WHERE task_id = $1 AND attempt = $2 AND "end" IS NULL AND ${HELD}`,
      [...key, ...values],
    );
    if (reported > 0) {
      await tx.execute(
        `UPDATE freshet.run SET progressed_at = clock_timestamp() WHERE id = (SELECT run_id FROM freshet.task WHERE id = $1)`,
        [lease.taskId],
      );
      await wake(tx);
      return { held: true };
    }
    const again = await tx.query(
      `SELECT 1 FROM freshet.task_attempt WHERE task_id = $1 AND attempt = $2 AND "end" = '${end}' AND ${HELD}`,
      key,
    );
    return { held: again.length > 0 };
  });
}

export const completeAttempt = (
  database: Database,
  lease: Lease,
  manifest: TaskManifest,
  progress: FetchProgress,
): Promise<{ held: boolean }> =>
  report(database, lease, 'fetched', ', manifest = $4, progress = $5', [
    storableJson(manifest),
    JSON.stringify(progress),
  ]);

export const failAttempt = (
  database: Database,
  lease: Lease,
  failure: Failure,
  retryAfterMs: number,
): Promise<{ held: boolean }> =>
  report(database, lease, 'failed', ', failure = $4, retry_after_ms = $5', [
    storableJson(failure),
    Math.max(0, Math.round(retryAfterMs)),
  ]);

export const releaseAttempt = (database: Database, lease: Lease): Promise<{ held: boolean }> =>
  report(database, lease, 'released', '', []);

/** A later stage, or a dead letter, ends an attempt. The first failure stays. False when the attempt is not the current one any more. */
export async function reportStageFailure(
  database: Database,
  taskId: string,
  attempt: number,
  failure: Failure,
): Promise<boolean> {
  return database.transaction(async (tx) => {
    const reported = await tx.execute(
      `UPDATE freshet.task_attempt a SET failure = $3
       FROM freshet.task t JOIN freshet.run r ON r.id = t.run_id
       WHERE a.task_id = $1 AND a.attempt = $2 AND a.failure IS NULL
         AND t.id = a.task_id AND t.attempt = a.attempt AND t.state IN ('issued','leased','fetched') AND r.state = 'running'`,
      [taskId, attempt, storableJson(failure)],
    );
    if (reported > 0) await wake(tx);
    return reported > 0;
  });
}

/** Peak resident memory of a process while it worked on a run; the largest value stays. */
export async function recordPeak(
  sql: Queryable,
  peak: { runId: string; service: string; instance: string; peakRssBytes: number },
): Promise<void> {
  await sql.execute(
    `INSERT INTO freshet.run_process (run_id, service, instance, peak_rss_bytes)
     SELECT $1, $2, $3, $4 WHERE EXISTS (SELECT 1 FROM freshet.run WHERE id = $1)
     ON CONFLICT (run_id, service, instance) DO UPDATE SET peak_rss_bytes = greatest(freshet.run_process.peak_rss_bytes, excluded.peak_rss_bytes)`,
    [peak.runId, peak.service, peak.instance, peak.peakRssBytes],
  );
}

/**
 * For a system of one process: whatever was in flight died with the former one. Attempts count as handed back, and the watchdog
 * repeats every command at once. Returns the number of runs that go on.
 */
export async function abandonInFlight(database: Database): Promise<number> {
  return database.transaction(async (tx) => {
    await tx.execute(
      `UPDATE freshet.task_attempt a SET "end" = 'released'
       FROM freshet.task t JOIN freshet.run r ON r.id = t.run_id
       WHERE a.task_id = t.id AND a.attempt = t.attempt AND r.state = 'running' AND a.failure IS NULL
         AND t.state IN ('leased','fetched') AND a.manifest ->> 'outcome' IS DISTINCT FROM 'not_modified'`,
    );
    // What was sent last may have been lost with the process: commands and events bear being sent twice.
    await tx.execute(
      `UPDATE freshet.outbox SET sent_at = NULL
       WHERE topic = ANY ($1) AND sent_at > (SELECT max(sent_at) FROM freshet.outbox) - interval '1 minute'`,
      [[TOPICS.loadCommanded, TOPICS.runEvents]],
    );
    return tx.execute(
      `UPDATE freshet.run SET progressed_at = 'epoch' WHERE state IN ('queued','running','publishing','exporting')`,
    );
  });
}
