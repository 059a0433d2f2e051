import { unit } from './noise';
import type { Hour } from './period';
import { hourAt, localTime } from './period';
import type { EiaKind } from './routes';
import type { Series } from './series';

/** Hours between the end of an interval and its row. DF has none: it is published ahead, see below. */
export type Lags = Readonly<Record<Exclude<EiaKind, 'DF'>, number>>;

/** About what the form asks for: demand within the hour, everything else the next day. */
export const USUAL_LAGS: Lags = { D: 1, NG: 24, TI: 24, fuel: 24, interchange: 24, 'sub-ba': 24 };

/** Local hour at which the forecast of the next day appears. */
const FORECAST_AT = 10;

export interface ClockOptions {
  readonly seed: number;
  readonly now: () => Date;
  readonly lagHours: Lags;
  /** How much later than the lag a row may come; about three in ten do. 0: all in time. */
  readonly raggedHours: number;
}

/** When each row of each series appears. Only the newest `raggedHours` hours of a series can have holes. */
export class PublicationClock {
  constructor(private readonly options: ClockOptions) {}

  get now(): Hour {
    return hourAt(this.options.now());
  }

  /** The newest hour there may be a row of. */
  newest(series: Series, now: Hour = this.now): Hour {
    if (series.kind !== 'DF') return now - this.options.lagHours[series.kind];
    const local = localTime(now, series.zone, series.dst);
    const midnight = now + (24 - local.hour);
    return local.hour >= FORECAST_AT ? midnight + 24 : midnight;
  }

  /** The newest hour up to which there are rows without holes. */
  settled(series: Series, now: Hour = this.now): Hour {
    return this.newest(series, now) - (series.kind === 'DF' ? 0 : this.options.raggedHours);
  }

  isOut(series: Series, hour: Hour, now: Hour = this.now): boolean {
    const newest = this.newest(series, now);
    if (hour > newest) return false;
    const ragged = series.kind === 'DF' ? 0 : this.options.raggedHours;
    if (hour <= newest - ragged) return true;
    const late = unit(this.options.seed, series.number, hour);
    return late >= 0.3 || hour + 1 + Math.floor((late / 0.3) * ragged) <= newest;
  }
}
