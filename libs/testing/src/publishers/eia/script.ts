import type { EiaAnomaly, EiaGap, EiaRevision, EiaSelection } from './faults';
import type { Interval } from './intervals';
import { merged, without } from './intervals';
import type { Hour } from './period';
import { clockChanges, hourOf } from './period';
import type { Series } from './series';

/** An anomaly whose stamps have become hours. */
export type PlacedAnomaly = Omit<EiaAnomaly, 'from' | 'to'> & Interval;

/** What the script says about one series at one moment. */
export interface Plan {
  /** Hours without a row. */
  readonly absent: readonly Interval[];
  /** Hours with two rows. */
  readonly doubled: readonly Interval[];
  readonly anomalies: readonly PlacedAnomaly[];
  readonly revised: ReadonlyMap<Hour, string | null>;
}

const NOTHING: Plan = { absent: [], doubled: [], anomalies: [], revised: new Map() };

/** The respondent, sender or parent: whose data it is. */
export const respondentOf = ({ columns }: Pick<Series, 'columns'>): string =>
  columns['respondent'] ?? columns['fromba'] ?? columns['parent'] ?? '';

export function matches(selection: EiaSelection, series: Series): boolean {
  const { route, respondent, ...columns } = selection;
  if (route !== undefined && route !== series.route) return false;
  if (respondent !== undefined && respondent !== respondentOf(series)) return false;
  return (['type', 'fueltype', 'toba', 'subba'] as const).every(
    (column) => columns[column] === undefined || columns[column] === series.columns[column],
  );
}

/** Whether an anomaly touches a series. Both anomalies of a pair are of the way back: from the neighbour to the respondent. */
export function concerns(anomaly: EiaAnomaly, series: Series): boolean {
  switch (anomaly.kind) {
    case 'missing-reverse':
    case 'asymmetric-pair':
      return (
        series.route === 'interchange-data' &&
        (anomaly.respondent === undefined || anomaly.respondent === series.columns['toba']) &&
        (anomaly.toba === undefined || anomaly.toba === series.columns['fromba'])
      );
    case 'unknown-fuel':
      return false;
    case 'partial-fuels':
      return series.route === 'fuel-type-data' && matches(anomaly, series);
    default:
      return matches(anomaly, series);
  }
}

/** Gaps, revisions and anomalies, as told by a test; everything else comes from the curves. */
export class Script {
  private gaps: EiaGap[] = [];
  private readonly filled: Array<{ selection: EiaSelection; hole: Interval; upTo: number }> = [];
  private readonly revisions: EiaRevision[] = [];
  private anomalies: EiaAnomaly[] = [];
  private readonly plans = new Map<Series, { readonly key: string; readonly plan: Plan }>();
  private changes = 0;

  constructor(private readonly firstFuelOf: (respondent: string) => string | undefined) {}

  gap(gap: EiaGap): void {
    hourOf(gap.from);
    hourOf(gap.to);
    this.gaps.push(gap);
    this.changes++;
  }

  /** Ends every gap (or the part of it) that the selection and its hours cover. */
  fillGap(filled: EiaSelection & { readonly from?: string; readonly to?: string }): void {
    const { from, to, ...selection } = filled;
    const hole = { from: from ? hourOf(from) : -Infinity, to: to ? hourOf(to) : Infinity };
    this.filled.push({ selection, hole, upTo: this.gaps.length });
    this.changes++;
  }

  revise(revision: EiaRevision): void {
    hourOf(revision.period);
    this.revisions.push(revision);
    this.changes++;
  }

  anomaly(anomaly: EiaAnomaly): void {
    hourOf(anomaly.from);
    hourOf(anomaly.to ?? anomaly.from);
    this.anomalies.push(anomaly);
    this.changes++;
  }

  clearAnomalies(kind?: EiaAnomaly['kind']): void {
    this.anomalies = kind ? this.anomalies.filter((anomaly) => anomaly.kind !== kind) : [];
    this.changes++;
  }

