import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import {
  Leadership,
  abandonInFlight,
  activeRuns,
  endAbandonedCopies,
  type ActiveRunSnapshot,
  type Database,
} from '@freshet/database';
import { FreshetError, type Logger } from '@freshet/domain';
import { LOGGER } from '@freshet/runtime';
import type { CoordinatorSettings } from '../settings';
import { DATABASE, SETTINGS } from '../tokens';
import { Advancer } from './advance';
import { Backfiller } from './backfiller';
import { Complaints } from './complaints';
import { GapSensor } from './gap-sensor';
import { Loop } from './loop';
import { Pruner } from './pruner';
import { Relay } from './relay';
import { Scheduler } from './scheduler';

const SCHEDULE_EVERY_MS = 1_000;
const ERROR_PAUSE_MS = 1_000;
const SESSIONS_EVERY_MS = 3_000;

/**
 * The leader's work: move runs, send the outbox, start what is due, fill what is missing. Each in a loop of its own, so that a
 * broker that does not answer holds up neither leases nor cancellations. What is to be done is read from the database every time,
 * so a leader that takes over, or starts again, has nothing to remember.
 */
@Injectable()
export class Engine implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly leadership: Leadership;
  private readonly runs: Loop;
  private readonly loops: readonly Loop[];
  private readonly complaints = new Complaints();
  private takenOver = false;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(SETTINGS) private readonly settings: CoordinatorSettings,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Advancer) private readonly advancer: Advancer,
    @Inject(Relay) private readonly relay: Relay,
    @Inject(Scheduler) private readonly scheduler: Scheduler,
    @Inject(Pruner) private readonly pruner: Pruner,
    @Inject(Backfiller) private readonly backfiller: Backfiller,
    @Inject(GapSensor) private readonly gapSensor: GapSensor,
  ) {
    const { active, idle } = settings.tickMs;
    const loop = (name: string, work: () => Promise<number>): Loop =>
      new Loop(work, { onError: (error) => this.onError(name, error), errorPauseMs: ERROR_PAUSE_MS });
    this.runs = loop('runs', async () => ((await this.advanceAll()) ? active : idle));
    const outbox = loop('outbox', async () => (await this.send(), idle));
    const schedule = loop('schedule', async () => (await this.schedule(), SCHEDULE_EVERY_MS));
    const prune = loop('prune', () => this.prune(idle));
    const backfill = loop('backfill', async () => (await this.backfill(), idle));
    const gaps = loop('gaps', () => this.lookForGaps(idle));
    const sessions = loop('sessions', async () => (await this.endAbandoned(), SESSIONS_EVERY_MS));
    this.loops = [this.runs, outbox, prune, backfill, gaps, sessions, ...(settings.schedule ? [schedule] : [])];
    this.leadership = new Leadership(database, {
      logger,
      onChange: (leader) => this.onChange(leader),
      onWake: () => this.wake(),
      fromEndedSession: settings.standalone,
    });
  }

  get isLeader(): boolean {
    return this.leadership.isLeader;
  }

  /** In memory: whether the loop that moves runs still turns. Sending waits for the broker as long as it takes, and does not count. */
  isAlive(longestMs: number): boolean {
    return this.runs.silentMs() < longestMs;
  }

  onApplicationBootstrap(): void {
    this.leadership.start();
    for (const loop of this.loops) loop.start();
  }

  /** Loops first: what they are doing is finished, then another coordinator may lead. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.stop()));
    await this.leadership.stop();
  }

  wake(): void {
    for (const loop of this.loops) loop.wake();
  }

  /** Whether any run is active. */
  private async advanceAll(): Promise<boolean> {
    if (!this.isLeader) return false;
    await this.takeOver();
    const runs = await activeRuns(this.database);
    this.complaints.keep(runs.map(({ runId }) => runId));
    let moved = false;
    for (const run of runs) {
      try {
        moved = (await this.advancer.advance(run)) || moved;
      } catch (error) {
        if (error instanceof FreshetError && error.code === 'dependency_unavailable') throw error;
        // One run that cannot be moved must not hold up the others.
        this.complain(run, error);
      }
    }
    if (moved) this.wake();
    return runs.length > 0;
  }

  private complain({ runId, dataset }: ActiveRunSnapshot, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    if (this.complaints.isNew(runId, text))
      this.logger.error({ runId, dataset, error: text }, 'a run could not be moved; it is tried again');
  }

  private async takeOver(): Promise<void> {
    if (this.takenOver || !this.settings.expireLeasesAtStart) return;
    const runs = await abandonInFlight(this.database);
    this.takenOver = true;
    this.wake();
    if (runs > 0) this.logger.info({ runs }, 'unfinished runs of a former process go on');
  }

  private async send(): Promise<void> {
    // Nothing leaves before what a former process had in flight was taken back: a worker would get work that is about to be fenced.
    if (this.settings.expireLeasesAtStart && !this.takenOver) return;
    if (this.isLeader) await this.relay.flush(() => this.isLeader);
  }

  private async schedule(): Promise<void> {
    if (this.isLeader) await this.scheduler.tick();
  }

  private async prune(idleMs: number): Promise<number> {
    return this.isLeader ? this.pruner.prune() : idleMs;
  }

  private async backfill(): Promise<void> {
    if (this.isLeader) await this.backfiller.tick();
  }

  private async lookForGaps(idleMs: number): Promise<number> {
    return this.isLeader ? this.gapSensor.look() : idleMs;
  }

  private async endAbandoned(): Promise<void> {
    if (!this.isLeader) return;
    const sessions = await endAbandonedCopies(this.database);
    if (sessions > 0)
      this.logger.warn(
        { sessions },
        'ended database sessions of loaders that stopped answering in the middle of a batch',
      );
  }

  private onChange(leader: boolean): void {
    this.logger.info({ leader }, leader ? 'this coordinator leads' : 'this coordinator does not lead any more');
    this.wake();
  }

  private onError(loop: string, error: unknown): void {
    const waiting = error instanceof FreshetError && error.code === 'dependency_unavailable';
    this.logger[waiting ? 'warn' : 'error'](
      { loop, error: error instanceof Error ? error.message : String(error) },
      'the coordinator tries again',
    );
  }
}
