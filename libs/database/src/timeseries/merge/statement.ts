import { storedName, type TimeSeries } from '@freshet/domain';
import { quoteIdent } from '../../base';
import { quotedList } from '../../loading/columns';
import type { TablePath } from '../../loading/names';
import { nameColumns } from './names';
import { civilStart, codeText } from './staged';

/** A series with its number, and the texts by which rows of it are known. */
export interface NumberedSeries {
  readonly id: number;
  readonly key: readonly string[];
  readonly respondent: string;
}

export interface MergeStatement {
  readonly dataset: string;
  readonly timeseries: TimeSeries;
  readonly table: TablePath;
  readonly sourceColumn: string | null;
  readonly series: readonly NumberedSeries[];
  readonly extent: { readonly from: Date; readonly to: Date };
  /** When the answer was complete that each chunk was cut from, by chunk. */
  readonly answeredAt: readonly Date[];
  readonly mergeId: number;
  readonly runId: string;
  /** Whether an earlier look found two rows for one interval. */
  readonly duplicates: boolean;
}

export interface Sql {
  readonly text: string;
  readonly values: readonly unknown[];
}

class Values {
  readonly list: unknown[] = [];
  bind(value: unknown, type: string): string {
    return `$${this.list.push(value)}::${type}`;
  }
}

/** How many rows have a series, and how many intervals they are of, whatever way their series is written. */
export function countSql(statement: MergeStatement): Sql {
  const values = new Values();
  const text = `WITH ${seriesMap(statement, values)}
    SELECT coalesce(sum(n), 0)::bigint AS "rows", count(*) AS intervals
    FROM (SELECT count(*) AS n FROM ${quoteIdent(...statement.table)} s JOIN series_map m ON ${joined(statement.timeseries)}
          GROUP BY m.id, s.${quoteIdent(storedName(statement.timeseries.time.column))}) g`;
  return { text, values: values.list };
}

/** Whether anything is stored of these series and hours. */
export function anyStoredSql({ series, extent }: MergeStatement): Sql {
  const ids = series.map(({ id }) => id);
  return {
    text: `SELECT EXISTS (SELECT FROM freshet.observation WHERE series_id = ANY ($1::bigint[]) AND starts_at >= $2 AND starts_at < $3) AS stored`,
    values: [ids, extent.from, extent.to],
  };
}

const OBSERVATION_COLUMNS =
  'series_id, starts_at, ends_at, value, quality, corrected_starts_at, answered_at, first_seen, merge_id, chunk, "row", source';

/** All rows as they are, where nothing is stored that they could be compared with. */
export function insertSql(statement: MergeStatement): Sql {
  const values = new Values();
  const common = `WITH ${seriesMap(statement, values)}, ${candidate(statement, values)}`;
  const text = `${common}
    INSERT INTO freshet.observation (${OBSERVATION_COLUMNS}) SELECT ${observationOf(statement, values)} FROM candidate`;
  return { text, values: values.list };
}

/**
 * Staged rows compared with what is stored over the same series and hours, into a temporary table: those that are not there (`fresh`), that
 * say something else (`other`), or whose stamp is corrected differently. `late`: the stored value was confirmed by a later answer. Rows that
 * say the same leave nothing.
 */
