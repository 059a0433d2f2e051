/** When the coordinator asks for a gap by itself: every rule of the sensor, over what is stored. */
import { cutWindows, type BackfillPartition, type TimeRange } from './backfill';

/** A partition that was made for a gap before. */
export interface GapTry extends BackfillPartition {
  /** Null while it waits or is under way. */
  readonly endedAt: Date | null;
}

/** A piece of a gap that has one history throughout. */
export interface GapPiece extends TimeRange {
  /** How often it was asked for, tries under way included. */
  readonly tries: number;
  readonly underWay: boolean;
  /** Of the last try. */
  readonly endedAt: Date | null;
}

const HOUR_MS = 3_600_000;
/** Before the second, third, … try, after the end of the one before. Later ones wait three times as long as the one before. */
const DISTANCES_MS = [1, 6, 24, 72].map((hours) => hours * HOUR_MS);

/** Shortest pause after `tries` tries, in milliseconds; 0 when it was never asked for. */
export function pauseAfterTries(tries: number): number {
  if (tries <= 0) return 0;
  const last = DISTANCES_MS.length;
  return DISTANCES_MS[tries - 1] ?? (DISTANCES_MS[last - 1] ?? HOUR_MS) * 3 ** (tries - last);
}

/** The gap cut where its history changes; `tries` are of its respondent. */
export function piecesOf(gap: TimeRange, tries: readonly GapTry[]): readonly GapPiece[] {
  const [start, end] = [gap.from.getTime(), gap.to.getTime()];
  const near = tries.filter(({ from, to }) => from.getTime() < end && to.getTime() > start);
  const cuts = near.flatMap(({ from, to }) => [from.getTime(), to.getTime()]).filter((at) => at > start && at < end);
  const edges = [...new Set([start, ...cuts, end])].sort((a, b) => a - b);
  return edges.slice(0, -1).map((from, index) => {
    const to = edges[index + 1] ?? end;
    const covering = near.filter((one) => one.from.getTime() <= from && one.to.getTime() >= to);
    const ends = covering.flatMap(({ endedAt }) => (endedAt ? [endedAt.getTime()] : []));
    return {
      from: new Date(from),
      to: new Date(to),
      tries: covering.length,
      underWay: ends.length < covering.length,
      endedAt: ends.length > 0 ? new Date(Math.max(...ends)) : null,
    };
  });
}

/** How often all of a gap was asked for: what is true of its least tried piece. */
export const triesOf = (gap: TimeRange, tries: readonly GapTry[]): number =>
  Math.min(...piecesOf(gap, tries).map((piece) => piece.tries));

/** Given up when the last try has ended as well. */
export const isGivenUp = (gap: TimeRange, tries: readonly GapTry[], maxTries: number): boolean =>
  piecesOf(gap, tries).every((piece) => piece.tries >= maxTries && !piece.underWay);

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
 * What to ask for now, oldest first: pieces of gaps that are not under way, were not tried too often, and whose last try is long enough
 * ago. Gaps of the series of one respondent, and its neighbouring gaps, become one partition, unless something between them is to be
 * left alone.
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
      const own = tries.filter(({ selected }) => selected === respondent);
      const pieces = union(gaps.filter((gap) => gap.respondent === respondent)).flatMap((gap) => piecesOf(gap, own));
      return merged(pieces, rules, now)
        .flatMap((range) => cutWindows(range, rules.windowSeconds))
        .map((window) => ({ selected: respondent, ...window }));
    })
    .sort((a, b) => a.from.getTime() - b.from.getTime())
    .slice(0, Math.max(0, rules.budget));
}

const isDue = (piece: GapPiece, { maxTries }: SensorRules, now: Date): boolean =>
  !piece.underWay &&
  piece.tries < maxTries &&
  now.getTime() >= (piece.endedAt?.getTime() ?? -Infinity) + pauseAfterTries(piece.tries);

/** Ranges to ask for, of one respondent's pieces in order. */
function merged(pieces: readonly GapPiece[], rules: SensorRules, now: Date): readonly TimeRange[] {
  const ranges: TimeRange[] = [];
  let open: TimeRange | null = null;
  for (const piece of pieces) {
    if (!isDue(piece, rules, now)) {
      open = null;
      continue;
    }
    const joins: boolean = open !== null && piece.from.getTime() - open.to.getTime() <= rules.mergeSeconds * 1000;
    if (open && joins) ranges.pop();
    open = { from: open && joins ? open.from : piece.from, to: piece.to };
    ranges.push(open);
  }
  return ranges;
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
