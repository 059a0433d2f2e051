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

/** Parameters of a statement, each with its type. */
export class Values {
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

export const OBSERVATION_COLUMNS =
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
 * Staged rows as observations that might be, one for each interval: of several the one that says what is stored, or else the last. The
 * publisher gives rows of the same key in any order, and a value must not go back and forth with it.
 */
export function candidate(statement: MergeStatement, values: Values): string {
  const { timeseries, table, duplicates } = statement;
  const starts = `(${civilStart(timeseries)}) AT TIME ZONE 'UTC'`;
  const value = `s.${quoteIdent(storedName(timeseries.value))}`;
  const answered = `(${values.bind(statement.answeredAt, 'timestamptz[]')})[s._chunk + 1]`;
  return `placed AS (
      SELECT ${duplicates ? `DISTINCT ON (m.id, ${starts})` : ''} m.id AS series_id, m.respondent, ${starts} AS starts_at, ${value} AS value,
             ${answered} AS answered_at, s._chunk AS chunk, s._row AS "row", ${sourceText(statement)} AS source
      FROM ${quoteIdent(...table)} s JOIN series_map m ON ${joined(timeseries)}
      ${duplicates ? `LEFT JOIN (${storedValues(statement, values)}) known ON known.series_id = m.id AND known.starts_at = ${starts}` : ''}
      ${duplicates ? `ORDER BY m.id, ${starts}, (known.series_id IS NOT NULL AND known.value IS NOT DISTINCT FROM ${value}) DESC, s._chunk DESC, s._row DESC` : ''}),
    candidate AS (SELECT c.*, ${correctedStart(timeseries, values)} AS corrected_starts_at FROM placed c)`;
}

/** What is stored of the series and hours that rows are of. */
const storedValues = ({ series, extent }: MergeStatement, values: Values): string => {
  const ids = values.bind(
    series.map(({ id }) => id),
    'bigint[]',
  );
  return `SELECT series_id, starts_at, value FROM freshet.observation
    WHERE series_id = ANY (${ids}) AND starts_at >= ${values.bind(extent.from, 'timestamptz')} AND starts_at < ${values.bind(extent.to, 'timestamptz')}`;
};

/** `OBSERVATION_COLUMNS` of a candidate. */
export const observationOf = ({ timeseries, mergeId }: MergeStatement, values: Values): string =>
  `series_id, starts_at, starts_at + interval '${Number(timeseries.time.resolutionSeconds)} seconds', value, CASE WHEN value IS NULL THEN 'missing' ELSE 'good' END,
   corrected_starts_at, answered_at, answered_at, ${values.bind(mergeId, 'bigint')}, chunk, "row", source`;

/** `series_map`: which series rows of these codes are of. */
export function seriesMap({ series, timeseries }: MergeStatement, values: Values): string {
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
