interface Tracked {
  readonly offset: bigint;
  done: boolean;
}

/**
 * Which messages of a partition were taken in, and how far all of them are done. Messages of a batch end in any order; only
 * what has nothing unfinished before it may be committed.
 */
export class OffsetTracker {
  private readonly open: Tracked[] = [];
  private next: bigint | null = null;
  private doneUpTo: bigint | null = null;

  /** Null for a message that was already taken in (it is fetched again after a rebalance). */
  take(offset: string): Tracked | null {
    const value = BigInt(offset);
    if (this.next !== null && value < this.next) return null;
    this.next = value + 1n;
    const tracked = { offset: value, done: false };
    this.open.push(tracked);
    return tracked;
  }

  done(tracked: Tracked): void {
    tracked.done = true;
    for (let first = this.open[0]; first?.done; first = this.open[0]) {
      this.doneUpTo = first.offset + 1n;
      this.open.shift();
    }
  }

  /** The first offset that is not done; null before the first message. */
  get position(): bigint | null {
    return this.open[0]?.offset ?? this.next;
  }

  /** The offset to commit (the first that is not done); null when nothing is done yet. */
  get committable(): bigint | null {
    return this.doneUpTo;
  }
}
