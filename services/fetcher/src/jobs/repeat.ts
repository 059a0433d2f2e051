import { setTimeout as wait } from 'node:timers/promises';
import { FreshetError } from '@freshet/domain';

export interface RepeatOptions {
  /** Ends the repeating; what was thrown last is thrown then. */
  readonly until: AbortSignal;
  readonly initialMs?: number;
  readonly maxMs?: number;
}

/** Repeats a call while it throws `dependency_unavailable`, with growing pauses. */
export async function repeatWhileUnavailable<T>(call: () => Promise<T>, options: RepeatOptions): Promise<T> {
  let pause = options.initialMs ?? 200;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const unavailable = error instanceof FreshetError && error.code === 'dependency_unavailable';
      if (!unavailable || options.until.aborted) throw error;
      await wait(pause, undefined, { signal: options.until }).catch(() => undefined);
      if (options.until.aborted) throw error;
      pause = Math.min(pause * 2, options.maxMs ?? 5000);
    }
  }
}
