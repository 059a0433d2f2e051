import type { Queryable } from '../base';

/** The newest tick of each dataset that was dealt with. */
export async function lastTicks(sql: Queryable): Promise<ReadonlyMap<string, Date>> {
  const rows = await sql.query<{ dataset: string; due_at: Date }>(
    `SELECT dataset, max(due_at) AS due_at FROM freshet.schedule_tick GROUP BY dataset`,
  );
  return new Map(rows.map((row) => [row.dataset, row.due_at]));
}

/** Remembers a tick; `runId` is null for one that started nothing. Older ticks of the dataset are dropped. */
export async function recordTick(sql: Queryable, dataset: string, due: Date, runId: string | null): Promise<void> {
  await sql.execute(
    `INSERT INTO freshet.schedule_tick (dataset, due_at, run_id) VALUES ($1, $2, $3) ON CONFLICT (dataset, due_at) DO UPDATE SET run_id = coalesce(excluded.run_id, freshet.schedule_tick.run_id)`,
    [dataset, due, runId],
  );
  await dropOldTicks(sql, dataset, due);
}

/** Remembers a tick that starts no run; false when somebody did before. */
export async function claimTick(sql: Queryable, name: string, due: Date): Promise<boolean> {
  const claimed = await sql.execute(
    `INSERT INTO freshet.schedule_tick (dataset, due_at, run_id) VALUES ($1, $2, NULL) ON CONFLICT (dataset, due_at) DO NOTHING`,
    [name, due],
  );
  if (claimed > 0) await dropOldTicks(sql, name, due);
  return claimed > 0;
}

/** Only the newest is asked for, every second; the others are kept for looking at. */
const dropOldTicks = (sql: Queryable, dataset: string, due: Date): Promise<number> =>
  sql.execute(
    `DELETE FROM freshet.schedule_tick WHERE dataset = $1 AND due_at < $2::timestamptz - interval '14 days'`,
    [dataset, due],
  );
