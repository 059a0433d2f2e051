import type { Transaction } from '../base';

/**
 * The fence between those who load for an attempt (shared) and whoever ends the attempt or publishes it (exclusive); until the
 * end of the transaction. Returns the task's attempt and state as they are under the lock, null when there is no such task.
 *
 * The row lock is the proof. The advisory lock before it keeps order: PostgreSQL grants a row's share lock to newcomers while a
 * writer waits, so two loaders taking turns hold off an exclusive locker for ever (measured); its lock manager queues fairly.
 * The exclusive row lock is `NO KEY UPDATE`: foreign keys that point to the task do not wait for it.
 */
export async function lockTask(
  tx: Transaction,
  taskId: string,
  mode: 'shared' | 'exclusive',
): Promise<{ attempt: number; state: string } | null> {
  await tx.query(
    `SELECT pg_advisory_xact_lock${mode === 'shared' ? '_shared' : ''}(hashtextextended('freshet.task:' || $1::text, 0))`,
    [taskId],
  );
  const [row] = await tx.query<{ attempt: number; state: string }>(
    `SELECT attempt, state FROM freshet.task WHERE id = $1 FOR ${mode === 'shared' ? 'SHARE' : 'NO KEY UPDATE'}`,
    [taskId],
  );
  return row ?? null;
}
