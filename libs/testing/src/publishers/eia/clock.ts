import { unit } from './noise';
import type { Hour } from './period';
import { hourAt, localTime } from './period';
import type { EiaKind } from './routes';
import type { Series } from './series';

/**
 * Hours from the end of an interval to the time by which its row is out for certain, by kind. DF has none: it is published
 * ahead, see `newest`.
 */
export type Lags = Readonly<Record<Exclude<EiaKind, 'DF'>, number>>;

/** About what the form asks for: demand within the hour, everything else the next day. */
export const USUAL_LAGS: Lags = { D: 1, NG: 24, TI: 24, fuel: 24, interchange: 24, 'sub-ba': 24 };

/** Local hour at which the forecast of the next day appears. */
const FORECAST_AT = 10;

export interface ClockOptions {
  readonly seed: number;
  readonly now: () => Date;
  readonly lagHours: Lags;
  /** How much earlier than the lag a row may come; about seven in ten do. 0: all at the same time. */
  readonly raggedHours: number;
}

/** When each row of each series appears. Only the newest `raggedHours` hours of a series have holes. */
export class PublicationClock {
  constructor(private readonly options: ClockOptions) {}

  get now(): Hour {
    return hourAt(this.options.now());
  }

  /** The newest hour there may be a row of. */
  newest(series: Series, now: Hour = this.now): Hour {
    return series.kind === 'DF' ? this.settled(series, now) : this.settled(series, now) + this.earliness(series.kind);
  }

  /** The newest hour up to which there are rows without holes. */
  settled(series: Series, now: Hour = this.now): Hour {
    if (series.kind !== 'DF') return now - this.options.lagHours[series.kind];
    const local = localTime(now, series.zone, series.dst);
    const midnight = now + (24 - local.hour);
    return local.hour >= FORECAST_AT ? midnight + 24 : midnight;
  }

  isOut(series: Series, hour: Hour, now: Hour = this.now): boolean {
    const settled = this.settled(series, now);
    if (hour <= settled || series.kind === 'DF') return hour <= settled;
    const chance = unit(this.options.seed, series.number, hour);
    const early = chance < 0.3 ? 0 : 1 + Math.floor(((chance - 0.3) / 0.7) * this.earliness(series.kind));
    return hour <= settled + Math.min(early, this.earliness(series.kind));
  }

  /** No row is there before its hour has ended. */
  private earliness(kind: Exclude<EiaKind, 'DF'>): number {
    return Math.max(0, Math.min(this.options.raggedHours, Math.floor(this.options.lagHours[kind])));
  }
}
