import { RUN_ENDS } from '@freshet/domain';
import type { Database, Queryable } from '../base';

export interface PruneRequest {
  /** What ended longer ago than so many days may go. */
  readonly keepDays: number;
  /** Runs, and check results, that go at once at most: a transaction stays short, however much there is. */
  readonly limit: number;
}

export interface PrunedRuns {
  readonly runs: number;
  /** Records of generations that were retired before, whose rows are gone since. */
  readonly generations: number;
}

/**
 * Forgets runs that ended long ago, oldest first, with their tasks, attempts, ledger, quarantine and dead letters. What stays, however
 * old: the newest run of a dataset and its newest success, and every run whose rows are in a generation that is kept. Observations need
 * no run: what they came from stands with their merge. The idempotency key of a run that is gone starts a new one.
 */
export async function pruneRuns(database: Database, { keepDays, limit }: PruneRequest): Promise<PrunedRuns> {
  return database.transaction(async (tx) => {
    const ids = (await tx.query<{ id: string }>(CANDIDATES, [RUN_ENDS, keepDays, limit])).map(({ id }) => id);
    if (ids.length === 0) return { runs: 0, generations: 0 };
    await tx.execute(
      `DELETE FROM freshet.change_log c USING freshet.generation g WHERE g.run_id = ANY ($1) AND c.dataset = g.dataset AND c.to_generation = g.number`,
      [ids],
    );
    const generations = await tx.execute('DELETE FROM freshet.generation WHERE run_id = ANY ($1)', [ids]);
    await tx.execute('DELETE FROM freshet.dead_letter WHERE run_id = ANY ($1)', [ids]);
    return { runs: await tx.execute('DELETE FROM freshet.run WHERE id = ANY ($1)', [ids]), generations };
  });
}

/**
 * A generation may have its rows from an earlier one, and then the task of that one describes them. What people see of a dataset, and
 * alerts, go by its newest run and newest success that are no backfill. A run that somebody has locked waits for the next time.
 */
const CANDIDATES = /* sql */ `
WITH newest AS MATERIALIZED (
  SELECT n.id FROM freshet.dataset d
  CROSS JOIN LATERAL (
    (SELECT id FROM freshet.run WHERE dataset = d.id ORDER BY requested_at DESC, id DESC LIMIT 1)
    UNION ALL
    (SELECT id FROM freshet.run WHERE dataset = d.id AND priority >= 0 ORDER BY requested_at DESC, id DESC LIMIT 1)
    UNION ALL
    (SELECT id FROM freshet.run WHERE dataset = d.id AND state IN ('published','unchanged') AND priority >= 0 ORDER BY requested_at DESC, id DESC LIMIT 1)
  ) n
)
SELECT r.id FROM freshet.run r
WHERE r.state = ANY ($1) AND r.ended_at < clock_timestamp() - make_interval(days => $2)
  AND r.id NOT IN (SELECT id FROM newest)
  AND NOT EXISTS (SELECT 1 FROM freshet.generation g WHERE g.run_id = r.id AND g.state = 'published')
  AND NOT EXISTS (SELECT 1 FROM freshet.generation g
                  JOIN freshet.generation_resource gr ON gr.dataset = g.dataset AND gr.generation = g.number
                  JOIN freshet.task t ON t.id = gr.task_id
                  WHERE g.dataset = r.dataset AND g.state = 'published' AND t.run_id = r.id)
  AND NOT EXISTS (SELECT 1 FROM freshet.backfill_partition p WHERE p.dataset = r.dataset AND p.run_id = r.id AND p.state IN ('pending','leased'))
ORDER BY r.ended_at LIMIT $3 FOR UPDATE OF r SKIP LOCKED`;

/** Only the oldest are looked at, so that it costs little where nothing is to be done. Returns how many went. */
export const pruneCheckResults = (sql: Queryable, { keepDays, limit }: PruneRequest): Promise<number> =>
  sql.execute(
    `DELETE FROM freshet.check_result WHERE id IN (SELECT id FROM freshet.check_result ORDER BY id LIMIT $2)
     AND checked_at < clock_timestamp() - make_interval(days => $1)`,
    [keepDays, limit],
  );
