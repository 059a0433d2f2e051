import type { BackfillView, RunView } from '@freshet/contracts';
import { isEnded } from '@freshet/domain';
import { isUnavailable, type UnavailableError } from './errors';
import type { Sleep } from './transport';

export interface WaitOptions<T = RunView> {
  /** Called with every answer, the last one included. */
  readonly onUpdate?: (answer: T) => void;
  /**
   * Called while no coordinator answers, or one answers that its database is away, with how long this has lasted; a restart of
   * either does not end the waiting.
   */
  readonly onUnreachable?: (error: UnavailableError, silentMs: number) => void;
  readonly signal?: AbortSignal;
  /** Shortest and longest pause between questions, in milliseconds. Defaults 200 and 2000. */
  readonly minPollMs?: number;
  readonly maxPollMs?: number;
  /** How long the coordinator may be silent, in milliseconds. Default 120 000. */
  readonly patienceMs?: number;
  /** Milliseconds, monotonic; for tests. */
  readonly now?: () => number;
}

/** What is waited for: when it has ended, and what about it shows that something moves. */
export interface Waited<T> {
  readonly hasEnded: (answer: T) => boolean;
  readonly signs: (answer: T) => unknown;
}

export const AWAITED_RUN: Waited<RunView> = {
  hasEnded: ({ state }) => isEnded(state),
  signs: ({ state, taskState, attempt, progress }) => [state, taskState, attempt, progress],
};

export const AWAITED_BACKFILL: Waited<BackfillView> = {
  // A cancelled one has ended when what was under way has.
  hasEnded: ({ state, counts }) => state !== 'running' && counts.leased === 0,
  signs: ({ state, counts }) => [state, counts],
};

/** Asks often while something moves, less often while nothing does. */
export async function waitFor<T>(
  ask: (signal?: AbortSignal) => Promise<T>,
  { hasEnded, signs }: Waited<T>,
  sleep: Sleep,
  options: WaitOptions<T>,
): Promise<T> {
  const { minPollMs = 200, maxPollMs = 2000, patienceMs = 120_000, now = () => performance.now(), signal } = options;
  let pause = minPollMs;
  let seen = '';
  let answeredAt = now();
  for (;;) {
    signal?.throwIfAborted();
    try {
      const answer = await ask(signal);
      answeredAt = now();
      options.onUpdate?.(answer);
      if (hasEnded(answer)) return answer;
      const moved = JSON.stringify(signs(answer));
      pause = moved === seen ? Math.min(maxPollMs, pause * 1.5) : minPollMs;
      seen = moved;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      const silentMs = now() - answeredAt;
      if (silentMs >= patienceMs) throw error;
      options.onUnreachable?.(error, silentMs);
      pause = maxPollMs;
    }
    await sleep(pause, signal);
  }
}
