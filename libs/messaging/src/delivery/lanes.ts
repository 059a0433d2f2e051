import type { IntakeGate } from './intake-gate';

export interface Work {
  /** Work of one key runs in the order it was added, one at a time; null has no order. */
  readonly key: string | null;
  readonly bytes: number;
  /** Must not reject. */
  run(): Promise<void>;
}

/** Runs work, at most `limit` at a time, while the gate is open. What waits and runs is its backlog. */
export class Lanes {
  private readonly ready: Work[] = [];
  private readonly behind = new Map<string, Work[]>();
  private readonly idle: Array<() => void> = [];
  private running = 0;
  private messages = 0;
  private bytes = 0;

  /** @param onFreed called whenever the backlog shrank. */
  constructor(
    private readonly limit: number,
    private readonly gate: IntakeGate,
    private readonly onFreed: () => void = () => {},
  ) {}

  get backlog(): { readonly messages: number; readonly bytes: number } {
    return { messages: this.messages, bytes: this.bytes };
  }

  add(work: Work): void {
    this.messages += 1;
    this.bytes += work.bytes;
    const lane = work.key === null ? undefined : this.behind.get(work.key);
    if (lane) lane.push(work);
    else {
      if (work.key !== null) this.behind.set(work.key, []);
      this.ready.push(work);
    }
    this.pump();
  }

  /** Starts what may start. To be called when the gate opens. */
  pump(): void {
    while (this.running < this.limit && this.gate.open) {
      const work = this.ready.shift();
      if (!work) return;
      this.running += 1;
      void work.run().finally(() => this.finished(work));
    }
  }

  /** Resolves when nothing runs and nothing waits. */
  whenIdle(): Promise<void> {
    return this.messages === 0 ? Promise.resolve() : new Promise((resolve) => this.idle.push(resolve));
  }

  /** Forgets what has not started. What runs goes on. */
  dropWaiting(): void {
    for (const work of this.ready.splice(0)) {
      this.release(work);
      if (work.key !== null) this.dropBehind(work.key);
      if (work.key !== null) this.behind.delete(work.key);
    }
    for (const key of this.behind.keys()) this.dropBehind(key);
    this.tellIdle();
  }

  private dropBehind(key: string): void {
    for (const work of this.behind.get(key)?.splice(0) ?? []) this.release(work);
  }

  private finished(work: Work): void {
    this.running -= 1;
    this.release(work);
    if (work.key !== null) {
      const next = this.behind.get(work.key)?.shift();
      if (next) this.ready.push(next);
      else this.behind.delete(work.key);
    }
    this.pump();
    this.tellIdle();
    this.onFreed();
  }

  private release(work: Work): void {
    this.messages -= 1;
    this.bytes -= work.bytes;
  }

  private tellIdle(): void {
    if (this.messages === 0) for (const resolve of this.idle.splice(0)) resolve();
  }
}
