/** When the coordinator asks for a gap by itself: every rule of the sensor, over what is stored. */
import { cutWindows, type BackfillPartition, type TimeRange } from './backfill';
import { pauseAfterTries, piecesOf, type GapPiece, type GapTry } from './gap-tries';

export interface SensedGap extends TimeRange {
  readonly respondent: string;
}

export interface SensorRules {
  readonly maxTries: number;
  /** How many more partitions today's budget bears. */
  readonly budget: number;
  /** Longest window of a partition. */
  readonly windowSeconds: number;
  /** Gaps of a respondent no further apart than this become one partition: a few hours more cost less than a request. */
  readonly mergeSeconds: number;
}

/**
 * What to ask for now: pieces of gaps that are not under way, were not tried too often, and whose last try is long enough ago; what was
 * tried least comes first, then what is oldest. Gaps of the series of one respondent, and its neighbouring gaps, become one partition,
 * unless something between them is to be left alone.
 */
export function planGapPartitions(
  gaps: readonly SensedGap[],
  tries: readonly GapTry[],
  rules: SensorRules,
  now: Date,
): readonly BackfillPartition[] {
  const respondents = [...new Set(gaps.map(({ respondent }) => respondent))].sort();
  return respondents
    .flatMap((respondent) => {
      const near = nearTo(tries.filter(({ selected }) => selected === respondent));
      const pieces = union(gaps.filter((gap) => gap.respondent === respondent)).flatMap((gap) =>
        askable(piecesOf(gap, near(gap)), rules, now),
      );
      return merged(pieces, rules).flatMap(({ tries: least, ...range }) =>
        cutWindows(range, rules.windowSeconds).map((window) => ({
          least,
          partition: { selected: respondent, ...window },
        })),
      );
    })
    .sort((a, b) => a.least - b.least || a.partition.from.getTime() - b.partition.from.getTime())
    .slice(0, Math.max(0, rules.budget))
    .map(({ partition }) => partition);
}

interface Askable extends TimeRange {
  readonly tries: number;
  readonly due: boolean;
}

/**
 * Which pieces of one gap are due. A gap that grows hour by hour, because a publisher stopped, is no new one every hour: a piece that was
 * tried less than others of its gap waits for as long as they do.
 */
function askable(pieces: readonly GapPiece[], { maxTries }: SensorRules, now: Date): readonly Askable[] {
  const most = Math.max(...pieces.map(({ tries }) => tries));
  const lastEnd = Math.max(...pieces.map(({ endedAt }) => endedAt?.getTime() ?? -Infinity));
  const rested = (since: number, tries: number): boolean => now.getTime() >= since + pauseAfterTries(tries);
  return pieces.map(({ from, to, tries, underWay, endedAt }) => {
    const due = tries < most ? rested(lastEnd, most) : rested(endedAt?.getTime() ?? -Infinity, tries);
    return { from, to, tries, due: !underWay && tries < maxTries && due };
  });
}

/**
 * Ranges to ask for, of one respondent's pieces in order, each with the fewest tries in it. What was tried differently often is joined
 * only where it fits one window and costs no request more.
 */
function merged(
  pieces: readonly Askable[],
  { mergeSeconds, windowSeconds }: SensorRules,
): ReadonlyArray<TimeRange & { readonly tries: number }> {
  const ranges: Array<TimeRange & { readonly tries: number }> = [];
  let open = false;
  for (const { from, to, tries, due } of pieces) {
    const last = ranges.at(-1);
    const joins =
      last !== undefined &&
      secondsFrom(last.to, from) <= mergeSeconds &&
      (last.tries === tries || secondsFrom(last.from, to) <= windowSeconds);
    if (due && open && joins) ranges[ranges.length - 1] = { from: last.from, to, tries: Math.min(last.tries, tries) };
    else if (due) ranges.push({ from, to, tries });
    open = due;
  }
  return ranges;
}

const secondsFrom = (from: Date, to: Date): number => (to.getTime() - from.getTime()) / 1000;

/** Finds the tries that touch a gap without looking at all of them, once for each of many gaps. */
function nearTo(tries: readonly GapTry[]): (gap: TimeRange) => readonly GapTry[] {
  const sorted = [...tries].sort((a, b) => a.from.getTime() - b.from.getTime());
  const longest = sorted.reduce((most, { from, to }) => Math.max(most, to.getTime() - from.getTime()), 0);
  return ({ from, to }) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle]?.from.getTime() ?? 0) < from.getTime() - longest) low = middle + 1;
      else high = middle;
    }
    const near: GapTry[] = [];
    for (let at = low; at < sorted.length; at += 1) {
      const one = sorted[at];
      if (!one || one.from >= to) break;
      near.push(one);
    }
    return near;
  };
}

/** The same hours as ranges that do not touch, in order. */
function union(ranges: readonly TimeRange[]): readonly TimeRange[] {
  const sorted = [...ranges].sort((a, b) => a.from.getTime() - b.from.getTime());
  const result: TimeRange[] = [];
  for (const { from, to } of sorted) {
    const last = result.at(-1);
    if (!last || from > last.to) result.push({ from, to });
    else if (to > last.to) result[result.length - 1] = { from: last.from, to };
  }
  return result;
}
