import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { FIXTURES } from './codes';
import type { Interval } from './intervals';
import type { Hour } from './period';
import { hourOf } from './period';
import type { EiaRoute } from './routes';
import { EIA_ROUTES, ROUTES } from './routes';

/** One series of the real rows, as published. */
export interface ReplayedSeries {
  readonly route: EiaRoute;
  readonly id: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly values: ReadonlyMap<Hour, string>;
}

export interface Replay {
  readonly series: ReadonlyMap<string, ReplayedSeries>;
  /** By `route respondent`: the hours in which nothing but the real rows is published. */
  readonly windows: ReadonlyMap<string, Interval>;
}

const FILE = /^(.+)-([A-Z]+)_\d{4}-\d\d-\d\d_\d{4}-\d\d-\d\d\.csv$/;

/** `PJM.D`, `PJM.NG`, `PJM-MISO`: as the series of the curves are called. */
export const idOf = (route: EiaRoute, columns: Readonly<Record<string, string>>): string => {
  const [own = '', other = ''] = ROUTES[route].facets.map(({ id }) => columns[id] ?? '');
  if (route === 'region-sub-ba-data') return `${other}.${own}`;
  return route === 'interchange-data' ? `${own}-${other}` : `${own}.${other}`;
};

/** Reads the real rows; values stay the texts of the files. */
export function readReplay(folder = FIXTURES): Replay {
  const series = new Map<
    string,
    { -readonly [K in keyof ReplayedSeries]: ReplayedSeries[K] } & { values: Map<Hour, string> }
  >();
  const windows = new Map<string, Interval>();
  for (const file of readdirSync(folder)) {
    const [, name = '', respondent = ''] = FILE.exec(file) ?? [];
    const route = EIA_ROUTES.find((known) => known === name);
    if (!route) continue;
    const rows = parse(readFileSync(join(folder, file), 'utf8'), { columns: true }) as Array<Record<string, string>>;
    const hours: Hour[] = [];
    for (const row of rows) {
      const columns = Object.fromEntries(ROUTES[route].columns.map((column) => [column, row[column] ?? '']));
      const key = `${route} ${idOf(route, columns)}`;
      const known = series.get(key) ?? { route, id: idOf(route, columns), columns, values: new Map<Hour, string>() };
      const hour = hourOf(row['period'] ?? '');
      known.values.set(hour, row['value'] ?? '');
      series.set(key, known);
      hours.push(hour);
    }
    windows.set(`${route} ${respondent}`, { from: Math.min(...hours), to: Math.max(...hours) });
  }
  return { series, windows };
}
