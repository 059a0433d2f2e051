import { Detached } from '../exit';
import type { World } from '../world';

export interface Detaching {
  /** Aborted, with a `Detached`, by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** Stops listening, and ends whatever still waits. */
  readonly end: () => void;
}

export function detaching(world: Pick<World, 'onInterrupt'>): Detaching {
  const controller = new AbortController();
  const stopListening = world.onInterrupt((signal) => controller.abort(new Detached(signal)));
  return {
    signal: controller.signal,
    end: () => {
      stopListening();
      controller.abort(new Detached('SIGINT'));
    },
  };
}

/** What `work` gives, or the `Detached` at once when a signal comes first; `work` is not waited for then. */
export function unlessDetached<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const detached = new Promise<never>((_, reject) => {
    const stop = (): void => reject(signal.reason as Detached);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  return Promise.race([work, detached]);
}
