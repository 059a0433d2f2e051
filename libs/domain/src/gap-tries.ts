/** How often what is missing was asked for before, and what follows from that. */
import type { BackfillPartition, TimeRange } from './backfill';

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
