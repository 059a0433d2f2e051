import { REFUSALS } from './errors';
import type { Parameters } from './parameters';
import { entriesOf, texts } from './parameters';
import type { Hour } from './period';
import { firstHourFrom, lastHourUntil } from './period';
import type { SortColumn } from './query';
import type { RouteSpec } from './routes';

export const MAX_LENGTH = 5000;
const FREQUENCIES = ['hourly', 'local-hourly'];

export interface DataRequest {
  readonly frequency: 'hourly' | 'local-hourly';
  /** Without `data[]` the rows have no value. */
  readonly withValues: boolean;
  readonly facets: Readonly<Record<string, readonly string[]>>;
  readonly from: Hour;
  readonly to: Hour;
  readonly sort: readonly SortColumn[];
  readonly offset: number;
  /** As asked for, before the cap. */
  readonly length: number;
}

/** @throws Refusal (400) with the publisher's words */
export function readDataRequest(params: Parameters, spec: RouteSpec): DataRequest {
  const frequency = params['frequency'] === undefined ? 'hourly' : String(params['frequency']);
  if (!FREQUENCIES.includes(frequency)) throw REFUSALS.invalid('frequency', frequency, FREQUENCIES);
  const data = texts(params['data']);
  for (const name of data) if (name !== 'value') throw REFUSALS.invalid('data', name, ['value']);

  const facets: Record<string, readonly string[]> = {};
  for (const [name, value] of entriesOf(params['facets'])) {
    const valid = spec.facets.map(({ id }) => id);
    if (!valid.includes(name)) throw REFUSALS.invalid('facet', name, valid);
    facets[name] = texts(value);
  }
  return {
    frequency: frequency === 'hourly' ? 'hourly' : 'local-hourly',
    withValues: data.length > 0,
    facets,
    from: bound(params['start'], frequency, firstHourFrom) ?? -Infinity,
    to: bound(params['end'], frequency, lastHourUntil) ?? Infinity,
    sort: entriesOf(params['sort']).map(([, each]) => sortColumn(each, spec)),
    offset: whole(params, 'offset', 0),
    length: whole(params, 'length', MAX_LENGTH),
  };
}

function sortColumn(each: unknown, spec: RouteSpec): SortColumn {
  const { column, direction = 'asc' } = (typeof each === 'object' && each !== null ? each : {}) as Record<
    string,
    unknown
  >;
  if (!['period', 'value', ...spec.columns].includes(String(column))) throw REFUSALS.sort(String(column ?? each));
  if (direction !== 'asc' && direction !== 'desc') throw REFUSALS.sort(String(direction));
  return { column: String(column), direction };
}

function whole(params: Parameters, name: 'offset' | 'length', otherwise: number): number {
  const value = params[name];
  if (value === undefined || value === null || value === '') return otherwise;
  if (!/^\d+$/.test(String(value))) throw REFUSALS.number(name, String(value));
  return Number(value);
}

/** A bound with an offset (`T00-05:00`) is an instant, as local-hourly asks for; one without is compared as text. */
function bound(value: unknown, frequency: string, read: (text: string) => Hour | undefined): Hour | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const text = String(value);
  const [, stamp = text, sign, hours] =
    frequency === 'local-hourly' ? (/^(.+T\d\d)(?::00:00)?([+-])(\d\d)(?::?00)?$/.exec(text) ?? []) : [];
  const hour = read(stamp);
  if (hour === undefined || (frequency === 'local-hourly' && !sign)) throw REFUSALS.date(text);
  return sign ? hour - Number(`${sign}${hours}`) : hour;
}
