import { FreshetError, type RequestReport } from '@freshet/domain';
import type { Transaction } from '../../base';
import { ledgerTotals } from '../../loading/generations';
import { refuseUnbalanced } from '../../loading/publish/balance';
import type { Candidate } from '../../loading/publish/candidate';
import { dropStaged } from '../../loading/publish/drop-staged';
import { unbalanced } from '../../loading/publish/failures';
import { lockRun, record, type Publication } from '../../loading/publish/outcome';
import { storableJson } from '../../loading/storable';
import { runSeriesChecks, type CheckOutcome } from '../checks';
import { confirmedAt } from './confirmed';
import { registerSeries } from './register';
import type { TimeSeriesDefinition, Staged } from './staged';
import {
  COUNT_DIFFERENCES,
  RESTAMP,
  anyStoredSql,
  countSql,
  differenceSql,
  insertFreshSql,
  insertSql,
  replaceSql,
  reviseSql,
  type MergeStatement,
  type Sql,
} from './statement';

export interface MergeCounts {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Answers older than what confirmed the stored value. */
  readonly late: number;
  /** Further rows for the same interval; the last one counts. */
  readonly duplicates: number;
}

export interface MergeFacts extends MergeCounts {
  /** Series that appeared with this run. */
  readonly newSeries: readonly string[];
  readonly checks: readonly CheckOutcome[];
}

export interface Window {
  /** Interval starts, half-open. */
  readonly from: Date;
  readonly to: Date;
}

/** A check that holds runs back failed: the transaction is given up. */
export class HeldError extends FreshetError {
  constructor(
    readonly window: Window,
    readonly outcomes: readonly CheckOutcome[],
  ) {
    const names = outcomes.filter(({ held }) => held).map(({ name, failed }) => `${name} (${failed})`);
    super('check_failed', {
      message: `checks hold the run back: ${names.join(', ')}`,
      nextStep:
        'Nothing of the run was stored. Look at the examples of the checks; if the values are right, give the check another severity, and refresh again.',
      attributes: { checks: names.join(', ') },
    });
  }
}

export type MergeResult = Publication & { readonly merge: MergeFacts | null };

/** Under the locks of the run and of the dataset's merges, everything is looked at again and written. */
export async function mergeStaged(
  tx: Transaction,
  definition: TimeSeriesDefinition,
  candidate: Candidate,
  staged: Staged,
): Promise<MergeResult> {
  const earlier = await lockRun(tx, candidate);
  if (earlier) return { ...earlier, merge: null };
  await refuseUnbalanced(tx, candidate);
  await refuseOthers(tx, candidate, staged);
  // One merge of a dataset at a time: each sees what the one before it stored.
  await lockMerges(tx, definition.id);
  const window = windowOf(candidate, staged);
  const registered = await registerSeries(tx, definition, candidate.runId, staged.series);
  const mergeId = await insertMerge(tx, candidate, definition, window);
  const statement: MergeStatement | null =
    staged.table && staged.extent
      ? {
          dataset: definition.id,
          timeseries: definition.timeseries,
          table: staged.table,
          sourceColumn: staged.sourceColumn,
          series: registered.series,
          extent: staged.extent,
          answeredAt: answerTimes(candidate),
          mergeId,
          runId: candidate.runId,
          duplicates: false,
        }
      : null;
  const counts = statement ? await write(tx, statement, staged) : NO_ROWS;
  await tx.execute(
    'UPDATE freshet.merge SET added = $2, changed = $3, unchanged = $4, late = $5, duplicates = $6 WHERE id = $1',
    [mergeId, counts.added, counts.changed, counts.unchanged, counts.late, counts.duplicates],
  );
  const seriesIds = [...new Set(registered.series.map(({ id }) => id))];
  const checks =
    definition.timeseries.checks.length > 0
      ? await runSeriesChecks(tx, definition, { ...window, runId: candidate.runId, seriesIds })
      : [];
  if (checks.some(({ held }) => held)) throw new HeldError(window, checks);
  await dropStaged(tx, candidate);
  const confirmed = await confirmedAt(tx, definition);
  await tx.execute('UPDATE freshet.dataset SET confirmed_at = $2 WHERE id = $1', [definition.id, confirmed]);
  const outcome = counts.added + counts.changed > 0 ? 'published' : 'unchanged';
  const publication = await record(tx, candidate.runId, { outcome, generation: null, failure: null }, confirmed);
  return { ...publication, merge: { ...counts, newSeries: registered.added, checks } };
}

/** Held by whoever changes observations of a dataset, until the end of the transaction. */
export async function lockMerges(tx: Transaction, dataset: string): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('merge:' || $1::text, 0))`, [dataset]);
}

const NO_ROWS: MergeCounts = { added: 0, changed: 0, unchanged: 0, late: 0, duplicates: 0 };

async function write(tx: Transaction, statement: MergeStatement, staged: Staged): Promise<MergeCounts> {
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

/** Rows that came after they were looked at would be without a series. @throws FreshetError `balance_mismatch` */
async function refuseOthers(tx: Transaction, { taskId, attempt }: Candidate, staged: Staged): Promise<void> {
  const totals = await ledgerTotals(tx, { taskId, attempt });
  const rows = totals.reduce((sum, total) => sum + total.rows, 0);
  if (rows !== staged.rows) throw unbalanced(`${rows} rows were loaded and ${staged.rows} were looked at`);
}

/** What was asked for; where nobody said, what came. */
function windowOf({ manifest }: Candidate, { extent }: Staged): Window {
  if (manifest.window) return { from: new Date(manifest.window.from), to: new Date(manifest.window.to) };
  return extent ?? { from: new Date(0), to: new Date(0) };
}

/** By chunk. Chunks without a request are as old as the oldest answer, so that they never pass for newer than they are. */
function answerTimes({ manifest }: Candidate): Date[] {
  const requests = manifest.requests ?? [];
  const oldest = new Date(Math.min(...requests.map(({ at }) => Date.parse(at)), Date.now()));
  const chunks = Math.max(0, ...manifest.resources.map((resource) => resource.chunks));
  const times = Array.from({ length: chunks }, () => oldest);
  for (const { at, chunks: cut } of requests) if (cut) times.fill(new Date(at), cut[0], cut[1] + 1);
  return times;
}

async function insertMerge(
  tx: Transaction,
  { runId, taskId, attempt, dataset, contentVersion, manifest }: Candidate,
  { paging }: TimeSeriesDefinition,
  window: Window,
): Promise<number> {
  const requests: readonly RequestReport[] = manifest.requests ?? [];
  const times = requests.map(({ at }) => Date.parse(at));
  const [first, last] = times.length > 0 ? [Math.min(...times), Math.max(...times)] : [null, null];
  const [row] = await tx.query<{ id: number }>(
    `INSERT INTO freshet.merge (run_id, task_id, attempt, dataset, content_version, window_from, window_to, selected, requests, first_answered_at, answered_at,
       added, changed, unchanged, late, duplicates)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, coalesce($10, now()), coalesce($11, now()), 0, 0, 0, 0, 0) RETURNING id`,
    [
      runId,
      taskId,
      attempt,
      dataset,
      contentVersion,
      window.from,
      window.to,
      manifest.selected ?? paging?.select.values ?? [],
      storableJson(requests),
      first === null ? null : new Date(first),
      last === null ? null : new Date(last),
    ],
  );
  return row?.id ?? 0;
}
