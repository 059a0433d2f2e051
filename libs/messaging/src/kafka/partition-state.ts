import { OffsetTracker } from './offset-tracker';

/** One partition while it is ours. `signal` aborts when it is not any more. */
export class PartitionState {
  readonly tracker = new OffsetTracker();
  private readonly lost = new AbortController();
  private committed: bigint | null = null;

  /** End of the partition as of the last fetch. */
  highWatermark: bigint | null = null;

  constructor(readonly partition: number) {}

  /** Messages that are not done, those that another process has to fetch yet included; null before the first fetch. */
  get lag(): number | null {
    const { position } = this.tracker;
    if (this.highWatermark === null || position === null) return null;
    return Number(this.highWatermark > position ? this.highWatermark - position : 0n);
  }

  get signal(): AbortSignal {
    return this.lost.signal;
  }

  lose(): void {
    this.lost.abort();
  }

  /** What is done and not committed yet; null when there is nothing, or the partition is lost. */
  get pending(): bigint | null {
    const { committable } = this.tracker;
    return this.signal.aborted || committable === null || committable === this.committed ? null : committable;
  }

  markCommitted(offset: bigint): void {
    this.committed = offset;
  }
}
