import type { Transaction } from '../../base';
import { ledgerTotals } from '../../loading/generations';
import { refuseUnbalanced } from '../../loading/publish/balance';
import type { Candidate } from '../../loading/publish/candidate';
import { dropStaged } from '../../loading/publish/drop-staged';
import { unbalanced } from '../../loading/publish/failures';
import { lockRun, record, type Publication } from '../../loading/publish/outcome';
import { runSeriesChecks, type CheckOutcome } from '../checks';
import { confirmedAt } from './confirmed';
import { HeldError } from './held';
import { answerTimes, countMerged, insertMerge, windowOf } from './merge-row';
import { registerSeries } from './register';
import type { Staged, TimeSeriesDefinition } from './staged';
import type { MergeStatement } from './statement';
import { NO_ROWS, write, type MergeCounts } from './write';

export interface MergeFacts extends MergeCounts {
  /** Series that appeared with this run. */
  readonly newSeries: readonly string[];
  readonly checks: readonly CheckOutcome[];
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
  await refuseOthers(tx, candidate, staged, definition.timeseries.resource);
  // One merge of a dataset at a time: each sees what the one before it stored.
  await lockMerges(tx, definition.id);
  const window = windowOf(candidate, staged);
  const registered = await registerSeries(tx, definition, candidate.runId, staged.series);
  const merge = await insertMerge(tx, candidate, definition, window);
  const statement: MergeStatement | null =
    staged.table && staged.extent
      ? {
          dataset: definition.id,
          timeseries: definition.timeseries,
          table: staged.table,
          sourceColumn: staged.sourceColumn,
          series: registered.series,
          extent: staged.extent,
          answeredAt: answerTimes(candidate, merge.firstAnsweredAt),
          mergeId: merge.id,
          runId: candidate.runId,
          duplicates: false,
        }
      : null;
  const counts = statement ? await write(tx, statement, staged) : NO_ROWS;
  await countMerged(tx, merge.id, counts);
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

/** Rows that came after they were looked at would be without a series. @throws FreshetError `balance_mismatch` */
async function refuseOthers(
  tx: Transaction,
  { taskId, attempt }: Candidate,
  staged: Staged,
  resource: string,
): Promise<void> {
  const totals = await ledgerTotals(tx, { taskId, attempt });
  const rows = totals.find((total) => total.resource === resource)?.rows ?? 0;
  if (rows !== staged.rows) throw unbalanced(`${rows} rows were loaded and ${staged.rows} were looked at`);
}
