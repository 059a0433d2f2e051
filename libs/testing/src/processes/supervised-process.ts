import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { cpuSecondsOf, peakRssOf } from './usage';

export interface ProcessSpec {
  /** Unique among the processes of a supervisor; the log file is named after it. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Answers `/health/live` and `/health/ready`. */
  readonly httpPort: number;
  readonly logFile: string;
}

/** One end of a process. */
export interface ProcessExit {
  readonly at: Date;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** We ended it; otherwise it ended by itself. */
  readonly wanted: boolean;
}

/** As a kubelet's, only faster: tests cannot wait five minutes for a crash loop. */
const BACKOFF = { firstMs: 100, maxMs: 3_000, forgottenAfterMs: 10_000 };
const LIVENESS = { everyMs: 5_000, timeoutMs: 3_000, failures: 3, startupMs: 60_000 };
const SAMPLE_MS = 500;

/** A process that is started again whenever it ends, until it is stopped. */
export class SupervisedProcess {
  readonly exits: ProcessExit[] = [];
  private child: ChildProcess | undefined;
  private log: WriteStream | undefined;
  private stopping = false;
  private killing = false;
  private inARow = 0;
  private startedAt = 0;
  private peak = 0;
  private loop: Promise<void> | undefined;
  private readonly timers: NodeJS.Timeout[] = [];
  private livenessFailures = 0;

  constructor(readonly spec: ProcessSpec) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Highest resident memory over all lives of the process, in bytes. */
  get peakRssBytes(): number {
    this.sample();
    return this.peak;
  }

  /** Processor time of its present life, in seconds. */
  get cpuSeconds(): number {
    return this.pid === undefined ? 0 : (cpuSecondsOf(this.pid) ?? 0);
  }

  start(): void {
    this.log = createWriteStream(this.spec.logFile, { flags: 'a' });
    this.loop = this.run();
    this.timers.push(
      setInterval(() => this.sample(), SAMPLE_MS),
      setInterval(() => void this.checkLiveness(), LIVENESS.everyMs),
    );
    for (const timer of this.timers) timer.unref();
  }

  /** Sends the signal and forgets: the supervisor's loop starts the process again. False when it is not running. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): boolean {
    this.sample();
    this.killing = true;
    return this.child?.kill(signal) ?? false;
  }

  /** Resolves when `/health/ready` answers 200. */
  async ready(timeoutMs = 60_000): Promise<void> {
    const until = Date.now() + timeoutMs;
    while (Date.now() < until) {
      if (await this.answers('ready', 2_000)) return;
      await pause(100);
    }
    throw new Error(`${this.spec.name} was not ready after ${timeoutMs} ms; see ${this.spec.logFile}`);
  }

  /** SIGTERM, and SIGKILL after `graceMs`. True when it stopped by itself. */
  async stop(graceMs = 15_000): Promise<boolean> {
    this.stopping = true;
    for (const timer of this.timers) clearInterval(timer);
    this.sample();
    const child = this.child;
    let orderly = true;
    if (child && child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      orderly = await Promise.race([exited.then(() => true), pause(graceMs, false, { ref: false })]);
      if (!orderly) {
        child.kill('SIGKILL');
        await exited;
      }
    }
    await this.loop;
    this.log?.end();
    return orderly;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      const child = spawn(this.spec.command, this.spec.args, {
        env: { ...this.spec.env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      this.child = child;
      this.startedAt = Date.now();
      this.livenessFailures = 0;
      child.stdout.on('data', (line: Buffer) => this.log?.write(line));
      child.stderr.on('data', (line: Buffer) => this.log?.write(line));
      const [code, signal] = (await Promise.race([
        once(child, 'exit'),
        once(child, 'error').then(() => [null, null]),
      ])) as [number | null, NodeJS.Signals | null];
      this.exits.push({ at: new Date(), code, signal, wanted: this.stopping || this.killing });
      this.log?.write(`--- ${this.spec.name} ended (code ${code}, signal ${signal})\n`);
      this.killing = false;
      this.inARow = Date.now() - this.startedAt > BACKOFF.forgottenAfterMs ? 0 : this.inARow + 1;
      if (!this.stopping)
        await pause(Math.min(BACKOFF.maxMs, BACKOFF.firstMs * 2 ** Math.min(this.inARow, 10)), undefined, {
          ref: false,
        });
    }
  }

  private sample(): void {
    if (this.pid !== undefined) this.peak = Math.max(this.peak, peakRssOf(this.pid) ?? 0);
  }

  private async checkLiveness(): Promise<void> {
    if (this.stopping || Date.now() - this.startedAt < 10_000) return;
    const pid = this.pid;
    const alive = await this.answers('live', LIVENESS.timeoutMs);
    if (pid !== this.pid) return;
    this.livenessFailures = alive ? 0 : this.livenessFailures + 1;
    const grown = Date.now() - this.startedAt > LIVENESS.startupMs;
    if (this.livenessFailures < LIVENESS.failures || (!grown && this.livenessFailures < 2 * LIVENESS.failures)) return;
    this.log?.write(`--- ${this.spec.name} failed its liveness probe ${this.livenessFailures} times\n`);
    this.child?.kill('SIGKILL');
  }

  private async answers(probe: 'live' | 'ready', timeoutMs: number): Promise<boolean> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.spec.httpPort}/health/${probe}`, {
        signal: AbortSignal.timeout(timeoutMs),
      });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }
}
