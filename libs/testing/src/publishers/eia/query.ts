import type { Hour } from './period';
import type { EiaRoute } from './routes';
import type { Series } from './series';
import type { View } from './view';

export interface SortColumn {
  readonly column: string;
  readonly direction: 'asc' | 'desc';
}

export interface Query {
  readonly route: EiaRoute;
  /** Codes by facet; a facet that is not there selects everything. */
  readonly facets: Readonly<Record<string, readonly string[]>>;
  /** Both included. */
  readonly from: Hour;
  readonly to: Hour;
  readonly sort: readonly SortColumn[];
  readonly offset: number;
  readonly length: number;
  /** Turns the whole order by so many rows, as a database does that was given no order. */
  readonly turn?: number;
}

export interface RowRef {
  readonly series: Series;
  readonly hour: Hour;
  /** 1 for the second of two rows of the same hour. */
  readonly copy: number;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** All the rows a query means, and one page of them. */
export function select(view: View, query: Query): { readonly total: number; readonly rows: readonly RowRef[] } {
  const chosen = view
    .seriesOf(query.route)
    .filter((series) =>
      Object.entries(query.facets).every(([facet, codes]) => codes.includes(series.columns[facet] ?? '')),
    );
  const total = chosen.reduce((sum, series) => sum + view.count(series, query.from, query.to), 0);
  if (query.sort.some(({ column }) => column === 'value')) return { total, rows: byValue(view, query, chosen) };
  const turned = total > 0 ? (query.turn ?? 0) % total : 0;
  const length = Math.max(0, Math.min(query.length, total - query.offset));
  const start = total > 0 ? (query.offset + turned) % total : 0;
  const rows = page(view, query, chosen, start, length);
  return {
    total,
    rows: rows.length < length ? [...rows, ...page(view, query, chosen, 0, length - rows.length)] : rows,
  };
}

/** Series that come one after the other, and within each group hour by hour: no sorting of rows is needed. */
function page(view: View, query: Query, chosen: readonly Series[], offset: number, length: number): RowRef[] {
  const at = query.sort.findIndex(({ column }) => column === 'period');
  const outer = at < 0 ? query.sort : query.sort.slice(0, at);
  const inner = at < 0 ? [] : query.sort.slice(at + 1);
  const descending = at >= 0 && query.sort[at]?.direction === 'desc';
  const compare =
    (columns: readonly SortColumn[]) =>
    (a: Series, b: Series): number => {
      for (const { column, direction } of columns) {
        const order = byText(a.columns[column] ?? '', b.columns[column] ?? '');
        if (order !== 0) return direction === 'desc' ? -order : order;
      }
      return 0;
    };
  const ordered = [...chosen].sort(compare(outer));
  const rows: RowRef[] = [];
  let skip = offset;
  for (let i = 0; i < ordered.length && rows.length < length;) {
    const head = ordered[i] as Series;
    let end = i + 1;
    while (end < ordered.length && compare(outer)(head, ordered[end] as Series) === 0) end++;
    const group = ordered.slice(i, end).sort(compare(inner));
    i = end;
    const whole = group.reduce((sum, series) => sum + view.count(series, query.from, query.to), 0);
    if (skip >= whole) {
      skip -= whole;
      continue;
    }
    skip = walk(view, query, group, { descending, skip, length }, rows);
  }
  return rows;
}

function walk(
  view: View,
  query: Query,
  group: readonly Series[],
  { descending, skip, length }: { descending: boolean; skip: number; length: number },
  rows: RowRef[],
): number {
  const first = Math.max(query.from, Math.min(...group.map(({ from }) => from)));
  const last = query.to;
  // The first hour (in the direction of the walk) that is not skipped as a whole, found by halving.
  const before = (hour: Hour): number =>
    group.reduce(
      (sum, series) => sum + (descending ? view.count(series, hour + 1, last) : view.count(series, first, hour - 1)),
      0,
    );
  let low = 0;
  let high = last - first;
  const hourAt = (step: number): Hour => (descending ? last - step : first + step);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (before(hourAt(middle)) <= skip) low = middle;
    else high = middle - 1;
  }
  let left = skip - before(hourAt(low));
  for (let step = low; step <= last - first; step++) {
    const hour = hourAt(step);
    for (const series of group) {
      const copies = view.rowsAt(series, hour);
      for (let copy = 0; copy < copies; copy++) {
        if (left > 0) left--;
        else rows.push({ series, hour, copy });
        if (rows.length >= length) return 0;
      }
    }
  }
  return 0;
}

function byValue(view: View, query: Query, chosen: readonly Series[]): RowRef[] {
  const all: Array<RowRef & { readonly value: number }> = [];
  for (const series of chosen)
    for (let hour = Math.max(query.from, series.from); hour <= query.to; hour++) {
      const copies = view.rowsAt(series, hour);
      for (let copy = 0; copy < copies; copy++) {
        const text = view.text(series, hour, copy);
        all.push({ series, hour, copy, value: text === null || text === '' ? -Infinity : Number(text) });
      }
    }
  all.sort((a, b) => {
    for (const { column, direction } of query.sort) {
      const order =
        column === 'value'
          ? a.value - b.value
          : column === 'period'
            ? a.hour - b.hour
            : byText(a.series.columns[column] ?? '', b.series.columns[column] ?? '');
      if (order !== 0) return direction === 'desc' ? -order : order;
    }
    return 0;
  });
  return all.slice(query.offset, query.offset + query.length);
}
