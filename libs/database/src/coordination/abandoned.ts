import type { Queryable } from '../base';

/** A batch is sent in one go, so a live loader owes the server bytes for milliseconds. */
export const ABANDONED_AFTER_SECONDS = 12;

/**
 * Ends sessions of ours that have been waiting for the rest of a COPY. A loader that vanished there holds its task's lock and its
 * ledger entry, no timeout of PostgreSQL's ends that wait, and keepalives do not where something in between still answers them. The
 * server rolls the transaction back; a loader that was only slow is told that its connection is gone, and loads the batch again.
 * Returns how many were ended.
 */
export async function endAbandonedCopies(sql: Queryable, afterSeconds = ABANDONED_AFTER_SECONDS): Promise<number> {
  const ended = await sql.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid() AND application_name LIKE 'freshet%'
       AND state = 'active' AND wait_event = 'ClientRead' AND query LIKE 'COPY % FROM STDIN'
       AND query_start < clock_timestamp() - make_interval(secs => $1)`,
    [afterSeconds],
  );
  return ended.length;
}
