import type { RunEvent } from './schemas';

const STEP_BYTES = 4 * 1024 * 1024;
const RUNS_REMEMBERED = 32;

/**
 * Decides when a process tells the peak of its resident memory: once when it first works for a run, and again whenever the
 * peak has grown by 4 MiB since. Call it after each piece of work; null means there is nothing new to say.
 */
export class ProcessPeaks {
  private readonly told = new Map<string, number>();

  constructor(
    private readonly who: { readonly service: string; readonly instance: string },
    private readonly peakRssBytes: () => number,
  ) {}

  after(runId: string): Extract<RunEvent, { type: 'process.peak' }> | null {
    const peak = this.peakRssBytes();
    const told = this.told.get(runId);
    if (told !== undefined && peak < told + STEP_BYTES) return null;
    this.told.delete(runId);
    this.told.set(runId, peak);
    const [oldest] = this.told.keys();
    if (this.told.size > RUNS_REMEMBERED && oldest !== undefined) this.told.delete(oldest);
    return { type: 'process.peak', runId, service: this.who.service, instance: this.who.instance, peakRssBytes: peak };
  }
}