export function differenceSql(statement: MergeStatement): Sql {
  const { extent, series } = statement;
  const values = new Values();
  const common = `${seriesMap(statement, values)}, ${candidate(statement, values)}`;
  const oldest = values.bind(new Date(Math.min(...statement.answeredAt.map(Number))), 'timestamptz');
  const [from, to] = [values.bind(extent.from, 'timestamptz'), values.bind(extent.to, 'timestamptz')];
  const ids = values.bind(
    series.map(({ id }) => id),
    'bigint[]',
  );
  const text = `CREATE TEMPORARY TABLE difference ON COMMIT DROP AS
    WITH ${common},
    -- Whole windows confirmed after the oldest of our answers was given; almost always none.
    newer AS MATERIALIZED (
      SELECT window_from, window_to, selected, first_answered_at FROM freshet.merge
      WHERE dataset = ${values.bind(statement.dataset, 'text')} AND first_answered_at > ${oldest}),
    stored AS (
      SELECT series_id, starts_at, value, corrected_starts_at, answered_at FROM freshet.observation
      WHERE series_id = ANY (${ids}) AND starts_at >= ${from} AND starts_at < ${to})
    SELECT c.*, o.series_id IS NULL AS fresh, o.series_id IS NOT NULL AND o.value IS DISTINCT FROM c.value AS other,
           o.series_id IS NOT NULL AND o.value IS DISTINCT FROM c.value AND (o.answered_at > c.answered_at OR EXISTS (
             SELECT FROM newer n WHERE n.first_answered_at > c.answered_at AND n.window_from <= c.starts_at AND n.window_to > c.starts_at AND c.respondent = ANY (n.selected))) AS late
    FROM candidate c LEFT JOIN stored o ON o.series_id = c.series_id AND o.starts_at = c.starts_at
    WHERE o.series_id IS NULL OR o.value IS DISTINCT FROM c.value OR o.corrected_starts_at IS DISTINCT FROM c.corrected_starts_at`;
  return { text, values: values.list };
}

export const COUNT_DIFFERENCES = /* sql */ `
SELECT count(*) FILTER (WHERE fresh) AS added, count(*) FILTER (WHERE other AND NOT late) AS changed, count(*) FILTER (WHERE late) AS late,
       count(*) FILTER (WHERE NOT fresh AND (NOT other OR late)) AS restamped
FROM pg_temp.difference`;

export function insertFreshSql(statement: MergeStatement): Sql {
  const values = new Values();
  const text = `INSERT INTO freshet.observation (${OBSERVATION_COLUMNS})
    SELECT ${observationOf(statement, values)} FROM pg_temp.difference WHERE fresh`;
  return { text, values: values.list };
}

/** What is replaced, and what came too late to replace anything; unless the history has the late value already. */
export const reviseSql = ({ mergeId, runId }: MergeStatement): Sql => ({
  text: `INSERT INTO freshet.observation_revision (series_id, starts_at, old_value, new_value, old_quality, old_source, old_merge_id, old_chunk, old_row,
           merge_id, run_id, seen_at, late, late_chunk, late_row, late_source)
    SELECT d.series_id, d.starts_at, o.value, d.value, o.quality, o.source, o.merge_id, o.chunk, o."row", $1, $2, d.answered_at, d.late,
           CASE WHEN d.late THEN d.chunk END, CASE WHEN d.late THEN d."row" END, CASE WHEN d.late THEN d.source END
    FROM pg_temp.difference d JOIN freshet.observation o ON o.series_id = d.series_id AND o.starts_at = d.starts_at
    WHERE d.other AND NOT (d.late AND EXISTS (
      SELECT FROM freshet.observation_revision r WHERE r.series_id = d.series_id AND r.starts_at = d.starts_at
      AND CASE WHEN r.late THEN r.new_value ELSE r.old_value END IS NOT DISTINCT FROM d.value))`,
  values: [mergeId, runId],
});

/** What makes it suspect is for the checks to say again. */
export const replaceSql = ({ mergeId }: MergeStatement): Sql => ({
  text: `UPDATE freshet.observation o
    SET value = d.value, quality = CASE WHEN d.value IS NULL THEN 'missing' ELSE 'good' END, corrected_starts_at = d.corrected_starts_at,
        answered_at = d.answered_at, merge_id = $1, chunk = d.chunk, "row" = d."row", source = d.source
    FROM pg_temp.difference d WHERE d.other AND NOT d.late AND o.series_id = d.series_id AND o.starts_at = d.starts_at`,
  values: [mergeId],
});

