export interface LoopOptions {
  readonly onError: (error: unknown) => void;
  readonly errorPauseMs: number;
}

/**
 * Does something again and again, one at a time, with the pause that it asks for in between. `wake` ends the pause; a wake
 * during the work makes it run once more, so that nothing said meanwhile is missed.
 */
export class Loop {
  private stopped = true;
  private woken = false;
  private endPause: (() => void) | undefined;
  private running: Promise<void> = Promise.resolve();
  private turnedAt = performance.now();

  /** @param work returns the pause after it, in milliseconds. */
  constructor(
    private readonly work: () => Promise<number>,
    private readonly options: LoopOptions,
  ) {}

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.running = this.run();
  }

  /** Resolves when the work in progress is done. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.running;
  }

  wake(): void {
    this.woken = true;
    this.endPause?.();
  }

  /** Since it last turned; 0 while stopped. */
  silentMs(): number {
    return this.stopped ? 0 : performance.now() - this.turnedAt;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      this.woken = false;
      this.turnedAt = performance.now();
      let pauseMs = this.options.errorPauseMs;
      try {
        pauseMs = await this.work();
      } catch (error) {
        this.options.onError(error);
      }
      this.turnedAt = performance.now();
      await this.pause(pauseMs);
    }
  }

  private pause(ms: number): Promise<void> {
    if (this.woken || this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.endPause = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.endPause = done;
    });
  }
}
