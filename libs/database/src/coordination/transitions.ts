import { randomUUID } from 'node:crypto';
import { TOPICS } from '@freshet/contracts';
import { isEnded, type Failure, type RunCommand, type Transition } from '@freshet/domain';
import type { Database, Transaction } from '../base';
import { addMessage } from './outbox';
import type { ActiveRunSnapshot } from './snapshots';
import { lockTask } from './task-lock';

/** Longest wait for a fence: loaders hold it for one batch, so longer means that something hangs, and other runs must not wait. */
const LOCK_TIMEOUT = '5s';

/**
 * Writes one transition with everything that belongs to it, or nothing: false when the run has moved since the snapshot.
 * Lock order everywhere: task, run, dataset.
 */
export async function applyTransition(
  database: Database,
  run: ActiveRunSnapshot,
  transition: Transition,
): Promise<boolean> {
  return database.transaction(async (tx) => {
    await tx.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
    if (!(await holds(tx, run, transition))) return false;
    await writeTask(tx, run, transition);
    await writeRun(tx, run, transition);
    await writeDataset(tx, run, transition);
    for (const command of transition.commands) await send(tx, run, transition, command);
    return true;
  });
}

/** Takes the locks and proves the fence. A transition that leaves the task alone does not wait for its loaders. */
async function holds(tx: Transaction, run: ActiveRunSnapshot, { from, task, why }: Transition): Promise<boolean> {
  const touchesTask = task.state !== from.task || task.attempt !== from.attempt;
  const held = touchesTask
    ? await lockTask(tx, run.taskId, 'exclusive')
    : (
        await tx.query<{ attempt: number; state: string }>(`SELECT attempt, state FROM freshet.task WHERE id = $1`, [
          run.taskId,
        ])
      )[0];
  const [current] = await tx.query<{ state: string; cancel: boolean }>(
    `SELECT state, cancel_requested AND state IN ('queued','running') AS cancel FROM freshet.run WHERE id = $1 FOR NO KEY UPDATE`,
    [run.runId],
  );
  // Whoever asked for a cancellation was told that it will happen.
  if (current?.cancel && why !== 'cancel') return false;
  return held?.attempt === from.attempt && held.state === from.task && current?.state === from.run;
}

async function writeTask(
  tx: Transaction,
  run: ActiveRunSnapshot,
  { from, task, attemptEnd, failure, commands, run: state }: Transition,
): Promise<void> {
  if (attemptEnd) {
    await tx.execute(
      `UPDATE freshet.task_attempt SET "end" = $3, failure = coalesce(failure, $4), ended_at = coalesce(ended_at, clock_timestamp()) WHERE task_id = $1 AND attempt = $2`,
      [run.taskId, from.attempt, attemptEnd, json(failure)],
    );
  }
  if (commands.includes('fetch')) {
    await tx.execute(
      `INSERT INTO freshet.task_attempt (task_id, attempt, issued_at) VALUES ($1, $2, clock_timestamp()) ON CONFLICT (task_id, attempt) DO NOTHING`,
      [run.taskId, task.attempt],
    );
  }
  if (task.state === from.task && task.attempt === from.attempt) return;
  const fresh = task.attempt !== from.attempt;
  await tx.execute(
    `UPDATE freshet.task SET state = $2, attempt = $3, tries = $4,
       next_attempt_at = CASE WHEN $2 = 'waiting' THEN clock_timestamp() + make_interval(secs => $5::float8 / 1000) ELSE next_attempt_at END,
       issued_at = CASE WHEN $2 = 'issued' THEN clock_timestamp() ELSE issued_at END,
       lease_token = CASE WHEN $6 THEN NULL ELSE lease_token END,
       lease_worker = CASE WHEN $6 THEN NULL ELSE lease_worker END,
       lease_expires_at = CASE WHEN $6 THEN NULL ELSE lease_expires_at END,
       manifest = CASE WHEN $6 THEN NULL ELSE coalesce((SELECT a.manifest FROM freshet.task_attempt a WHERE a.task_id = $1 AND a.attempt = $7), manifest) END,
       progress = coalesce((SELECT a.progress FROM freshet.task_attempt a WHERE a.task_id = $1 AND a.attempt = $7), progress),
       failure = $8
     WHERE id = $1`,
    [
      run.taskId,
      task.state,
      task.attempt,
      task.tries,
      task.delayMs,
      fresh,
      from.attempt,
      json(state === 'failed' || attemptEnd ? failure : null),
    ],
  );
}

