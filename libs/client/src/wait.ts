import type { RunView } from '@freshet/contracts';
import { isEnded } from '@freshet/domain';
import { UnreachableError } from './errors';
import type { Sleep } from './transport';

export interface WaitOptions {
  /** Called with every answer, the last one included. */
  readonly onUpdate?: (run: RunView) => void;
  /** Called when the coordinator stops answering, with how long it has not; a restart of it does not end the waiting. */
  readonly onUnreachable?: (error: UnreachableError, silentMs: number) => void;
  readonly signal?: AbortSignal;
  /** Shortest and longest pause between questions, in milliseconds. Defaults 200 and 2000. */
  readonly minPollMs?: number;
  readonly maxPollMs?: number;
  /** How long the coordinator may be silent, in milliseconds. Default 120 000. */
  readonly patienceMs?: number;
  /** Milliseconds, monotonic; for tests. */
  readonly now?: () => number;
}

/** Asks often while something moves, less often while nothing does. */
export async function waitForRun(
  ask: (signal?: AbortSignal) => Promise<RunView>,
  sleep: Sleep,
  options: WaitOptions,
): Promise<RunView> {
  const { minPollMs = 200, maxPollMs = 2000, patienceMs = 120_000, now = () => performance.now(), signal } = options;
  let pause = minPollMs;
  let seen = '';
  let answeredAt = now();
  for (;;) {
    signal?.throwIfAborted();
    try {
      const run = await ask(signal);
      answeredAt = now();
      options.onUpdate?.(run);
      if (isEnded(run.state)) return run;
      const moved = JSON.stringify([run.state, run.taskState, run.attempt, run.progress]);
      pause = moved === seen ? Math.min(maxPollMs, pause * 1.5) : minPollMs;
      seen = moved;
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      const silentMs = now() - answeredAt;
      if (silentMs >= patienceMs) throw error;
      options.onUnreachable?.(error, silentMs);
      pause = maxPollMs;
    }
    await sleep(pause, signal);
  }
}
