/** Room for a bounded number of things at the same time; who comes first is served first. */
export class Slots {
  private free: number;
  private readonly waiting: Array<() => void> = [];

  constructor(count: number) {
    this.free = count;
  }

  /**
   * Waits for a slot. Call what it gives back exactly when the slot is free again; more often does no harm.
   * @throws the reason of `signal` when that is aborted first
   */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.free > 0) this.free -= 1;
    else await this.wait(signal);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    };
  }

  private wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const given = (): void => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      const stop = (): void => {
        this.waiting.splice(this.waiting.indexOf(given), 1);
        reject(signal.reason as Error);
      };
      this.waiting.push(given);
      signal.addEventListener('abort', stop, { once: true });
    });
  }
}
