import type { Transaction } from '../../base';
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
  /** Further rows for the same interval; the last one counts. */
  readonly duplicates: number;
}

export const NO_ROWS: MergeCounts = { added: 0, changed: 0, unchanged: 0, late: 0, duplicates: 0 };

/** Compares staged rows with what is stored, and writes what differs. Callers hold the dataset's merge lock. */
export async function write(tx: Transaction, statement: MergeStatement, staged: Staged): Promise<MergeCounts> {
  // A hash of the batch; one that spills to disk takes several times as long. Nothing is compiled for so few rows.
  await tx.query(`SET LOCAL work_mem = '64MB'; SET LOCAL jit = off`);
  const intervals = staged.intervals ?? (await countIntervals(tx, statement));
  const duplicates = staged.rows - intervals;
  const counts = await compared(tx, { ...statement, duplicates: duplicates > 0 }, intervals);
  await tx.query('SET LOCAL work_mem TO DEFAULT; SET LOCAL jit TO DEFAULT');
  return { ...counts, unchanged: intervals - counts.added - counts.changed - counts.late, duplicates };
}

async function compared(
  tx: Transaction,
  statement: MergeStatement,
  intervals: number,
): Promise<Pick<MergeCounts, 'added' | 'changed' | 'late'>> {
  const look = anyStoredSql(statement);
  const [any] = await tx.query<{ stored: boolean }>(look.text, look.values);
  if (any?.stored === false) {
    const added = await run(tx, insertSql(statement));
    if (added !== intervals) throw unbalanced(`${intervals} intervals are staged and ${added} have a series`);
    return { added, changed: 0, late: 0 };
  }
  // Staging tables have no statistics, and a nested loop chosen for a few rows would take hours over many.
  await tx.query('SET LOCAL enable_nestloop = off');
  await run(tx, differenceSql(statement));
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
  return { added, changed, late };
}

const run = (tx: Transaction, { text, values }: Sql): Promise<number> => tx.execute(text, values);

async function countIntervals(tx: Transaction, statement: MergeStatement): Promise<number> {
  const { text, values } = countSql(statement);
  const [row] = await tx.query<{ intervals: number }>(text, values);
  return row?.intervals ?? 0;
}
