import { setTimeout as delay } from 'node:timers/promises';
import { quoteIdent, type Database } from '../base';
import type { TablePath } from './names';

/**
 * Whether a snapshot in use, here or on a standby that reports back, is older than the last move of the dataset's pointers. A pointer
 * row carries the number of the transaction that moved it; a negative age is one so old that its number came round again.
 */
export async function oldReaders(database: Database, dataset: string): Promise<'none' | 'some' | 'unknown'> {
  const [row] = await database.query<{ sighted: boolean; clear: boolean }>(
    `WITH moved AS (SELECT min(age(xmin)) FILTER (WHERE age(xmin) >= 0) AS age FROM freshet.pointer WHERE dataset = $1),
     snapshots AS (
       SELECT backend_xmin AS xmin FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid() AND (datname = current_database() OR datname IS NULL)
       UNION ALL SELECT xmin FROM pg_replication_slots WHERE xmin IS NOT NULL)
     SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sighted,
       (SELECT age FROM moved) IS NULL OR NOT EXISTS (SELECT 1 FROM snapshots WHERE age(xmin) >= (SELECT age FROM moved)) AS clear`,
    [dataset],
  );
  if (!row?.sighted) return 'unknown';
  return row.clear ? 'none' : 'some';
}

const PASS_POLL_MS = 10;
const PASS_LIMIT_MS = 5_000;
/** For a role that may not see what others are doing: planning a statement takes milliseconds. */
const PASS_BLIND_MS = 1_000;

/**
 * Waits until the statements that are at work on `tables` now have ended, or have run so long that they are certainly planned. Nobody is
 * held up by it but the caller.
 */
export async function letStatementsPass(database: Database, tables: readonly TablePath[]): Promise<void> {
  const [start] = await database.query<{ now: string; sighted: boolean }>(
    `SELECT clock_timestamp()::text AS now, pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sighted`,
  );
  if (!start?.sighted) return delay(PASS_BLIND_MS);
  const deadline = Date.now() + PASS_LIMIT_MS;
  while (Date.now() < deadline) {
    const [row] = await database.query<{ n: number }>(
      `SELECT count(*) AS n FROM pg_stat_activity a
       WHERE a.state = 'active' AND a.pid <> pg_backend_pid() AND a.query_start <= $2::timestamptz
       AND EXISTS (SELECT 1 FROM pg_locks l WHERE l.pid = a.pid AND l.locktype = 'relation' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.relation = ANY (SELECT to_regclass(t) FROM unnest($1::text[]) t))`,
      [tables.map((table) => quoteIdent(...table)), start.now],
    );
    if (row?.n === 0) return;
    await delay(PASS_POLL_MS);
  }
}