  clear(): void {
    this.gaps = [];
    this.filled.length = 0;
    this.revisions.length = 0;
    this.clearAnomalies();
  }

  /** Grows with every change. */
  get version(): number {
    return this.changes;
  }

  get unknownFuels(): readonly EiaAnomaly[] {
    return this.anomalies.filter(({ kind }) => kind === 'unknown-fuel');
  }

  plan(series: Series, now: Date): Plan {
    if (this.gaps.length + this.revisions.length + this.anomalies.length === 0) return NOTHING;
    const passed = (at: Date | undefined): boolean => at !== undefined && at <= now;
    const timed = [...this.gaps.flatMap(({ at, until }) => [at, until]), ...this.revisions.map(({ at }) => at)];
    const key = `${this.changes}:${timed.map((at) => (passed(at) ? 1 : 0)).join('')}`;
    const known = this.plans.get(series);
    if (known?.key === key) return known.plan;
    const plan = this.planAt(series, now);
    this.plans.set(series, { key, plan });
    return plan;
  }

  /** Whether this is an hour that comes twice because of a clock change, and so with two values. */
  isSeam(series: Series, hour: Hour): boolean {
    return this.anomalies.some(
      (anomaly) =>
        anomaly.kind === 'dst-seam' &&
        matches(anomaly, series) &&
        seams(series, { from: hourOf(anomaly.from), to: hourOf(anomaly.to ?? anomaly.from) }).autumns.some(
          ({ from }) => from === hour,
        ),
    );
  }

  private planAt(series: Series, now: Date): Plan {
    const absent: Interval[] = [];
    const doubled: Interval[] = [];
    this.gaps.forEach((gap, i) => {
      if (!matches(gap, series) || (gap.at && gap.at > now) || (gap.until && gap.until <= now)) return;
      const holes = this.filled
        .filter(({ selection, upTo }) => i < upTo && matches(selection, series))
        .map(({ hole }) => hole);
      absent.push(...without([{ from: hourOf(gap.from), to: hourOf(gap.to) }], merged(holes)));
    });
    const values: PlacedAnomaly[] = [];
    for (const told of this.anomalies.filter((each) => concerns(each, series))) {
      const anomaly: PlacedAnomaly = { ...told, from: hourOf(told.from), to: hourOf(told.to ?? told.from) };
      if (anomaly.kind === 'missing-reverse') absent.push(anomaly);
      else if (anomaly.kind === 'duplicate-rows') doubled.push(anomaly);
      else if (anomaly.kind === 'partial-fuels') {
        if (series.columns['fueltype'] !== this.firstFuelOf(respondentOf(series))) absent.push(anomaly);
      } else if (anomaly.kind === 'dst-seam') {
        const { springs, autumns } = seams(series, anomaly);
        absent.push(...springs);
        doubled.push(...autumns);
      } else values.push(anomaly);
    }
    const revised = new Map<Hour, string | null>();
    for (const revision of this.revisions)
      if (matches(revision, series) && !(revision.at && revision.at > now))
        revised.set(hourOf(revision.period), revision.value === null ? null : String(revision.value));
    const gone = merged(absent);
    return { absent: gone, doubled: without(merged(doubled), gone), anomalies: values, revised };
  }
}

function seams(series: Series, { from, to }: Interval): { springs: Interval[]; autumns: Interval[] } {
  const year = (hour: Hour): number => new Date(hour * 3_600_000).getUTCFullYear();
  const springs: Interval[] = [];
  const autumns: Interval[] = [];
  for (let each = year(from); each <= year(to); each++) {
    const { spring, autumn } = clockChanges(each, series.zone);
    if (spring >= from && spring <= to) springs.push({ from: spring, to: spring });
    if (autumn >= from && autumn <= to) autumns.push({ from: autumn, to: autumn });
  }
  return { springs, autumns };
}
