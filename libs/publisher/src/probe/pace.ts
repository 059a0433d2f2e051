import { setTimeout as wait } from 'node:timers/promises';
import type { FreshetError, RateLimit } from '@freshet/domain';

export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

const sleeping: Sleep = async (ms, signal) => wait(ms, undefined, signal ? { signal } : {});

/**
 * Keeps a probe below the limits of definitions by asking evenly, and from asking a publisher that has had enough. It takes no
 * permits: there need not be a coordinator.
 */
export class Pace {
  private readonly last = new Map<string, number>();
  private readonly stopped = new Map<string, FreshetError>();

  constructor(
    private readonly sleep: Sleep = sleeping,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Waits until the next question may be sent. Without a limit, at once. */
  async turn(limit: RateLimit | null, signal?: AbortSignal): Promise<void> {
    if (!limit || limit.limits.length === 0) return;
    const [shortest] = [...limit.limits].sort((a, b) => a.perSeconds - b.perSeconds);
    const gapMs = shortest ? (shortest.perSeconds * 1000) / shortest.requests : 0;
    const last = this.last.get(limit.key);
    const now = this.now();
    const at = last === undefined ? now : Math.max(now, last + gapMs);
    this.last.set(limit.key, at);
    if (at > now) await this.sleep(at - now, signal);
  }

  /** From now on nobody with this limit asks. */
  stop(limit: RateLimit | null, why: FreshetError): void {
    if (limit) this.stopped.set(limit.key, why);
  }

  stoppedBy(limit: RateLimit | null): FreshetError | null {
    return (limit && this.stopped.get(limit.key)) ?? null;
  }
}
