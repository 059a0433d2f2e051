/** Which intervals a refresh of a time series asks for. Windows are of interval starts, half-open, on the grid of the resolution. */
import { roundOutwards, type TimeRange } from './backfill';
import type { TimeSeries } from './timeseries';

export type WindowRule = Pick<TimeSeries, 'windowSeconds' | 'maxCatchUpSeconds' | 'since'> & {
  readonly time: Pick<TimeSeries['time'], 'resolutionSeconds'>;
};

/** What is stored of the series that are asked for. */
export interface StoredSeries {
  /** Whether there is any. */
  readonly any: boolean;
  /**
   * Start of the newest interval with a value of the series that is furthest behind, of those whose newest is not before
   * `catchUpFrom`: one that ended long ago would make every refresh go back as far as it may. Null when there is none.
   */
  readonly newest: Date | null;
}

/** How far back a refresh goes by itself, whatever is missing; what is older is left to backfill. */
export function catchUpFrom(rule: WindowRule, now: Date): Date {
  const earliest = Math.max(now.getTime() - rule.maxCatchUpSeconds * 1000, Date.parse(rule.since));
  const step = rule.time.resolutionSeconds * 1000;
  return new Date(Math.ceil(earliest / step) * step);
}

/**
 * The window of a refresh that was not told one: up to the interval that `now` falls into, and back over the rolling window, in which
 * the publisher revises, or to the newest complete interval of the series that is furthest behind, whichever is earlier.
 */
export function rollingWindow(rule: WindowRule, stored: StoredSeries, now: Date): TimeRange {
  const limit = catchUpFrom(rule, now);
  const rolling = now.getTime() - rule.windowSeconds * 1000;
  const behind = stored.any ? (stored.newest ?? limit).getTime() : Infinity;
  const wanted = { from: new Date(Math.min(rolling, behind)), to: now };
  const { from, to } = roundOutwards(wanted, rule.time.resolutionSeconds);
  const step = rule.time.resolutionSeconds * 1000;
  // At least one interval, also of a series that has just begun.
  return { from: new Date(Math.min(Math.max(from.getTime(), limit.getTime()), to.getTime() - step)), to };
}

/** What somebody asked for: the end is now and the length that of the rolling window where they did not say. */
export function givenWindow(
  rule: WindowRule,
  given: { readonly from: Date | null; readonly to: Date | null },
  now: Date,
): TimeRange {
  const to = given.to ?? now;
  const since = Date.parse(rule.since);
  const from = given.from ?? new Date(Math.max(since, to.getTime() - rule.windowSeconds * 1000));
  return roundOutwards({ from, to }, rule.time.resolutionSeconds);
}
