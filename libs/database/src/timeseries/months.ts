import { FreshetError } from '@freshet/domain';
import { quoteIdent, type Database, type Queryable } from '../base';

const LOCK_TIMEOUT_MS = 5_000;

/** First instants of months in UTC. */
export type Month = Date;

export const monthOf = (instant: Date): Month => new Date(Date.UTC(instant.getUTCFullYear(), instant.getUTCMonth(), 1));

export const nextMonth = (month: Month): Month =>
  new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1));

/** Months that `from` to `to` (half-open) touches. */
export function monthsBetween(from: Date, to: Date): Month[] {
  const months: Month[] = [];
  for (let month = monthOf(from); month < to; month = nextMonth(month)) months.push(month);
  return months;
}

/** `observation_2026_11`. @throws FreshetError `type_mismatch` for years that no stamp is of */
export function monthTable(month: Month): string {
  const year = month.getUTCFullYear();
  if (!(year >= 1 && year <= 9999))
    throw new FreshetError('type_mismatch', {
      message: `a row is stamped with the year ${year}`,
      nextStep: 'Compare dateFormats of the definition with what the publisher sends; nothing was stored.',
      attributes: { year },
    });
  return `observation_${String(year).padStart(4, '0')}_${String(month.getUTCMonth() + 1).padStart(2, '0')}`;
}

/**
 * Makes the partitions of these months that are not there yet; nothing to do in a hypertable, which makes its own. Readers are not held up:
 * a partition is made beside the table and attached, which takes no lock that a query minds. Safe when several loaders do it at once.
 * Returns the tables made here. A lock that is not to be had within five seconds is an error of PostgreSQL (55P03).
 */
export async function ensureMonths(database: Database, months: readonly Month[]): Promise<readonly string[]> {
  const wanted = new Map(months.map((month) => [monthTable(month), month]));
  if (wanted.size === 0 || !(await isPartitioned(database))) return [];
  const missing = await missingOf(database, [...wanted.keys()]);
  if (missing.length === 0) return [];
  return database.transaction(async (tx) => {
    await tx.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('freshet.observation', 0))`);
    const still = await missingOf(tx, missing);
    for (const table of still) {
      const month = wanted.get(table) ?? new Date(NaN);
      const [from, to] = [month.toISOString(), nextMonth(month).toISOString()];
      const name = quoteIdent('freshet', table);
      await tx.query(`CREATE TABLE ${name} (LIKE freshet.observation INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`);
      await tx.query(
        `ALTER TABLE freshet.observation ATTACH PARTITION ${name} FOR VALUES FROM ('${from}') TO ('${to}')`,
      );
    }
    return still;
  });
}

async function isPartitioned(db: Queryable): Promise<boolean> {
  const [row] = await db.query(`SELECT FROM pg_class WHERE oid = 'freshet.observation'::regclass AND relkind = 'p'`);
  return row !== undefined;
}

async function missingOf(db: Queryable, tables: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `SELECT name FROM unnest($1::text[]) AS wanted (name)
     WHERE NOT EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'freshet.observation'::regclass AND c.relname = wanted.name)
     ORDER BY name`,
    [tables],
  );
  return rows.map(({ name }) => name);
}

const AHEAD_DAYS = 40;

/** The month of `now` and the one that comes, so that the first run of a month has nothing to wait for. */
export const ensureMonthsAhead = (database: Database, now: Date): Promise<readonly string[]> =>
  ensureMonths(database, monthsBetween(now, new Date(now.getTime() + AHEAD_DAYS * 86_400_000)));
