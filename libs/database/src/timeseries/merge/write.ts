import { codeOf, type Transaction } from '../../base';
import { unbalanced } from '../../loading/publish/failures';
import { COUNT_DIFFERENCES, RESTAMP, differenceSql, insertFreshSql, replaceSql, reviseSql } from './difference';
import type { Staged } from './staged';
import { anyStoredSql, countSql, insertSql, type MergeStatement, type Sql } from './statement';

export interface MergeCounts {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Answers older than what confirmed the stored value. */
  readonly late: number;
  /** Further rows for the same interval; the one that says what is stored counts, or else the last. */
  readonly duplicates: number;
}

export const NO_ROWS: MergeCounts = { added: 0, changed: 0, unchanged: 0, late: 0, duplicates: 0 };

/** Compares staged rows with what is stored, and writes what differs. Callers hold the dataset's merge lock. */
export async function write(tx: Transaction, statement: MergeStatement, { rows }: Staged): Promise<MergeCounts> {
  // A hash of the batch; one that spills to disk takes several times as long. Nothing is compiled for so few rows.
  await tx.query(`SET LOCAL work_mem = '64MB'; SET LOCAL jit = off`);
  const look = anyStoredSql(statement);
  const [any] = await tx.query<{ stored: boolean }>(look.text, look.values);
  const counts = any?.stored === false ? await insert(tx, statement, rows) : await compare(tx, statement, rows);
  await tx.query('SET LOCAL work_mem TO DEFAULT; SET LOCAL jit TO DEFAULT');
  const { intervals, ...written } = counts;
  const unchanged = intervals - written.added - written.changed - written.late;
  return { ...written, unchanged, duplicates: rows - intervals };
}

type Written = Pick<MergeCounts, 'added' | 'changed' | 'late'> & { readonly intervals: number };

const UNIQUE_VIOLATION = '23505';

/** Where nothing is stored, the key tells whether an interval comes twice, and looking for it first would cost as much again. */
async function insert(tx: Transaction, statement: MergeStatement, rows: number): Promise<Written> {
  await tx.query('SAVEPOINT once');
  const added = await run(tx, insertSql(statement)).catch(async (error: unknown) => {
    if (codeOf(error) !== UNIQUE_VIOLATION) throw error;
    await tx.query('ROLLBACK TO SAVEPOINT once');
    return null;
  });
  await tx.query('RELEASE SAVEPOINT once');
  if (added === null) {
    const last = await run(tx, insertSql({ ...statement, duplicates: true }));
    return { added: last, changed: 0, late: 0, intervals: last };
  }
  if (added !== rows) throw unbalanced(`${rows} rows are staged and ${added} have a series`);
  return { added, changed: 0, late: 0, intervals: added };
}

async function compare(tx: Transaction, statement: MergeStatement, staged: number): Promise<Written> {
  const count = countSql(statement);
  const [{ rows = 0, intervals = 0 } = {}] = await tx.query<{ rows: number; intervals: number }>(
    count.text,
    count.values,
  );
  if (rows !== staged) throw unbalanced(`${staged} rows are staged and ${rows} have a series`);
  // Staging tables have no statistics, and a nested loop chosen for a few rows would take hours over many.
  await tx.query('SET LOCAL enable_nestloop = off');
  await run(tx, differenceSql({ ...statement, duplicates: rows > intervals }));
  await tx.query('SET LOCAL enable_nestloop TO DEFAULT');
  await tx.query('ANALYZE pg_temp.difference');
  const [counts] = await tx.query<{ added: number; changed: number; late: number; restamped: number }>(
    COUNT_DIFFERENCES,
  );
  const { added, changed, late, restamped } = counts ?? { ...NO_ROWS, restamped: 0 };
  if (added > 0) await run(tx, insertFreshSql(statement));
  if (changed + late > 0) await run(tx, reviseSql(statement));
  if (changed > 0) await run(tx, replaceSql(statement));
  if (restamped > 0) await tx.execute(RESTAMP);
  return { added, changed, late, intervals };
}

const run = (tx: Transaction, { text, values }: Sql): Promise<number> => tx.execute(text, values);
