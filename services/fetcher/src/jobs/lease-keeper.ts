import type { FetchProgress, Lease, WorkerPort } from '@freshet/contracts';
import type { Logger } from '@freshet/domain';
import { Cancelled, LeaseLost } from './endings';

export interface LeaseKeeperOptions {
  readonly worker: WorkerPort;
  readonly lease: Lease;
  readonly leaseMs: number;
  /** `performance.now()` before the claim was sent: the lease is counted from there, never from later. */
  readonly claimedAt: number;
  readonly progress: () => FetchProgress;
  readonly logger: Logger;
}

/** A renewal also carries the progress that people watch, and brings the news that a run was cancelled. */
const REPORT_EVERY_MS = 2_000;
/** The first one soon: how much is to come is known as soon as the publisher has answered. */
const FIRST_REPORT_MS = 500;

/**
 * Keeps a lease: renews it every two seconds, or every third of its time where that is sooner, and says, by `lost`, when it is
 * gone: the coordinator says so, the run was cancelled, or the coordinator could not be reached until, by this process's own
 * clock, the lease had run out.
 */
export class LeaseKeeper {
  private readonly gone = new AbortController();
  private renewal: NodeJS.Timeout | undefined;
  private expiry: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly options: LeaseKeeperOptions) {
    this.extend(options.claimedAt, options.leaseMs);
    this.schedule(Math.min(FIRST_REPORT_MS, options.leaseMs / 3));
  }

  /** Aborted, with the reason, once the lease is gone. */
  get lost(): AbortSignal {
    return this.gone.signal;
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.renewal);
    clearTimeout(this.expiry);
  }

  private extend(from: number, leaseMs: number): void {
    clearTimeout(this.expiry);
    if (this.stopped) return;
    const left = from + leaseMs - performance.now();
    this.expiry = setTimeout(() => this.lose(new LeaseLost('it could not be renewed in time')), Math.max(0, left));
  }

  private schedule(inMs: number): void {
    if (!this.stopped) this.renewal = setTimeout(() => void this.renew(), inMs);
  }

  private async renew(): Promise<void> {
    const sentAt = performance.now();
    const { worker, lease, logger, progress } = this.options;
    try {
      const answer = await worker.renew(lease, progress());
      if (this.stopped) return;
      if (answer.cancelled) return this.lose(new Cancelled());
      if (!answer.held) return this.lose(new LeaseLost('the coordinator says so'));
      this.extend(sentAt, answer.leaseMs);
      this.schedule(Math.min(REPORT_EVERY_MS, answer.leaseMs / 3));
    } catch (error) {
      logger.warn(
        { error: error instanceof Error ? error.message : String(error) },
        'the lease could not be renewed, trying again',
      );
      this.schedule(Math.min(1000, this.options.leaseMs / 10));
    }
  }

  private lose(reason: LeaseLost | Cancelled): void {
    if (this.stopped) return;
    this.stop();
    this.gone.abort(reason);
  }
}
