import type { StoredColumn } from '@freshet/contracts';
import { FreshetError, type LedgerTotals } from '@freshet/domain';
import type { Queryable } from '../base';
import type { Attempt } from './names';

/** One resource of one generation, as recorded when it was published. */
export interface GenerationResource extends Attempt {
  readonly resource: string;
  readonly rowsFrom: number;
  readonly rows: number;
  readonly refused: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly columns: readonly StoredColumn[];
}

export async function generationResources(
  db: Queryable,
  dataset: string,
  generation: number,
): Promise<GenerationResource[]> {
  return db.query<GenerationResource & Record<string, unknown>>(
    `SELECT resource, rows_from AS "rowsFrom", task_id AS "taskId", attempt, "rows", refused, bytes, sha256, columns
     FROM freshet.generation_resource WHERE dataset = $1 AND generation = $2 ORDER BY resource`,
    [dataset, generation],
  );
}

/** Resources of a generation whose rows are there. @throws FreshetError `not_found` when it is unknown or retired */
export async function keptGeneration(
  db: Queryable,
  dataset: string,
  generation: number,
): Promise<GenerationResource[]> {
  const [found] = await db.query<{ state: string }>(
    'SELECT state FROM freshet.generation WHERE dataset = $1 AND number = $2',
    [dataset, generation],
  );
  if (found?.state === 'published') return generationResources(db, dataset, generation);
  if (!found) await refuseTimeSeries(db, dataset);
  throw new FreshetError('not_found', {
    message: `generation ${generation} of ${dataset} ${found ? 'is not kept any more' : 'does not exist'}`,
    nextStep: `Choose one of the generations of: freshet generations ${dataset}.`,
    attributes: { dataset, generation },
  });
}

/** @throws FreshetError `not_found` when the dataset is merged, and so has no generations that could be named */
export async function refuseTimeSeries(db: Queryable, dataset: string): Promise<void> {
  const [merged] = await db.query('SELECT FROM freshet.merge WHERE dataset = $1 LIMIT 1', [dataset]);
  if (!merged) return;
  throw new FreshetError('not_found', {
    message: `${dataset} is a time series and has no generations: what a run changed stands in its revisions`,
    nextStep: 'Ask for the values that were known at an earlier time: GET /api/v1/observations with as-of.',
    attributes: { dataset },
  });
}

export interface GenerationState {
  readonly current: number | null;
  readonly head: number | null;
  readonly pinned: boolean;
}

export async function generationState(db: Queryable, dataset: string): Promise<GenerationState> {
  const [row] = await db.query<{ current: number | null; head: number | null; pinned: boolean }>(
    'SELECT current_generation AS current, head_generation AS head, pinned FROM freshet.dataset WHERE id = $1',
    [dataset],
  );
  return row ?? { current: null, head: null, pinned: false };
}

/** The ledger of one attempt, summed per resource. */
export async function ledgerTotals(db: Queryable, { taskId, attempt }: Attempt): Promise<LedgerTotals[]> {
  return db.query<LedgerTotals & Record<string, unknown>>(
    `SELECT resource, count(*) AS chunks, sum(records) AS records, sum("rows") AS "rows", sum(refused) AS refused, sum(bytes)::bigint AS bytes
     FROM freshet.ledger WHERE task_id = $1 AND attempt = $2 GROUP BY resource ORDER BY resource`,
    [taskId, attempt],
  );
}

/** Chunk summaries of an attempt's resource in chunk order, for writers that must know a whole column first. */
export async function chunkSummaries(
  db: Queryable,
  { taskId, attempt }: Attempt,
  resource: string,
): Promise<unknown[]> {
  const rows = await db.query<{ summary: unknown }>(
    'SELECT summary FROM freshet.ledger WHERE task_id = $1 AND attempt = $2 AND resource = $3 ORDER BY chunk',
    [taskId, attempt, resource],
  );
  return rows.map(({ summary }) => summary);
}
