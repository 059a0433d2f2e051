/** The process was told to end before it had got to the end of what it was started for. */
export class Interrupted extends Error {}

/** Exit codes of an interrupted start, as shells count them. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Ends the process in order on Ctrl-C or SIGTERM, from the first moment on: also in the middle of a start, and while the demo
 * refreshes. A second signal ends it at once.
 */
export class Leaving {
  private readonly controller = new AbortController();
  private stop: (() => Promise<void>) | undefined;
  code: number = SIGNALS.SIGINT;
  /** What an orderly stop ends with. */
  private outcome = 0;

  constructor(private readonly end: (code: number) => void) {
    for (const [name, code] of Object.entries(SIGNALS)) process.on(name, () => this.signalled(name, code));
  }

  /** Aborted, with `Interrupted`, when it is time to go. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** From here on there is something to stop. */
  by(stop: () => Promise<void>): void {
    this.stop = stop;
    if (this.signal.aborted) this.leave();
  }

  /** It cannot go on: says why and ends with 1, in order if that takes no longer than `withinMs`. */
  fail(message: string, withinMs = 10_000): void {
    process.stderr.write(`${message}\n`);
    if (this.signal.aborted) return;
    this.code = this.outcome = 1;
    this.controller.abort(new Interrupted(message));
    setTimeout(() => this.end(1), withinMs).unref();
    this.leave();
  }

  private signalled(name: string, code: number): void {
    if (this.signal.aborted) return this.end(code);
    // Below the bars, where the demo draws some.
    process.stdout.write('\nStopping …\n');
    this.code = code;
    this.controller.abort(new Interrupted(`stopped by ${name}`));
    this.leave();
  }

  private leave(): void {
    this.stop?.().then(
      () => this.end(this.outcome),
      (error: unknown) => {
        process.stderr.write(`could not stop in order: ${String(error)}\n`);
        this.end(1);
      },
    );
  }
}
