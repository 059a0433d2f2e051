import type { RunView } from '@freshet/contracts';
import { isEnded } from '@freshet/domain';

export interface Estimate {
  /** Share of the work that is done, 0 to 1; null when the publisher did not say how much there is. */
  readonly share: number | null;
  /** Rows loaded a second, smoothed; null until something is known. */
  readonly rowsPerSecond: number | null;
  readonly secondsLeft: number | null;
}

/** What was cut is reported every few seconds and what is loaded is counted now, so the report may be behind. */
export const chunksCut = ({ progress }: RunView): number => Math.max(progress.chunksCut, progress.chunksLoaded);

/**
 * How far a run is. Chunks are cut while the archive arrives, so the share that is loaded is (loaded / cut) of the share that
 * has arrived.
 */
export function shareDone(run: RunView): number | null {
  const { state, taskState, progress } = run;
  if (state === 'publishing' || state === 'exporting' || state === 'published' || state === 'unchanged') return 1;
  const loaded = progress.chunksLoaded === 0 ? 0 : progress.chunksLoaded / chunksCut(run);
  if (taskState === 'fetched' || taskState === 'done') return loaded;
  if (progress.bytesExpected <= 0) return null;
  // Not all of it before the fetcher has said that it is at the end: more may have been cut since its last report.
  return Math.min(0.99, (progress.bytesReceived / progress.bytesExpected) * loaded);
}

/** Seconds over which the rate is smoothed. */
const SMOOTHING = 5;
/** Below these a time left is a guess, and not shown. */
const ENOUGH = { seconds: 2, share: 0.01 };

/** Follows one run; a new attempt starts the measurement again. */
export class Estimator {
  private attempt = -1;
  private startedAt = 0;
  private last: { readonly at: number; readonly rows: number } | undefined;
  private rate: number | null = null;

  /** @param now milliseconds, monotonic */
  update(run: RunView, now: number): Estimate {
    const rows = run.progress.rowsLoaded + run.progress.rowsRefused;
    if (run.attempt !== this.attempt || (this.last && rows < this.last.rows)) {
      this.attempt = run.attempt;
      this.startedAt = now;
      this.last = undefined;
      this.rate = null;
    }
    if (this.last && now > this.last.at) {
      const seconds = (now - this.last.at) / 1000;
      const weight = 1 - Math.exp(-seconds / SMOOTHING);
      const measured = (rows - this.last.rows) / seconds;
      this.rate = this.rate === null ? measured : this.rate + weight * (measured - this.rate);
    }
    if (!this.last || now > this.last.at) this.last = { at: now, rows };
    const share = shareDone(run);
    return { share, rowsPerSecond: this.rate, secondsLeft: isEnded(run.state) ? 0 : this.secondsLeft(share, now) };
  }

  private secondsLeft(share: number | null, now: number): number | null {
    const elapsed = (now - this.startedAt) / 1000;
    if (share === null || share < ENOUGH.share || elapsed < ENOUGH.seconds) return null;
    return (elapsed * (1 - share)) / share;
  }
}
