/** Filling holes of a time series: an interval cut into partitions, one selected code × one window, each a run of its own. */
import type { DatasetDefinition } from './definition';
import type { PagedJson, RateLimit } from './paging';
import { keptForOthers, paceOf } from './rate-limit';
import type { TimeSeries } from './timeseries';

/** Interval starts, half-open, on the grid of the series' resolution. */
export interface TimeRange {
  readonly from: Date;
  readonly to: Date;
}

export interface BackfillPartition extends TimeRange {
  /** Code of the publisher. */
  readonly selected: string;
}

/** A definition of mode `timeseries`: it has both. */
export type SeriesDefinition = DatasetDefinition & { readonly timeseries: TimeSeries; readonly paging: PagedJson };

export const isSeriesDefinition = (definition: DatasetDefinition): definition is SeriesDefinition =>
  Boolean(definition.timeseries && definition.paging);

/** Rounded outwards, so that an interval named by a minute in it is asked for whole. */
export function roundOutwards({ from, to }: TimeRange, resolutionSeconds: number): TimeRange {
  const step = resolutionSeconds * 1000;
  return {
    from: new Date(Math.floor(from.getTime() / step) * step),
    to: new Date(Math.ceil(to.getTime() / step) * step),
  };
}

/** The end of what the publisher should have by now: the newest interval that ended `lagSeconds` ago. */
export function dueUntil({ timeseries }: Pick<SeriesDefinition, 'timeseries'>, now: Date): Date {
  const step = timeseries.time.resolutionSeconds * 1000;
  return new Date(Math.floor((now.getTime() - timeseries.lagSeconds * 1000) / step) * step);
}

type Sized = Pick<SeriesDefinition, 'timeseries' | 'paging'>;

/** Longest window of one partition in seconds: as the definition says, shortened to what a page holds, at least one interval. */
export function partitionSeconds({ timeseries, paging }: Sized): number {
  const step = timeseries.time.resolutionSeconds;
  const pageSeconds = (paging.pageSize / paging.recordsPerHour) * 3600;
  return Math.max(1, Math.floor(Math.min(timeseries.backfill.windowSeconds, pageSeconds) / step)) * step;
}

/** The range cut into windows, oldest first, the last one shorter: they cover it exactly and never overlap. */
export function cutWindows({ from, to }: TimeRange, windowSeconds: number): readonly TimeRange[] {
  const windows: TimeRange[] = [];
  for (let at = from.getTime(); at < to.getTime(); at += windowSeconds * 1000)
    windows.push({ from: new Date(at), to: new Date(Math.min(at + windowSeconds * 1000, to.getTime())) });
  return windows;
}

/** Every window of the range for every code, oldest first. */
export function planPartitions(
  definition: Sized,
  selected: readonly string[],
  range: TimeRange,
): readonly BackfillPartition[] {
  const whole = roundOutwards(range, definition.timeseries.time.resolutionSeconds);
  return cutWindows(whole, partitionSeconds(definition)).flatMap((window) =>
    selected.map((code) => ({ selected: code, ...window })),
  );
}

/** Pages that the answer to one partition is expected to have. */
export function requestsOf({ paging }: Pick<SeriesDefinition, 'paging'>, { from, to }: TimeRange): number {
  const hours = (to.getTime() - from.getTime()) / 3_600_000;
  return Math.max(1, Math.ceil((hours * paging.recordsPerHour) / paging.pageSize));
}

/** Least time for so many requests by the rate limit alone, in seconds, with what is left to others of a limit's burst. */
export function estimatedSeconds(rateLimit: Pick<RateLimit, 'limits'> | null, requests: number): number {
  const seconds = (rateLimit?.limits ?? []).map((limit) => {
    const { burst, interval } = paceOf(limit);
    return (Math.max(0, requests - (burst - keptForOthers(burst))) * interval) / 1_000_000;
  });
  return Math.max(0, ...seconds);
}
