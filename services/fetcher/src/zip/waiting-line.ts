/** A queue between one producer and one consumer that waits. */
export class WaitingLine<T> {
  private readonly items: T[] = [];
  private closed = false;
  private error: unknown;
  private wake: (() => void) | null = null;

  push(item: T): void {
    this.items.push(item);
    this.wake?.();
  }

  /** No more items; what is queued is still given out. */
  close(): void {
    this.closed = true;
    this.wake?.();
  }

  /** Nothing more is given out: the consumer gets `error`. */
  fail(error: unknown): void {
    this.error ??= error;
    this.wake?.();
  }

  /** @returns undefined when closed and empty. */
  async next(): Promise<T | undefined> {
    for (;;) {
      if (this.error !== undefined) throw this.error;
      if (this.items.length > 0) return this.items.shift();
      if (this.closed) return undefined;
      await new Promise<void>((resolve) => (this.wake = resolve));
      this.wake = null;
    }
  }
}
