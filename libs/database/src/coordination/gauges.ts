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

/** When a run was asked for and when it ended; null while it has not. */
export async function runTimes(sql: Queryable, runId: string): Promise<{ requestedAt: Date; endedAt: Date } | null> {
  const [row] = await sql.query<{ requestedAt: Date; endedAt: Date }>(
    `SELECT requested_at AS "requestedAt", ended_at AS "endedAt" FROM freshet.run WHERE id = $1 AND ended_at IS NOT NULL`,
    [runId],
  );
  return row ?? null;
}

/** What alerts need to know of one dataset. Backfill and cancelled runs tell nothing about its state. */
export interface DatasetGauges {
  readonly dataset: string;
  /** Last confirmation by the publisher; before the first, when the dataset was first asked for. */
  readonly confirmedAt: Date;
  /** Failed runs since the last success. */
  readonly failedRuns: number;
  /** Failure code of the newest run, when that failed. */
  readonly failure: string | null;
  /** Of what is published; null when nothing is, and for time series. */
  readonly rows: number | null;
}

export const datasetGauges = (sql: Queryable): Promise<DatasetGauges[]> =>
  sql.query<DatasetGauges & Record<string, unknown>>(
    `SELECT d.id AS dataset, coalesce(d.confirmed_at, d.created_at) AS "confirmedAt",
            (SELECT count(*) FROM freshet.run f WHERE f.dataset = d.id AND f.state = 'failed' AND f.priority >= 0
               AND f.ended_at > coalesce((SELECT max(s.ended_at) FROM freshet.run s WHERE s.dataset = d.id AND s.state IN ('published','unchanged') AND s.priority >= 0), '-infinity'))::int AS "failedRuns",
            (SELECT CASE WHEN r.state = 'failed' THEN r.failure ->> 'code' END FROM freshet.run r
             WHERE r.dataset = d.id AND r.state IN ('published','unchanged','failed') AND r.priority >= 0 ORDER BY r.ended_at DESC, r.id LIMIT 1) AS failure,
            (SELECT sum(gr."rows") FROM freshet.generation_resource gr WHERE gr.dataset = d.id AND gr.generation = d.current_generation)::float8 AS "rows"
     FROM freshet.dataset d ORDER BY d.id`,
  );

/** What alerts need to know of everything together. Ages are measured by the database's clock, in seconds; 0 when there is none. */
export interface SystemGauges {
  readonly oldestPendingTask: number;
  readonly unsentMessages: number;
  readonly oldestUnsentMessage: number;
  /** Of the last day, and not replayed. */
  readonly deadLetters: number;
  readonly databaseBytes: number;
  readonly runs: Readonly<Record<string, number>>;
}

export async function systemGauges(sql: Queryable): Promise<SystemGauges> {
  const [row] = await sql.query<SystemGauges & Record<string, unknown>>(
    `SELECT coalesce((SELECT extract(epoch FROM clock_timestamp() - min(greatest(t.issued_at, t.next_attempt_at, r.started_at, r.requested_at)))
                      FROM freshet.task t JOIN freshet.run r ON r.id = t.run_id WHERE t.state IN ('waiting','issued') AND ${PENDING}), 0)::float8 AS "oldestPendingTask",
            (SELECT count(*) FROM freshet.outbox WHERE sent_at IS NULL)::int AS "unsentMessages",
            coalesce((SELECT extract(epoch FROM clock_timestamp() - min(created_at)) FROM freshet.outbox WHERE sent_at IS NULL), 0)::float8 AS "oldestUnsentMessage",
            (SELECT count(*) FROM freshet.dead_letter WHERE replayed_at IS NULL AND received_at > clock_timestamp() - interval '1 day')::int AS "deadLetters",
            pg_database_size(current_database())::float8 AS "databaseBytes",
            (SELECT coalesce(jsonb_object_agg(state, n), '{}') FROM (SELECT state, count(*) AS n FROM freshet.run WHERE state IN ('queued','running','publishing','exporting') GROUP BY state) s) AS runs`,
  );
  if (!row) throw new Error('the gauges query returned no row');
  return row;
}