/** The definition says something else about the stamps than when the values were stored. */
export const RESTAMP = /* sql */ `
UPDATE freshet.observation o SET corrected_starts_at = d.corrected_starts_at
FROM pg_temp.difference d WHERE NOT d.fresh AND (NOT d.other OR d.late) AND o.series_id = d.series_id AND o.starts_at = d.starts_at
AND o.corrected_starts_at IS DISTINCT FROM d.corrected_starts_at`;

/** Staged rows as observations that might be. */
function candidate(statement: MergeStatement, values: Values): string {
  const { timeseries, table, duplicates } = statement;
  const starts = `(${civilStart(timeseries)}) AT TIME ZONE 'UTC'`;
  const answered = `(${values.bind(statement.answeredAt, 'timestamptz[]')})[s._chunk + 1]`;
  return `placed AS (
      SELECT ${duplicates ? `DISTINCT ON (m.id, ${starts})` : ''} m.id AS series_id, m.respondent, ${starts} AS starts_at, s.${quoteIdent(storedName(timeseries.value))} AS value,
             ${answered} AS answered_at, s._chunk AS chunk, s._row AS "row", ${sourceText(statement)} AS source
      FROM ${quoteIdent(...table)} s JOIN series_map m ON ${joined(timeseries)}
      ${duplicates ? `ORDER BY m.id, ${starts}, s._chunk DESC, s._row DESC` : ''}),
    candidate AS (SELECT c.*, ${correctedStart(timeseries, values)} AS corrected_starts_at FROM placed c)`;
}

/** `OBSERVATION_COLUMNS` of a candidate. */
const observationOf = ({ timeseries, mergeId }: MergeStatement, values: Values): string =>
  `series_id, starts_at, starts_at + interval '${Number(timeseries.time.resolutionSeconds)} seconds', value, CASE WHEN value IS NULL THEN 'missing' ELSE 'good' END,
   corrected_starts_at, answered_at, answered_at, ${values.bind(mergeId, 'bigint')}, chunk, "row", source`;

function seriesMap({ series, timeseries }: MergeStatement, values: Values): string {
  const keys = nameColumns(timeseries).map((_, index) => series.map(({ key }) => key[index] ?? ''));
  const columns = [
    values.bind(
      series.map(({ id }) => id),
      'bigint[]',
    ),
    values.bind(
      series.map(({ respondent }) => respondent),
      'text[]',
    ),
    ...keys.map((key) => values.bind(key, 'text[]')),
  ];
  const names = keys.map((_, index) => `k${index}`);
  return `series_map AS MATERIALIZED (SELECT * FROM unnest(${columns.join(', ')}) AS m (${['id', 'respondent', ...names].join(', ')}))`;
}

const joined = (timeseries: TimeSeries): string =>
  nameColumns(timeseries)
    .map((column, index) => `m.k${index} = ${codeText(column)}`)
    .join(' AND ') || 'true';

/** The row as received; put together again from its columns where the definition keeps none. */
const sourceText = ({ sourceColumn }: MergeStatement): string => {
  const columns = `(to_jsonb(s) - '{_generation,_chunk,_row,_verbatim}'::text[])::text`;
  return sourceColumn === null ? columns : `coalesce(s.${quotedList([sourceColumn])}, ${columns})`;
};

/** The first entry that speaks of the respondent and the hour. */
function correctedStart({ corrections }: TimeSeries, values: Values): string {
  if (!corrections.enabled || corrections.entries.length === 0) return 'NULL::timestamptz';
  const cases = corrections.entries.map(({ respondents, from, to, shiftHours }) => {
    const conditions = [`c.respondent = ANY (${values.bind(respondents, 'text[]')})`];
    if (from !== null) conditions.push(`c.starts_at >= ${values.bind(from, 'timestamptz')}`);
    if (to !== null) conditions.push(`c.starts_at < ${values.bind(to, 'timestamptz')}`);
    return `WHEN ${conditions.join(' AND ')} THEN c.starts_at + make_interval(secs => ${values.bind(shiftHours * 3600, 'float8')})`;
  });
  return `CASE ${cases.join(' ')} END`;
}
