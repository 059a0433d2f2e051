import { covers, coveredHours, merged, without } from './intervals';
import type { Hour } from './period';
import type { EiaRoute } from './routes';
import type { PlacedAnomaly, Plan } from './script';
import type { Series } from './series';
import type { Table } from './table';

/** Hours in which a series can have rows. */
interface Bounds {
  readonly from: Hour;
  /** Up to here without holes but those of the plan. */
  readonly settled: Hour;
  readonly to: Hour;
}

const FIXED_TEXTS: Partial<Record<PlacedAnomaly['kind'], string | null>> = {
  'null-value': null,
  'blank-value': '',
  fraction: '.3',
  'negative-fraction': '-.21',
  'four-decimals': '1263.6001',
  negative: '-3',
  implausible: '0',
};

/** Rows at one moment. Counting does not look at every hour, so that a year is quick. */
export class View {
  private readonly bounds = new Map<Series, Bounds>();
  private readonly plans = new Map<Series, Plan>();

  constructor(
    private readonly table: Table,
    private readonly now: Date,
    private readonly hour: Hour,
  ) {}

  seriesOf(route: EiaRoute): readonly Series[] {
    return this.table.seriesOf(route);
  }

  /** No row is later: forecasts reach two days ahead at most. */
  get horizon(): Hour {
    return this.hour + 49;
  }

  /** The newest hour with a row, of any series of the route; undefined when there is none. */
  newest(route: EiaRoute): Hour | undefined {
    const found = this.seriesOf(route).flatMap((series) => {
      const { from, to, settled } = this.boundsOf(series);
      for (let hour = to; hour >= Math.max(from, settled - 24); hour--)
        if (this.rowsAt(series, hour) > 0) return [hour];
      return [];
    });
    return found.length > 0 ? Math.max(...found) : undefined;
  }

  /** Rows in the hours, both included. */
  count(series: Series, from: Hour, to: Hour): number {
    const bounds = this.boundsOf(series);
    const plan = this.planOf(series);
    const first = Math.max(from, bounds.from);
    const settled = Math.min(to, bounds.settled);
    let rows = 0;
    if (settled >= first)
      rows =
        settled - first + 1 - coveredHours(plan.absent, first, settled) + coveredHours(plan.doubled, first, settled);
    for (let hour = Math.max(first, bounds.settled + 1); hour <= Math.min(to, bounds.to); hour++)
      rows += this.rowsAt(series, hour);
    return rows;
  }

  /** 0, 1, or 2 where a row comes twice. */
  rowsAt(series: Series, hour: Hour): 0 | 1 | 2 {
    const { from, settled, to } = this.boundsOf(series);
    if (hour < from || hour > to) return 0;
    const plan = this.planOf(series);
    if (covers(plan.absent, hour)) return 0;
    if (hour > settled && !this.table.clock.isOut(series, hour, this.hour)) return 0;
    return covers(plan.doubled, hour) ? 2 : 1;
  }

  /** The published text; `copy` 1 is the second of two rows. */
  text(series: Series, hour: Hour, copy = 0): string | null {
    const plan = this.planOf(series);
    const revised = plan.revised.get(hour);
    if (revised !== undefined) return revised;
    const active = plan.anomalies.filter(({ from, to }) => hour >= from && hour <= to);
    if (active.length === 0 && copy === 0) return this.plain(series, hour);
    let source = hour;
    for (const { kind, from, by } of active) {
      if (kind === 'repeated-day') source = hour - 24 * (Math.floor((hour - from) / 24) + 1);
      else if (kind === 'identical-run') source = from;
      else if (kind === 'wrong-hour') source = hour - (by ?? 1);
    }
    let text: string | null = this.plain(series, source);
    // The second row of an hour that the clocks repeat is another measurement.
    if (copy === 1 && this.isSeam(series, hour)) text = this.plain(series, source + 1);
    for (const anomaly of active) text = altered(anomaly, text);
    return text;
  }

  columnsOf(series: Series, hour: Hour): Readonly<Record<string, string>> {
    const odd = this.planOf(series).anomalies.some(
      ({ kind, from, to }) => kind === 'type-name-case' && hour >= from && hour <= to,
    );
    if (!odd || !series.columns['type-name']) return series.columns;
    const words = series.columns['type-name'].split(' ').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
    return { ...series.columns, 'type-name': words.join(' ') };
  }

  private plain(series: Series, hour: Hour): string {
    return this.table.real(series, hour) ?? String(series.value(hour));
  }

  private isSeam(series: Series, hour: Hour): boolean {
    return this.table.script.isSeam(series, hour);
  }

  private boundsOf(series: Series): Bounds {
    let bounds = this.bounds.get(series);
    if (!bounds) {
      const { clock } = this.table;
      bounds = {
        from: series.from,
        settled: Math.min(series.to, clock.settled(series, this.hour)),
        to: Math.min(series.to, clock.newest(series, this.hour)),
      };
      this.bounds.set(series, bounds);
    }
    return bounds;
  }

  private planOf(series: Series): Plan {
    let plan = this.plans.get(series);
    if (!plan) {
      const scripted = this.table.script.plan(series, this.now);
      const hidden = this.table.hidden(series);
      if (hidden.length === 0) plan = scripted;
      else {
        const absent = merged([...scripted.absent, ...hidden]);
        plan = { ...scripted, absent, doubled: without(scripted.doubled, absent) };
      }
      this.plans.set(series, plan);
    }
    return plan;
  }
}

function altered(anomaly: PlacedAnomaly, text: string | null): string | null {
  const fixed = FIXED_TEXTS[anomaly.kind];
  if (fixed !== undefined) return anomaly.value ?? fixed;
  switch (anomaly.kind) {
    case 'spike':
      return String(Math.round((Number(text) || 99_999) * (anomaly.factor ?? 12)));
    case 'asymmetric-pair':
      return String(Number(text) + (anomaly.by ?? 250));
    case 'off-balance':
      return String(Number(text) + (anomaly.by ?? 500));
    default:
      return text;
  }
}