async function writeRun(tx: Transaction, run: ActiveRunSnapshot, { run: state, failure }: Transition): Promise<void> {
  await tx.execute(
    `UPDATE freshet.run SET state = $2, progressed_at = clock_timestamp(),
       started_at = CASE WHEN $2 = 'running' THEN coalesce(started_at, clock_timestamp()) ELSE started_at END,
       ended_at = CASE WHEN $3 THEN clock_timestamp() ELSE NULL END,
       failure = $4
     WHERE id = $1`,
    [run.runId, state, isEnded(state), json(state === 'failed' ? failure : null)],
  );
}

/**
 * The publisher confirmed the content: what is published stays fresh, and is compared with the newest validators. Of a time series the
 * publication says what is confirmed: until when all of it has data, whatever part the run asked for.
 */
async function writeDataset(tx: Transaction, run: ActiveRunSnapshot, { why }: Transition): Promise<void> {
  if (why === 'not_modified') {
    await tx.execute(
      `INSERT INTO freshet.publication (run_id, outcome, generation)
       SELECT $2, 'unchanged', d.head_generation FROM freshet.dataset d WHERE d.id = $1 ON CONFLICT (run_id) DO NOTHING`,
      [run.dataset, run.runId],
    );
  }
  if (why === 'unchanged') {
    await tx.execute(
      `UPDATE freshet.generation g SET validators = t.manifest -> 'validators'
       FROM freshet.dataset d, freshet.task t
       WHERE d.id = $1 AND t.id = $2 AND g.dataset = d.id AND g.number = d.head_generation AND g.content_version = $3 AND t.manifest ? 'validators'`,
      [run.dataset, run.taskId, run.contentVersion],
    );
  }
  if (why === 'not_modified' || why === 'unchanged' || why === 'published' || why === 'export') {
    await tx.execute(
      `UPDATE freshet.dataset d SET confirmed_at = greatest(d.confirmed_at, CASE WHEN r.params ? 'window' THEN p.confirmed_at ELSE coalesce(p.confirmed_at, p.decided_at, clock_timestamp()) END)
       FROM freshet.run r LEFT JOIN freshet.publication p ON p.run_id = r.id
       WHERE d.id = $1 AND r.id = $2`,
      [run.dataset, run.runId],
    );
  }
}

async function send(
  tx: Transaction,
  run: ActiveRunSnapshot,
  transition: Transition,
  command: RunCommand,
): Promise<void> {
  const { runId, taskId, dataset, contentVersion } = run;
  if (command === 'fetch') {
    const meta = {
      type: 'fetch.requested',
      dataset,
      runId,
      taskId,
      attempt: transition.task.attempt,
      contentVersion,
    } as const;
    return addMessage(tx, TOPICS.fetchRequested, taskId, meta, runId);
  }
  if (command === 'ended') return addMessage(tx, TOPICS.runEvents, runId, await ended(tx, run, transition), runId);
  return addMessage(
    tx,
    TOPICS.loadCommanded,
    dataset,
    { type: command, commandId: randomUUID(), dataset, runId },
    runId,
  );
}

async function ended(tx: Transaction, { runId, dataset }: ActiveRunSnapshot, { run: outcome, failure }: Transition) {
  if (!isEnded(outcome)) throw new Error(`a run that is ${outcome} has not ended`);
  const [row] = await tx.query<{ generation: number | null; ended_at: Date }>(
    `SELECT r.ended_at, (SELECT p.generation FROM freshet.publication p WHERE p.run_id = r.id) AS generation FROM freshet.run r WHERE r.id = $1`,
    [runId],
  );
  return {
    type: 'run.ended',
    dataset,
    runId,
    outcome,
    generation: row?.generation ?? null,
    failure: outcome === 'failed' ? failure : null,
    endedAt: (row?.ended_at ?? new Date()).toISOString(),
  } as const;
}

const json = (failure: Failure | null): string | null => (failure ? JSON.stringify(failure) : null);
