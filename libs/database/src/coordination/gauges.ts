import type { Queryable } from '../base';

/** Work for fetchers, as scaling and alerts need it. */
export interface TaskCounts {
  /** A fetcher may claim them now, or as soon as they are announced. */
  readonly pending: number;
  /** Held under a lease, however long the download takes. */
  readonly leased: number;
}

/**
 * A task that waits for its next try counts when that is due: until then no fetcher could do anything for it. Tasks of queued runs
 * do not count either, because another run of the dataset has to end first.
 */
const PENDING = /* sql */ `r.state = 'running' AND NOT r.cancel_requested
  AND (t.state = 'issued' OR t.state = 'waiting' AND coalesce(t.next_attempt_at, r.started_at, r.requested_at) <= clock_timestamp())`;

export async function taskCounts(sql: Queryable): Promise<TaskCounts> {
  const [row] = await sql.query<{ pending: number; leased: number }>(
    `SELECT count(*) FILTER (WHERE ${PENDING})::int AS pending, count(*) FILTER (WHERE t.state = 'leased')::int AS leased
     FROM freshet.task t JOIN freshet.run r ON r.id = t.run_id
     WHERE t.state IN ('waiting','issued','leased') AND r.state IN ('queued','running')`,
  );
  return { pending: row?.pending ?? 0, leased: row?.leased ?? 0 };
}
