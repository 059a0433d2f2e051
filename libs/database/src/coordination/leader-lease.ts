import type { Client } from 'pg';
import { quoteIdent, type Queryable } from '../base';

/** There is one thing to lead so far. */
const ROLE = 'coordinator';

/** Told when a leader gives up its lease, so that the next one does not wait for its turn. */
export const HANDOVER_CHANNEL = 'freshet_handover';

export interface LeaseClaim {
  /** Of the process, a UUID. */
  readonly owner: string;
  readonly leaseMs: number;
  /** Take the lease of an owner whose session has ended, instead of waiting until it expires. */
  readonly fromEndedSession: boolean;
}

/**
 * Takes the lease when it is free, renews it when it is ours; one statement, decided by the database's clock. Returns the epoch, which
 * every change of hands increases, or null while another process has it.
 */
export async function claimLeaderLease(client: Client, claim: LeaseClaim): Promise<number | null> {
  const { rows } = await client.query<{ epoch: number }>(
    `INSERT INTO freshet.leader AS held (role, owner, epoch, expires_at, backend_pid, backend_start)
     SELECT $1, $2::uuid, 1, clock_timestamp() + make_interval(secs => $3), pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()
     ON CONFLICT (role) DO UPDATE SET
       owner = excluded.owner,
       epoch = held.epoch + CASE WHEN held.owner = excluded.owner AND held.expires_at > clock_timestamp() THEN 0 ELSE 1 END,
       expires_at = clock_timestamp() + make_interval(secs => $3),
       backend_pid = excluded.backend_pid,
       backend_start = excluded.backend_start
     WHERE held.owner = excluded.owner OR held.expires_at <= clock_timestamp()
        OR ($4 AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.pid = held.backend_pid AND a.backend_start = held.backend_start))
     RETURNING epoch`,
    [ROLE, claim.owner, claim.leaseMs / 1000, claim.fromEndedSession],
  );
  return rows[0]?.epoch ?? null;
}

/** Gives the lease up, if it is ours. */
export async function releaseLeaderLease(client: Client, owner: string): Promise<void> {
  const { rowCount } = await client.query(
    `UPDATE freshet.leader SET expires_at = '-infinity' WHERE role = $1 AND owner = $2`,
    [ROLE, owner],
  );
  if (rowCount) await client.query(`NOTIFY ${quoteIdent(HANDOVER_CHANNEL)}`);
}

/** Whether a coordinator leads at this moment, and for which time in a row. */
export async function currentLeader(sql: Queryable): Promise<{ readonly epoch: number } | null> {
  const [row] = await sql.query<{ epoch: number }>(
    'SELECT epoch FROM freshet.leader WHERE role = $1 AND expires_at > clock_timestamp()',
    [ROLE],
  );
  return row ?? null;
}
