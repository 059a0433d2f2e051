import type { CheckResultView } from '@freshet/contracts';
import type { Queryable } from '../../base';
import { storableJson } from '../../loading/storable';
import type { KeysetPage } from '../queries';
import type { CheckOutcome, CheckScope } from './run';

/** One row a check. The results of a run take the place of earlier ones of the same run; those of health checks stand one after the other. */
export async function storeCheckOutcomes(
  sql: Queryable,
  dataset: string,
  { from, to, runId }: Pick<CheckScope, 'from' | 'to' | 'runId'>,
  outcomes: readonly CheckOutcome[],
): Promise<void> {
  if (runId !== null)
    await sql.execute('DELETE FROM freshet.check_result WHERE run_id = $1 AND dataset = $2', [runId, dataset]);
  await sql.execute(
    `INSERT INTO freshet.check_result (run_id, dataset, name, kind, severity, window_from, window_to, evaluated, failed, examples)
     SELECT $1, $2, o.name, o.kind, o.severity, $3, $4, o.evaluated, o.failed, o.examples
     FROM jsonb_to_recordset($5::jsonb) AS o (name text, kind text, severity text, evaluated bigint, failed bigint, examples jsonb)`,
    [runId, dataset, from, to, storableJson(outcomes)],
  );
}

interface ResultRow {
  readonly [column: string]: unknown;
  readonly from: Date;
  readonly to: Date;
  readonly checkedAt: Date;
}

const COLUMNS = `c.dataset, c.run_id AS "runId", c.name, c.kind, c.severity, c.window_from AS "from", c.window_to AS "to", c.evaluated, c.failed,
  c.examples, c.checked_at AS "checkedAt"`;

const toView = (row: ResultRow): CheckResultView => ({
  ...(row as unknown as CheckResultView),
  from: row.from.toISOString(),
  to: row.to.toISOString(),
  checkedAt: row.checkedAt.toISOString(),
});

export interface CheckResultsQuery {
  readonly dataset?: string;
  readonly runId?: string;
  readonly limit: number;
  /** `next` of the page before. */
  readonly before?: number;
}

/** Newest first. */
export async function listCheckResults(sql: Queryable, query: CheckResultsQuery): Promise<CheckResultView[]> {
  return [...(await pageOfCheckResults(sql, query)).items];
}

/** The same as a page: `next` is where an older one begins. */
export async function pageOfCheckResults(
  sql: Queryable,
  { dataset, runId, limit, before }: CheckResultsQuery,
): Promise<KeysetPage<CheckResultView, number>> {
  const values: unknown[] = [];
  const conditions = [
    ...(dataset === undefined ? [] : [`c.dataset = $${values.push(dataset)}`]),
    ...(runId === undefined ? [] : [`c.run_id = $${values.push(runId)}`]),
    ...(before === undefined ? [] : [`c.id < $${values.push(before)}`]),
  ];
  const rows = await sql.query<ResultRow & { readonly id: number }>(
    `SELECT c.id, ${COLUMNS} FROM freshet.check_result c ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
     ORDER BY c.id DESC LIMIT $${values.push(limit + 1)}`,
    values,
  );
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(({ id: _, ...row }) => toView(row as ResultRow)),
    next: rows.length > limit && last ? last.id : null,
  };
}

/** The newest result of each of these checks, in their order; those that never ran are left out. */
export async function newestCheckResults(
  sql: Queryable,
  dataset: string,
  names: readonly string[],
): Promise<CheckResultView[]> {
  const rows = await sql.query<ResultRow>(
    `SELECT c.* FROM unnest($2::text[]) WITH ORDINALITY AS n (name, nth)
     CROSS JOIN LATERAL (SELECT ${COLUMNS} FROM freshet.check_result c WHERE c.dataset = $1 AND c.name = n.name ORDER BY c.id DESC LIMIT 1) c
     ORDER BY n.nth`,
    [dataset, [...names]],
  );
  return rows.map(toView);
}
