import { nameOf } from './codes';
import type { EiaAnomaly } from './faults';
import type { PublicationClock } from './clock';
import { Curves } from './curves';
import type { Interval } from './intervals';
import { textSeed } from './noise';
import type { Hour } from './period';
import { hourOf } from './period';
import { PROFILES } from './profiles';
import type { Replay } from './replay';
import { readReplay } from './replay';
import type { EiaRoute } from './routes';
import { EIA_ROUTES } from './routes';
import type { Script } from './script';
import { respondentOf } from './script';
import type { Series } from './series';
import { fuelName, seriesOf } from './series';
import { View } from './view';

/** Everything there is: the curves, the real rows over them, and the list of series per route. */
export class Table {
  private readonly series = new Map<EiaRoute, readonly Series[]>();
  private readonly replay: Replay | undefined;
  private odd: { readonly version: number; readonly series: readonly Series[] } = { version: -1, series: [] };

  constructor(
    seed: number,
    readonly clock: PublicationClock,
    readonly script: Script,
    private readonly replayed: boolean | 'only',
  ) {
    const curves = new Curves(seed);
    this.replay = replayed ? readReplay() : undefined;
    for (const route of EIA_ROUTES)
      this.series.set(route, [...seriesOf(route, curves), ...this.onlyReplayed(route, curves)]);
  }

  /** As things are at one moment of the publication clock. */
  at(now: Date): View {
    return new View(this, now, this.clock.now);
  }

  seriesOf(route: EiaRoute): readonly Series[] {
    const known = this.series.get(route) ?? [];
    if (route !== 'fuel-type-data' || this.script.unknownFuels.length === 0) return known;
    if (this.odd.version !== this.script.version)
      this.odd = { version: this.script.version, series: this.script.unknownFuels.flatMap(unknownFuel) };
    return [...known, ...this.odd.series];
  }

  /** The hours in which a series of the curves has no row, because the real ones say so. */
  hidden(series: Series): readonly Interval[] {
    const real = this.replay?.series.get(`${series.route} ${series.id}`);
    const window = this.replay?.windows.get(`${series.route} ${respondentOf(series)}`);
    if (this.replayed === 'only') {
      const from = window?.from ?? Infinity;
      const to = window?.to ?? -Infinity;
      if (!real) return [{ from: -Infinity, to: Infinity }];
      return [
        { from: -Infinity, to: from - 1 },
        { from: to + 1, to: Infinity },
      ];
    }
    // No forecast is among the real rows: those of the curves stay.
    return window && !real && series.kind !== 'DF' ? [window] : [];
  }

  real(series: Series, hour: Hour): string | undefined {
    return this.replay?.series.get(`${series.route} ${series.id}`)?.values.get(hour);
  }

  private onlyReplayed(route: EiaRoute, curves: Curves): Series[] {
    if (!this.replay) return [];
    const known = new Set(seriesOf(route, curves).map(({ id }) => id));
    return [...this.replay.series.values()]
      .filter((real) => real.route === route && !known.has(real.id))
      .map((real) => {
        const hours = [...real.values.keys()];
        const owner = PROFILES.get(respondentOf(real));
        return {
          route,
          id: real.id,
          number: textSeed(real.id),
          kind: route === 'fuel-type-data' ? ('fuel' as const) : ('interchange' as const),
          columns: real.columns,
          zone: owner?.zone ?? -5,
          dst: owner?.dst ?? true,
          from: Math.min(...hours),
          to: Math.max(...hours),
          value: () => 0,
        };
      });
  }
}

/** A series of a fuel code that is in no list, a little output by day and night. */
function unknownFuel({ respondent = '', code = 'XYZ', from, to = from }: EiaAnomaly): Series[] {
  const owner = PROFILES.get(respondent);
  if (!owner) return [];
  const id = `${respondent}.${code}`;
  return [
    {
      route: 'fuel-type-data',
      id,
      number: textSeed(id),
      kind: 'fuel',
      columns: { respondent, 'respondent-name': nameOf(respondent), fueltype: code, 'type-name': fuelName(code) },
      zone: owner.zone,
      dst: owner.dst,
      from: hourOf(from),
      to: hourOf(to),
      value: (hour) => 40 + (hour % 24),
    },
  ];
}
