import type { RunView } from '@freshet/contracts';
import { MultiBar, type SingleBar } from 'cli-progress';
import type { World } from '../world';
import { Estimator, type Estimate } from './estimate';
import { barLine, phase, plainLine } from './line';

/** Shows how runs go, on standard error. */
export interface ProgressDisplay {
  update(run: RunView): void;
  /** A sentence among the progress, for example that the coordinator does not answer. */
  interject(text: string): void;
  stop(): void;
}

/** A bar a run on a terminal, plain lines elsewhere. */
export function progressDisplay(datasets: readonly string[], world: Pick<World, 'stderr' | 'now'>): ProgressDisplay {
  return world.stderr.isTTY ? new Bars(datasets, world) : new Lines(world);
}

class Bars implements ProgressDisplay {
  private readonly multi: MultiBar;
  private readonly bars = new Map<string, { readonly bar: SingleBar; readonly estimator: Estimator }>();
  private readonly nameWidth: number;

  constructor(
    datasets: readonly string[],
    private readonly world: Pick<World, 'stderr' | 'now'>,
  ) {
    this.nameWidth = Math.max(0, ...datasets.map((name) => name.length));
    this.multi = new MultiBar({
      stream: world.stderr,
      format: (_options, _params, payload: { line?: () => string }) => payload.line?.() ?? '',
      hideCursor: true,
      linewrap: false,
      fps: 10,
      emptyOnZero: true,
      // Ctrl-C is handled by the command: the run goes on.
      gracefulExit: false,
    });
  }

  update(run: RunView): void {
    const known = this.bars.get(run.id);
    const estimator = known?.estimator ?? new Estimator();
    const estimate = estimator.update(run, this.world.now());
    // Drawn when the bar is painted, so that a resized terminal is met.
    const line = (): string =>
      barLine(run, estimate, Math.max(20, (this.world.stderr.columns ?? 80) - 1), this.nameWidth);
    const bar = known?.bar ?? this.multi.create(1000, 0, { line });
    if (!known) this.bars.set(run.id, { bar, estimator });
    bar.update(Math.floor((estimate.share ?? 0) * 1000), { line });
  }

  interject(text: string): void {
    this.multi.log(`${text}\n`);
  }

  stop(): void {
    this.multi.stop();
  }
}

/** Milliseconds between lines about a run that stays in its phase. */
const QUIET = 10_000;

class Lines implements ProgressDisplay {
  private readonly seen = new Map<string, { readonly estimator: Estimator; phase: string; at: number }>();

  constructor(private readonly world: Pick<World, 'stderr' | 'now'>) {}

  update(run: RunView): void {
    const now = this.world.now();
    const known = this.seen.get(run.id) ?? { estimator: new Estimator(), phase: '', at: Number.NEGATIVE_INFINITY };
    this.seen.set(run.id, known);
    const estimate: Estimate = known.estimator.update(run, now);
    const doing = phase(run);
    if (doing === known.phase && now - known.at < QUIET) return;
    known.phase = doing;
    known.at = now;
    this.world.stderr.write(`${plainLine(run, estimate)}\n`);
  }

  interject(text: string): void {
    this.world.stderr.write(`${text}\n`);
  }

  stop(): void {}
}
