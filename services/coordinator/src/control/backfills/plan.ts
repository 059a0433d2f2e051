import type { BackfillPlanView } from '@freshet/contracts';
import { missingHours, type Queryable } from '@freshet/database';
import {
  FreshetError,
  estimatedSeconds,
  isSeriesDefinition,
  planPartitions,
  requestsOf,
  resolveCode,
  roundOutwards,
  type BackfillPartition,
  type DatasetDefinition,
  type SeriesDefinition,
  type TimeRange,
} from '@freshet/domain';
import { COMPLETE_ALREADY } from '../../engine/backfiller';
import { invalid } from '../problem';
import type { StartBackfill } from './requests';

/** More than anybody means: a slip of a year, or a code list instead of a code. */
const MOST_PARTITIONS = 20_000;

export interface BackfillPlan {
  readonly range: TimeRange;
  readonly selected: readonly string[];
  readonly partitions: ReadonlyArray<BackfillPartition & { readonly missing: number; readonly skip: string | null }>;
}

/** @throws Problem `invalid` for a dataset that has no intervals. */
export function seriesDefinition(definition: DatasetDefinition): SeriesDefinition {
  if (isSeriesDefinition(definition)) return definition;
  throw invalid([`${definition.id} is no time series: it has no gaps, and is always refreshed as a whole`]);
}

/**
 * What a backfill is to ask for: the interval rounded outwards, from where the publisher begins to what it can have by now, cut into
 * windows; those of which everything is stored are left out, unless forced.
 * @throws Problem `invalid` with every mistake
 */
export async function planBackfill(
  sql: Queryable,
  definition: SeriesDefinition,
  asked: Pick<StartBackfill, 'from' | 'to' | 'only' | 'force'>,
  now: Date,
): Promise<BackfillPlan> {
  const mistakes: string[] = [];
  const selected = codesOf(definition, asked.only, mistakes);
  const range = rangeOf(definition, asked, now, mistakes);
  if (mistakes.length > 0) throw invalid(mistakes);
  const partitions = planPartitions(definition, selected, range);
  if (partitions.length > MOST_PARTITIONS)
    throw invalid([
      `from, to: that is ${partitions.length} windows to ask for, ${MOST_PARTITIONS} at most: ask for less at a time`,
    ]);
  const missing = await missingHours(sql, definition, partitions);
  return {
    range,
    selected,
    partitions: partitions.map((partition, index) => {
      const hours = missing[index] ?? 0;
      return { ...partition, missing: hours, skip: hours === 0 && !asked.force ? COMPLETE_ALREADY : null };
    }),
  };
}

export function planView(definition: SeriesDefinition, { range, partitions }: BackfillPlan): BackfillPlanView {
  const views = partitions.map((partition) => ({
    selected: partition.selected,
    from: partition.from.toISOString(),
    to: partition.to.toISOString(),
    requests: partition.skip === null ? requestsOf(definition, partition) : 0,
    missing: partition.missing,
    skip: partition.skip,
  }));
  const requests = views.reduce((sum, view) => sum + view.requests, 0);
  return {
    dataset: definition.id,
    from: range.from.toISOString(),
    to: range.to.toISOString(),
    partitions: views,
    requests,
    estimatedSeconds: Math.ceil(estimatedSeconds(definition.rateLimit, requests)),
  };
}

function codesOf(
  definition: SeriesDefinition,
  only: readonly string[] | undefined,
  mistakes: string[],
): readonly string[] {
  if (only === undefined) return definition.paging.select.values;
  const codes = new Set<string>();
  for (const written of only) {
    try {
      codes.add(resolveCode(definition, written));
    } catch (error) {
      if (!(error instanceof FreshetError)) throw error;
      mistakes.push(`only: ${error.message}`);
    }
  }
  return [...codes];
}

function rangeOf(
  { id, timeseries }: SeriesDefinition,
  asked: { readonly from: Date; readonly to: Date },
  now: Date,
  mistakes: string[],
): TimeRange {
  const step = timeseries.time.resolutionSeconds * 1000;
  const whole = roundOutwards(asked, timeseries.time.resolutionSeconds);
  const first = Date.parse(timeseries.since);
  // The interval that is still going on has no value yet.
  const last = Math.floor(now.getTime() / step) * step;
  const range = {
    from: new Date(Math.max(whole.from.getTime(), first)),
    to: new Date(Math.min(whole.to.getTime(), last)),
  };
  if (asked.to.getTime() <= first) mistakes.push(`to: ${id} begins at ${timeseries.since}, and that is not after it`);
  else if (range.from >= range.to) mistakes.push(`from: no interval of ${id} that begins then has ended yet`);
  return range;
}
