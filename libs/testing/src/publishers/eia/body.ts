import type { DataRequest } from './data-request';
import { MAX_LENGTH } from './data-request';
import type { Parameters } from './parameters';
import { localStamp, localTime, stampOf } from './period';
import type { RowRef } from './query';
import type { RouteSpec } from './routes';
import type { View } from './view';

/** How bodies look: before 2.1.6 values and totals are numbers; later they are texts, and warnings move to the top. */
export type EiaDialect = 'old' | 'new';

export interface BodyStyle {
  readonly dialect: EiaDialect;
  /** Whether a key from the query comes back in `request.params`. */
  readonly echoKey: boolean;
}

const VERSION: Readonly<Record<EiaDialect, string>> = { old: '2.0.3', new: '2.1.14' };
const FORMATS = { hourly: 'YYYY-MM-DD"T"HH24', 'local-hourly': 'YYYY-MM-DD"T"HH24TZH' } as const;

export type Row = Record<string, string | number | null>;

/** One row as it is published, value as text. */
export function rowOf(view: View, { series, hour, copy }: RowRef, frequency: DataRequest['frequency'] = 'hourly'): Row {
  const period =
    frequency === 'hourly' ? stampOf(hour) : localStamp(hour, localTime(hour, series.zone, series.dst).offset);
  return {
    period,
    ...view.columnsOf(series, hour),
    value: view.text(series, hour, copy),
    'value-units': 'megawatthours',
  };
}

function dressed(row: Row, request: DataRequest, dialect: EiaDialect): Row {
  if (!request.withValues) {
    const { value: _value, 'value-units': _units, ...rest } = row;
    return rest;
  }
  if (dialect === 'new' || row['value'] === null) return row;
  return { ...row, value: row['value'] === '' ? null : Number(row['value']) };
}

export interface Warning {
  readonly warning: string;
  readonly description: string;
}

function warningsOf(request: DataRequest, total: number, rows: number): Warning[] {
  const warnings: Warning[] = [];
  if (request.length > MAX_LENGTH)
    warnings.push({
      warning: 'parameter out of range: length',
      description: `The requested length ${request.length} is out of range; the maximum value is ${MAX_LENGTH}`,
    });
  if (rows < total)
    warnings.push({
      warning: 'incomplete return',
      description: `The API can only return ${MAX_LENGTH} rows in JSON format.  Please consider constraining your request with facet, start, or end, or using offset to paginate results.`,
    });
  return warnings;
}

/** `request` of a body: what was understood. */
export function echo(path: string, params: Parameters, key: string | undefined, { echoKey }: BodyStyle): unknown {
  return { command: path, params: echoKey && key !== undefined ? { api_key: key, ...params } : params };
}

export interface DataBody {
  readonly spec: RouteSpec;
  readonly request: DataRequest;
  readonly rows: readonly Row[];
  /** As it is to be said; undefined leaves it out. */
  readonly total: number | undefined;
  readonly echoed: unknown;
}

export function dataBody({ spec, request, rows, total, echoed }: DataBody, { dialect }: BodyStyle): unknown {
  const warnings = warningsOf(request, total ?? 0, rows.length);
  const said = total === undefined ? {} : { total: dialect === 'old' ? total : String(total) };
  const response = {
    ...(dialect === 'old' && warnings.length > 0 ? { warnings } : {}),
    ...(dialect === 'old' ? { 'query execution': 0.008633325, 'count query execution': 0.021634831 } : {}),
    ...said,
    dateFormat: FORMATS[request.frequency],
    frequency: request.frequency,
    data: rows.map((row) => dressed(row, request, dialect)),
    description: spec.description,
  };
  return {
    ...(dialect === 'new' && warnings.length > 0 ? { warnings } : {}),
    response,
    request: echoed,
    ...versions(dialect),
  };
}

export const versions = (dialect: EiaDialect): Record<string, string> => ({
  apiVersion: VERSION[dialect],
  ...(dialect === 'new' ? { ExcelAddInVersion: '2.1.0' } : {}),
});

export function metadataBody(spec: RouteSpec, endPeriod: string, echoed: unknown, { dialect }: BodyStyle): unknown {
  return {
    response: {
      id: spec.route,
      name: spec.name,
      description: spec.description,
      frequency: [
        {
          id: 'hourly',
          alias: 'hourly (UTC)',
          description: 'One data point for each hour in UTC time.',
          query: 'H',
          format: FORMATS.hourly,
        },
        {
          id: 'local-hourly',
          alias: 'hourly (Local Time Zone)',
          description: 'One data point for each hour in local time.',
          query: 'LH',
          format: FORMATS['local-hourly'],
        },
      ],
      facets: spec.facets,
      data: { value: { 'aggregation-method': 'SUM', alias: spec.alias, units: 'megawatthours' } },
      startPeriod: '2019-01-01T00',
      endPeriod,
      defaultDateFormat: FORMATS.hourly,
      defaultFrequency: 'hourly',
    },
    request: echoed,
    ...versions(dialect),
  };
}
