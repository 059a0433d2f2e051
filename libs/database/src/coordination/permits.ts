import type { Lease, PermitAnswer } from '@freshet/contracts';
import { LONGEST_PERMIT_WAIT_MS, decidePermit, type LimitState, type RateLimit } from '@freshet/domain';
import type { Database, Queryable, Transaction } from '../base';
import { heldLease } from './leases';

/**
 * Permits to send a request to a publisher, shared by all fetchers and coordinators: what is remembered of a limit stands in the
 * database, and time is the database's. The rows of a key are locked while one permit is decided, so that permits of it come one
 * after the other.
 */

/** For a caller that does not hold its lease any more: it finds out when it renews. */
const NOT_HELD: PermitAnswer = { granted: false, waitMs: 1_000 };
/** Of a dataset that is not defined here nobody knows what its publisher bears; its run stands still until it is. */
const NOT_DEFINED: PermitAnswer = { granted: false, waitMs: LONGEST_PERMIT_WAIT_MS };
/** However long a publisher asks for; a suspension that lasts is met again by the next request. */
const LONGEST_COOL_DOWN_MS = 24 * 3_600_000;

/** Null: no limit; undefined: no such dataset here. */
export type RateLimitOf = (dataset: string) => RateLimit | null | undefined;

/** A permit for the holder of `lease`, by the limit of its dataset. Asking counts as progress: who waits for leave does not hang. */
export async function requestPermit(database: Database, lease: Lease, limitOf: RateLimitOf): Promise<PermitAnswer> {
  const holder = await heldLease(database, lease);
  if (!holder) return NOT_HELD;
  const limit = limitOf(holder.dataset);
  if (limit === undefined) return NOT_DEFINED;
  if (limit === null) return { granted: true, waitMs: 0 };
  return takePermit(database, limit, holder.priority < 0 ? 'low' : 'normal');
}

/** Nobody gets a permit of the key of the lease's dataset for `ms`, at most a day. A longer cool-down that runs already stays. */
export async function requestCoolDown(
  database: Database,
  lease: Lease,
  ms: number,
  limitOf: RateLimitOf,
): Promise<void> {
  const holder = await heldLease(database, lease);
  const limit = holder && limitOf(holder.dataset);
  if (limit) await coolDown(database, limit.key, ms);
}

export async function takePermit(
  database: Database,
  { key, limits }: Pick<RateLimit, 'key' | 'limits'>,
  priority: 'normal' | 'low',
): Promise<PermitAnswer> {
  return database.transaction(async (tx) => {
    const tats = await lockedTats(
      tx,
      key,
      limits.map(({ perSeconds }) => perSeconds),
    );
    // Read under the lock: time goes by while one waits for it.
    const [clock] = await tx.query<{ now: number; cool_until: number | null }>(
      `SELECT ${micros('clock_timestamp()')} AS now, (SELECT ${micros('until')} FROM freshet.cool_down WHERE key = $1) AS cool_until`,
      [key],
    );
    if (!clock) throw new Error('the database did not tell the time');
    const states: LimitState[] = limits.map((limit) => ({ ...limit, tat: tats.get(limit.perSeconds) ?? clock.now }));
    const decision = decidePermit({ limits: states, now: clock.now, coolUntil: clock.cool_until, priority });
    if (decision.granted)
      await tx.execute(
        `UPDATE freshet.rate_limit r SET tat = 'epoch'::timestamptz + n.tat * interval '1 microsecond'
         FROM unnest($2::int[], $3::bigint[]) AS n (per_seconds, tat) WHERE r.key = $1 AND r.per_seconds = n.per_seconds`,
        [key, states.map(({ perSeconds }) => perSeconds), decision.tats],
      );
    return { granted: decision.granted, waitMs: decision.waitMs };
  });
}

export async function coolDown(sql: Queryable, key: string, ms: number): Promise<void> {
  await sql.execute(
    `INSERT INTO freshet.cool_down (key, until) VALUES ($1, clock_timestamp() + $2::bigint * interval '1 millisecond')
     ON CONFLICT (key) DO UPDATE SET until = greatest(freshet.cool_down.until, excluded.until)`,
    [key, Math.min(Math.max(0, Math.ceil(ms)), LONGEST_COOL_DOWN_MS)],
  );
}

/** What is remembered of each limit, by its period, locked until the transaction ends. */
async function lockedTats(
  tx: Transaction,
  key: string,
  periods: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const lock = (): Promise<Array<{ per_seconds: number; tat: number }>> =>
    tx.query(
      `SELECT per_seconds, ${micros('tat')} AS tat FROM freshet.rate_limit WHERE key = $1 AND per_seconds = ANY ($2::int[]) ORDER BY per_seconds FOR UPDATE`,
      [key, periods],
    );
  let rows = await lock();
  if (rows.length < new Set(periods).size) {
    await tx.execute(
      `INSERT INTO freshet.rate_limit (key, per_seconds, tat) SELECT $1, p, clock_timestamp() FROM unnest($2::int[]) p ORDER BY p ON CONFLICT DO NOTHING`,
      [key, periods],
    );
    rows = await lock();
  }
  return new Map(rows.map((row) => [row.per_seconds, row.tat]));
}

/** An instant as whole microseconds since 1970, which a JavaScript number holds exactly. */
const micros = (instant: string): string => `(extract(epoch FROM ${instant}) * 1000000)::bigint`;
