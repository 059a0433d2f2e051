import { Inject, Injectable } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import {
  applyTransition,
  recordPeak,
  runSnapshot,
  runTimes,
  type ActiveRunSnapshot,
  type Database,
} from '@freshet/database';
import {
  canMove,
  cancel,
  decide,
  isEnded,
  type DatasetDefinition,
  type Logger,
  type Transition,
} from '@freshet/domain';
import { inRun, INSTANCE, LOGGER, peakRssBytes, recordRun, type InstanceInfo } from '@freshet/runtime';
import type { CoordinatorSettings } from '../settings';
import { DATABASE, SETTINGS } from '../tokens';
import { countTransition } from './metrics';

/** More transitions than a run can make without somebody else doing something in between. */
const MOST_STEPS = 6;

/** Moves one run as far as it goes now. Any coordinator may: transitions are fenced, and the loser of a race does nothing. */
@Injectable()
export class Advancer {
  private readonly undefinedRuns = new Set<string>();

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(SETTINGS) private readonly settings: CoordinatorSettings,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(INSTANCE) private readonly instance: InstanceInfo,
  ) {}

  async advanceById(runId: string): Promise<void> {
    const run = await runSnapshot(this.database, runId);
    if (run) await this.advance(run);
  }

  /** Returns whether anything moved. */
  advance(first: ActiveRunSnapshot): Promise<boolean> {
    return inRun({ runId: first.runId, dataset: first.dataset }, () => this.move(first));
  }

  private async move(first: ActiveRunSnapshot): Promise<boolean> {
    let run: ActiveRunSnapshot | null = first;
    let moved = false;
    for (let step = 0; run && step < MOST_STEPS; step += 1) {
      const transition = this.decide(run);
      if (!transition) break;
      if (!(await applyTransition(this.database, run, transition))) break;
      this.log(run, transition);
      countTransition(run.dataset, transition);
      moved = true;
      // Never by message: what it says of itself must not wait for a broker.
      await recordPeak(this.database, { runId: run.runId, ...this.instance, peakRssBytes: peakRssBytes() });
      if (isEnded(transition.run)) await this.trace(run, transition);
      run = isEnded(transition.run) ? null : await runSnapshot(this.database, run.runId);
    }
    return moved;
  }

  /** The root span of the run. Telemetry is never a reason to fail: what cannot be read is not recorded. */
  private async trace({ runId, dataset }: ActiveRunSnapshot, { run: outcome, failure }: Transition): Promise<void> {
    const times = await runTimes(this.database, runId).catch(() => null);
    if (times)
      recordRun({ runId, dataset }, { ...times, outcome, failure: outcome === 'failed' ? failure?.code : undefined });
  }

  private decide(run: ActiveRunSnapshot): Transition | null {
    const { snapshot } = run;
    const definition = this.definitionOf(run);
    if (definition) return decide({ snapshot, definition, limits: this.settings.watchdog, random: Math.random });
    return snapshot.cancelRequested && canMove(snapshot.state, 'cancelled') ? cancel(snapshot) : null;
  }

  /** A run whose dataset is not defined here any more can be cancelled, and goes on when the definition is back. */
  private definitionOf({ runId, dataset }: ActiveRunSnapshot): DatasetDefinition | undefined {
    const definition = this.catalog.all().find(({ id }) => id === dataset);
    if (!definition && !this.undefinedRuns.has(runId)) {
      this.undefinedRuns.add(runId);
      this.logger.warn(
        { runId, dataset },
        'a run stands still: its dataset is not defined here; cancel it, or bring the definition back',
      );
    }
    return definition;
  }

  private log({ runId, dataset }: ActiveRunSnapshot, { why, from, run, task, failure }: Transition): void {
    const fields = {
      runId,
      dataset,
      why,
      from: from.run,
      to: run,
      attempt: task.attempt,
      ...(failure ? { failure: failure.code, reason: failure.message } : {}),
    };
    if (run === 'failed') this.logger.error(fields, 'run failed');
    else if (failure) this.logger.warn(fields, 'attempt failed, another one follows');
    else this.logger.info(fields, from.run === run ? 'run goes on' : `run is ${run}`);
  }
}
