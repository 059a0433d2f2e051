import { FreshetError, storedName, type DatasetDefinition, type TimeSeries } from '@freshet/domain';
import { quoteIdent, type Database } from '../../base';
import { stagingTable, type Attempt, type TablePath } from '../../loading/names';
import { stagedColumns } from '../../loading/staging';
import type { Month } from '../months';
import { identityColumns, identityOf, nameColumns, type SeriesIdentity } from './names';

export type TimeSeriesDefinition = DatasetDefinition & { readonly timeseries: TimeSeries };

/** The series and the time that an attempt's rows are of. */
export interface Staged {
  /** Null when no row was accepted. */
  readonly table: TablePath | null;
  readonly rows: number;
  readonly series: readonly StagedSeries[];
  readonly months: readonly Month[];
  /** First start and last end of the rows. */
  readonly extent: { readonly from: Date; readonly to: Date } | null;
  /** Stored column with the row as received; null when the definition keeps none. */
  readonly sourceColumn: string | null;
}

export interface StagedSeries extends SeriesIdentity {
  /** Values of `nameColumns`, by which a row finds its series. */
  readonly key: readonly string[];
}

/** SQL of the start of a row's interval, as civil time in UTC. */
export const civilStart = ({ time }: TimeSeries, row = 's'): string => {
  const stamp = `${row}.${quoteIdent(storedName(time.column))}`;
  return time.stamp === 'start' ? stamp : `${stamp} - interval '${Number(time.resolutionSeconds)} seconds'`;
};

/** SQL of a code in the name of a series; nothing and null are the same name. */
export const codeText = (column: string, row = 's'): string =>
  `coalesce(${row}.${quoteIdent(storedName(column))}::text, '')`;

/**
 * Reads an attempt's rows once, group by group. @throws FreshetError `column_missing`, `type_mismatch` (a row without a stamp)
 */
export async function inspectStaged(
  database: Database,
  definition: TimeSeriesDefinition,
  attempt: Attempt,
): Promise<Staged> {
  const { timeseries } = definition;
  const table = stagingTable(attempt, timeseries.resource);
  const columns = new Set((await stagedColumns(database, table)).map(({ name }) => name));
  const sourceColumn = sourceOf(definition, columns);
  if (columns.size === 0) return { table: null, rows: 0, series: [], months: [], extent: null, sourceColumn };
  const identity = identityColumns(timeseries);
  const needed = [...identity, timeseries.unit.column, timeseries.time.column, timeseries.value];
  const absent = needed.find((column) => !columns.has(storedName(column)));
  if (absent !== undefined) throw columnMissing(definition.id, absent);
  const grouped = [...identity, timeseries.unit.column].map((column) => quoteIdent(storedName(column)));
  const groups = await database.query<Group>(
    `SELECT jsonb_build_array(${grouped.map((column) => `${column}::text`).join(', ')}) AS values, date_trunc('month', ${civilStart(timeseries)}) AT TIME ZONE 'UTC' AS month,
            min(${civilStart(timeseries)}) AT TIME ZONE 'UTC' AS first, max(${civilStart(timeseries)}) AT TIME ZONE 'UTC' AS last, count(*) AS "rows"
     FROM ${quoteIdent(...table)} s GROUP BY ${grouped.join(', ')}, date_trunc('month', ${civilStart(timeseries)})`,
  );
  if (groups.some(({ month }) => month === null)) throw noStamp(definition);
  const stored = [...identity, timeseries.unit.column].map(storedName);
  const series = groups.map(({ values }): StagedSeries => {
    const byColumn = Object.fromEntries(stored.map((column, index) => [column, values[index] ?? null]));
    return {
      ...identityOf(definition, byColumn),
      key: nameColumns(timeseries).map((column) => byColumn[storedName(column)] ?? ''),
    };
  });
  const starts = groups.flatMap(({ first, last }) => (first && last ? [first.getTime(), last.getTime()] : []));
  return {
    table,
    rows: groups.reduce((sum, group) => sum + group.rows, 0),
    series: distinct(series),
    months: [...new Set(groups.map(({ month }) => month?.getTime() ?? 0))].map((month) => new Date(month)),
    extent: extentOf(starts, timeseries.time.resolutionSeconds),
    sourceColumn,
  };
}

interface Group {
  readonly values: ReadonlyArray<string | null>;
  readonly month: Date | null;
  readonly first: Date | null;
  readonly last: Date | null;
  readonly rows: number;
  readonly [column: string]: unknown;
}

/** One entry a key; the same series comes with several keys where the publisher writes a code in two ways. */
function distinct(series: readonly StagedSeries[]): StagedSeries[] {
  const byKey = new Map<string, StagedSeries>();
  for (const entry of series) {
    const key = JSON.stringify(entry.key);
    const before = byKey.get(key);
    if (!before || (before.unit === null && entry.unit !== null)) byKey.set(key, entry);
    else if (entry.unit !== null && entry.unit !== before.unit)
      throw twoUnits(entry.name, before.unit ?? '', entry.unit);
  }
  return [...byKey.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function extentOf(starts: readonly number[], resolutionSeconds: number): Staged['extent'] {
  if (starts.length === 0) return null;
  const [from, to] = starts.reduce(
    ([low, high], start) => [Math.min(low, start), Math.max(high, start)],
    [Infinity, -Infinity],
  );
  return { from: new Date(from), to: new Date(to + resolutionSeconds * 1000) };
}

function sourceOf({ resources, timeseries }: TimeSeriesDefinition, columns: ReadonlySet<string>): string | null {
  const format = resources.find(({ name }) => name === timeseries.resource)?.format;
  const column = format?.reader === 'json' && format.record !== null ? storedName(format.record) : null;
  return column !== null && columns.has(column) ? column : null;
}

/** The values of a series are of one unit: nobody converts them, and mixing two would go unnoticed. */
export const twoUnits = (series: string, before: string, now: string): FreshetError =>
  new FreshetError('check_failed', {
    message: `the unit of ${series} was ${before} and is now ${now}`,
    nextStep:
      'Nothing was stored. If the publisher changed it, give the series another name in the definition, or map both units to one name where they are the same.',
    attributes: { series, before, now },
  });

const columnMissing = (dataset: string, column: string): FreshetError =>
  new FreshetError('column_missing', {
    message: `the rows of ${dataset} have no column ${column}, by which they would be told apart`,
    nextStep: 'Compare the definition with what the publisher sends today; nothing was stored.',
    attributes: { dataset, column },
  });

const noStamp = ({ id, timeseries }: TimeSeriesDefinition): FreshetError =>
  new FreshetError('type_mismatch', {
    message: `rows of ${id} have no time in ${timeseries.time.column}`,
    nextStep: 'Declare the column as required and its layout in dateFormats, so that such rows are refused one by one.',
    attributes: { dataset: id, column: timeseries.time.column },
  });
