/** Does one thing again and again, never twice at the same time, until stopped. */
export class Repeated {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private stopped = false;
  private tickedAt: number;

  /**
   * @param work its errors go to `onError`, and the next turn comes as usual
   * @param now milliseconds, monotonic
   */
  constructor(
    private readonly everyMs: number,
    private readonly work: () => Promise<void>,
    private readonly onError: (error: unknown) => void,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.tickedAt = now();
  }

  /** The first turn comes at once. */
  start(): void {
    this.turn();
  }

  /** A turn as soon as possible. */
  wake(): void {
    if (this.running) this.again = true;
    else this.turn();
  }

  /** Resolves when the turn that is under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** Milliseconds since a turn last began or ended. */
  idleMs(): number {
    return this.now() - this.tickedAt;
  }

  private turn(): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.again = false;
    this.tickedAt = this.now();
    this.running = this.work()
      .catch(this.onError)
      .finally(() => {
        this.running = undefined;
        this.tickedAt = this.now();
        if (this.again) this.turn();
        else if (!this.stopped) this.timer = setTimeout(() => this.turn(), this.everyMs);
      });
  }
}
