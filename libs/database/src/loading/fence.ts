import type { Transaction } from '../base';
import { lockTask } from '../coordination/task-lock';
import type { Attempt } from './names';

/** The attempt is not the current one any more: what it still brings does nothing. */
export class FencedError extends Error {
  constructor(attempt: Attempt) {
    super(`attempt ${attempt.attempt} of task ${attempt.taskId} is fenced`);
    this.name = 'FencedError';
  }
}

export interface CurrentAttempt {
  readonly runId: string;
  readonly dataset: string;
  /** Number the run publishes under, if it does. */
  readonly generation: number;
}

/**
 * Proves, until the transaction ends, that `attempt` is the current one of its task and may load: the share lock keeps the
 * coordinator from issuing another. @throws FencedError
 */
export async function assertCurrent(tx: Transaction, attempt: Attempt): Promise<CurrentAttempt> {
  const task = await lockTask(tx, attempt.taskId, 'shared');
  if (!task || task.attempt !== attempt.attempt || (task.state !== 'leased' && task.state !== 'fetched'))
    throw new FencedError(attempt);
  const [run] = await tx.query<{ id: string; dataset: string; generation: number }>(
    'SELECT r.id, r.dataset, r.generation FROM freshet.task t JOIN freshet.run r ON r.id = t.run_id WHERE t.id = $1',
    [attempt.taskId],
  );
  if (!run) throw new FencedError(attempt);
  return { runId: run.id, dataset: run.dataset, generation: run.generation };
}
