import type { CheckResultView } from '@freshet/contracts';
import type { DatasetDefinition, SeriesCheck } from '@freshet/domain';
import type { Transaction } from '../../base';
import { POINT, type CheckedDefinition, type Over, type Reach } from './kind';
import { seriesCheckKind } from './registry';
import { storeCheckOutcomes } from './results';

/** What is looked at. */
export interface CheckScope {
  /** Interval starts, half-open. */
  readonly from: Date;
  readonly to: Date;
  /** Null for the health check. */
  readonly runId: string | null;
  /** Only these series of the dataset; all of them when absent. */
  readonly seriesIds?: readonly number[];
  /** By which days are complete; the database's clock when absent. */
  readonly now?: Date;
}

export interface CheckOutcome extends Pick<CheckResultView, 'name' | 'kind' | 'severity' | 'examples'> {
  /** What could be compared; 0 says nothing about the data. */
  readonly evaluated: number;
  readonly failed: number;
  /** A check of severity `hold` failed: the run must not be published. */
  readonly held: boolean;
}

const EXAMPLES = 10;

/**
 * Every check of the definition over what is stored for the window, after a merge has written its rows in the same transaction, or
 * by itself as the health check. Stores one result a check, and flags: an observation in the window, or within reach of it, is `suspect`
 * exactly when a check of that severity failed for it, otherwise `good`; `missing` and `estimated` stay what they are. Only flags that differ
 * are written, no value ever is. The caller holds the dataset's merge lock, so that nobody changes what is being judged; and where an
 * outcome is `held` he gives the transaction up, and may store the outcomes in another with `storeCheckOutcomes`.
 * @throws FreshetError `definition_invalid` when a kind is missing
 */
export async function runSeriesChecks(
  tx: Transaction,
  definition: Pick<DatasetDefinition, 'id' | 'paging' | 'timeseries'>,
  scope: CheckScope,
): Promise<readonly CheckOutcome[]> {
  const { timeseries } = definition;
  if (!timeseries || scope.from >= scope.to) return [];
  const { sql, values } = statementOf({ ...definition, timeseries }, scope);
  // The statement is large and its rows are few: compiling it would take longer than running it.
  await tx.query('SET LOCAL jit = off');
  const rows = await tx.query<Pick<CheckOutcome, 'evaluated' | 'failed' | 'examples'> & { nth: number }>(sql, values);
  const byCheck = new Map(rows.map((row) => [row.nth, row]));
  const outcomes = timeseries.checks.map(({ name, kind, severity }, nth): CheckOutcome => {
    const { evaluated = 0, failed = 0, examples = [] } = byCheck.get(nth) ?? {};
    return { name, kind, severity, evaluated, failed, examples, held: severity === 'hold' && failed > 0 };
  });
  await storeCheckOutcomes(tx, definition.id, scope, outcomes);
  return outcomes;
}

