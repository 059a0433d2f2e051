import type { Queryable } from '../base';

/** Keys that no request is sent with for now, and until when, by the database's clock. */
export const coolDowns = (
  sql: Queryable,
  keys: readonly string[],
): Promise<Array<{ readonly key: string; readonly until: Date; readonly seconds: number }>> =>
  sql.query(
    `SELECT key, until, extract(epoch FROM until - clock_timestamp())::float8 AS seconds FROM freshet.cool_down
     WHERE key = ANY ($1) AND until > clock_timestamp() ORDER BY key`,
    [keys],
  );

export interface ObservationStorage {
  /** Version of TimescaleDB where it holds the observations; null: partitions by month. */
  readonly timescaledb: string | null;
  readonly months: number;
  /** First instant without a partition; null where there are none yet, and with TimescaleDB, which makes its own. */
  readonly until: Date | null;
  /** Whether that instant has come already. */
  readonly over: boolean;
}

export async function observationStorage(sql: Queryable): Promise<ObservationStorage> {
  const [row] = await sql.query<{ timescaledb: string | null; months: number; until: Date | null; over: boolean }>(
    `SELECT CASE WHEN c.relkind <> 'p' THEN (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') END AS timescaledb,
            m.months::int AS months, m.until, coalesce(m.until <= clock_timestamp(), false) AS over
     FROM pg_class c
     CROSS JOIN LATERAL (
       SELECT count(*) AS months, (max(to_date(right(p.relname, 7), 'YYYY_MM')) + interval '1 month') AT TIME ZONE 'UTC' AS until
       FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhrelid WHERE i.inhparent = c.oid AND p.relname ~ '^observation_[0-9]{4}_[0-9]{2}$'
     ) m
     WHERE c.oid = 'freshet.observation'::regclass`,
  );
  return row ?? { timescaledb: null, months: 0, until: null, over: false };
}
