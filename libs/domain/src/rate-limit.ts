/**
 * When the next request may be sent, so that a publisher's limit holds whoever asks: the generic cell rate algorithm, pure. Instants
 * and durations are whole microseconds, the database's own grain, so that nothing is lost by rounding however long it goes on.
 *
 * A limit of N per P is paced with a burst `b` of 5 % of N (at least 1) and one request every P / (N − b) after it. So every window of
 * length P, wherever it begins, holds at most b + (N − b) = N requests. What is paced is the moment of sending: a request may be as
 * late as one interval without the window's count being exceeded.
 */
import type { RateLimit } from './paging';

export type Limit = RateLimit['limits'][number];

export interface Pace {
  /** Requests that may go out at once after a pause. */
  readonly burst: number;
  /** Between two requests once the burst is spent, in microseconds. */
  readonly interval: number;
}

/** What is remembered of a limit: when its next request would be due if all were evenly spaced (its theoretical arrival time). */
export interface LimitState extends Limit {
  readonly tat: number;
}

export interface PermitRequest {
  readonly limits: readonly LimitState[];
  readonly now: number;
  /** Nobody sends before this; null: no cool-down. */
  readonly coolUntil: number | null;
  /** `low` leaves a quarter of each burst that is larger than four to others. */
  readonly priority: 'normal' | 'low';
}

export type PermitDecision =
  /** Wait, then send one request; `tats` are to be stored, in the order of the limits. */
  | { readonly granted: true; readonly waitMs: number; readonly tats: readonly number[] }
  /** Nothing was taken: ask again after `waitMs`. */
  | { readonly granted: false; readonly waitMs: number };

/** Nobody is told to wait longer than this: what is granted so far ahead would outlive a lease. */
export const LONGEST_PERMIT_WAIT_MS = 10_000;

const SECOND = 1_000_000;
const BURST_SHARE = 0.05;
const FREE_SHARE = 0.25;
const SMALL_BURST = 4;

/** A limit of one is spaced by its whole period. */
export function paceOf({ requests, perSeconds }: Limit): Pace {
  const burst = Math.max(1, Math.floor(requests * BURST_SHARE));
  return { burst, interval: Math.ceil((perSeconds * SECOND) / Math.max(1, requests - burst)) };
}

export function decidePermit({ limits, now, coolUntil, priority }: PermitRequest): PermitDecision {
  const at = Math.max(now, coolUntil ?? now, ...limits.map((limit) => earliest(limit, priority)));
  const waitMs = Math.ceil((at - now) / 1000);
  if (waitMs > LONGEST_PERMIT_WAIT_MS) return { granted: false, waitMs: LONGEST_PERMIT_WAIT_MS };
  return { granted: true, waitMs, tats: limits.map((limit) => Math.max(limit.tat, at) + paceOf(limit).interval) };
}

/** What requests of low priority leave of a burst. */
export const keptForOthers = (burst: number): number => (burst > SMALL_BURST ? Math.ceil(burst * FREE_SHARE) : 0);

function earliest(limit: LimitState, priority: PermitRequest['priority']): number {
  const { burst, interval } = paceOf(limit);
  const kept = priority === 'low' ? keptForOthers(burst) : 0;
  return limit.tat - (burst - 1 - kept) * interval;
}