/** All checks and the flags in one statement: they see the same rows, and what a flag needs is computed once. */
function statementOf(definition: CheckedDefinition, scope: CheckScope): { sql: string; values: unknown[] } {
  const series = definition.timeseries;
  const values: unknown[] = [];
  const bound = new Map<string, string>();
  const bind = (value: unknown, type: string): string => {
    const key = `${type} ${JSON.stringify(value)}`;
    const known = bound.get(key) ?? `$${values.push(value)}::${type}`;
    bound.set(key, known);
    return known;
  };
  const instant = (at: Date, seconds = 0): string =>
    bind(new Date(at.getTime() + seconds * 1000).toISOString(), 'timestamptz');
  // Parameters are bound when they are first used: PostgreSQL refuses those that stand nowhere in a statement.
  const window = { from: () => instant(scope.from), to: () => instant(scope.to) };
  const reach = flagReach(definition.timeseries.checks, definition);
  const over = ({ before, after }: Reach): Over => ({
    definition,
    series,
    bind,
    window,
    from: (seconds = 0) => instant(scope.from, seconds - before),
    to: (seconds = 0) => instant(scope.to, seconds + after),
    now: () => (scope.now ? instant(scope.now) : 'now()'),
    partial: scope.seriesIds !== undefined,
  });
  // What an observation before the window is flagged by may lie in it: that is as far as a kind looks ahead, and the other way round.
  const flagged = over({ before: reach.after, after: reach.before });
  const verdicts = series.checks.map((check, nth) => ({
    nth,
    suspect: check.severity === 'suspect',
    sql: seriesCheckKind(check.kind).verdicts(check as never, check.severity === 'suspect' ? flagged : over(POINT)),
  }));
  const dataset = bind(definition.id, 'text');
  const columns = 'id, name, respondent, aggregate, kind, codes, resolution_seconds';
  const subject = scope.seriesIds ? `WHERE id = ANY (${bind([...scope.seriesIds], 'bigint[]')})` : '';
  const marks = verdicts.filter(({ suspect }) => suspect).map(({ nth }) => `SELECT * FROM verdict_${nth} WHERE failed`);
  const sql = `WITH mine AS MATERIALIZED (SELECT ${columns} FROM freshet.series WHERE dataset = ${dataset}),
subject AS MATERIALIZED (SELECT * FROM mine ${subject}),
family AS MATERIALIZED (SELECT DISTINCT ON (name) ${columns} FROM freshet.series
  WHERE split_part(dataset, '.', 1) = split_part(${dataset}, '.', 1) ORDER BY name, dataset <> ${dataset}, dataset),
${verdicts.map(({ nth, sql: select }) => `verdict_${nth} AS MATERIALIZED (${select}),\n`).join('')}mark AS MATERIALIZED (
  SELECT series_id, starts_at FROM (${marks.length > 0 ? marks.join(' UNION ALL ') : 'SELECT NULL::bigint AS series_id, NULL::timestamptz AS starts_at'}) m
  WHERE series_id IS NOT NULL),
flag AS (
  UPDATE freshet.observation o SET quality = CASE o.quality WHEN 'good' THEN 'suspect' ELSE 'good' END
  FROM subject s
  WHERE o.series_id = s.id AND o.starts_at >= ${flagged.from()} AND o.starts_at < ${flagged.to()} AND o.quality IN ('good', 'suspect')
    AND (o.quality = 'suspect') <> ((o.series_id, o.starts_at) IN (SELECT series_id, starts_at FROM mark)))
${verdicts.length > 0 ? verdicts.map(({ nth }) => summaryOf(nth, window)).join('\nUNION ALL\n') : 'SELECT WHERE false'}`;
  return { sql, values };
}

/** Counts of one check over the window itself, and examples: the newest of every series first. */
const summaryOf = (nth: number, { from, to }: Over['window']): string =>
  `SELECT ${nth}::bigint AS nth, count(*) AS evaluated, count(*) FILTER (WHERE failed) AS failed, coalesce((
    SELECT jsonb_agg(jsonb_build_object('series', shown, 'startsAt', to_char(starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
      'value', value, 'detail', detail) ORDER BY age, shown)
    FROM (SELECT *, row_number() OVER (PARTITION BY shown ORDER BY episode DESC) AS age
          FROM (SELECT DISTINCT ON (shown, episode) * FROM verdict_${nth}
                WHERE counted AND failed AND starts_at >= ${from()} AND starts_at < ${to()} ORDER BY shown, episode, starts_at) e
          ORDER BY age, shown LIMIT ${EXAMPLES}) e), '[]'::jsonb) AS examples
FROM verdict_${nth} WHERE counted AND starts_at >= ${from()} AND starts_at < ${to()}`;

function flagReach(checks: readonly SeriesCheck[], { timeseries }: CheckedDefinition): Reach {
  const reaches = checks
    .filter(({ severity }) => severity === 'suspect')
    .map((check) => seriesCheckKind(check.kind).reach(check as never, timeseries));
  return {
    before: Math.max(0, ...reaches.map(({ before }) => before)),
    after: Math.max(0, ...reaches.map(({ after }) => after)),
  };
}
