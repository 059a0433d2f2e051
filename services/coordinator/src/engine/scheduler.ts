import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import { lastTicks, recordTick, requestHealthCheck, type Database } from '@freshet/database';
import {
  FreshetError,
  dueTick,
  healthTick,
  isSeriesDefinition,
  tickKey,
  type Calendar,
  type Clock,
  type DatasetDefinition,
  type Logger,
  type SeriesDefinition,
} from '@freshet/domain';
import { CLOCK, LOGGER } from '@freshet/runtime';
import { leftOut, notScheduled } from '../control/credentials';
import { Problem } from '../control/problem';
import { RefreshService } from '../control/refreshes';
import type { CoordinatorSettings } from '../settings';
import { CALENDARS, DATABASE, SETTINGS } from '../tokens';
import { Complaints } from './complaints';
import type { Calendars } from './cron-calendar';

type Ticks = ReadonlyMap<string, Date>;

/** Starts what the schedules of the definitions say, once a tick whoever else starts it, and once for all ticks missed. */
@Injectable()
export class Scheduler implements OnApplicationBootstrap {
  private readonly complaints = new Complaints();

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CALENDARS) private readonly calendars: Calendars,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(RefreshService) private readonly refreshes: RefreshService,
    @Inject(SETTINGS) private readonly settings: CoordinatorSettings,
  ) {}

  /** What schedules leave out would fail at every tick, and is said once instead. */
  onApplicationBootstrap(): void {
    if (!this.settings.schedule) return;
    for (const { reason, nextStep, datasets } of leftOut(this.catalog.all(), this.settings))
      this.logger.warn({ datasets }, `${reason}, so schedules leave out ${datasets.join(', ')}. ${nextStep}`);
  }

  /** Returns the datasets that were started. @throws FreshetError `dependency_unavailable` */
  async tick(): Promise<readonly string[]> {
    const last = await lastTicks(this.database);
    const started: string[] = [];
    for (const definition of this.catalog.all()) {
      const refreshed = await this.attempt(definition.id, () => this.refresh(definition, last));
      if (refreshed) started.push(definition.id);
      if (isSeriesDefinition(definition))
        await this.attempt(healthTick(definition.id), () => this.check(definition, last));
    }
    return started;
  }

  /** What cannot be started is said and tried again at the next look; those after it are not kept waiting. */
  private async attempt<T>(what: string, work: () => Promise<T>): Promise<T | null> {
    try {
      const result = await work();
      this.complaints.forget(what);
      return result;
    } catch (error) {
      if (error instanceof FreshetError && error.code === 'dependency_unavailable') throw error;
      const text = error instanceof Error ? error.message : String(error);
      if (this.complaints.isNew(what, text))
        this.logger.error({ schedule: what, error: text }, 'what is due could not be started; it is tried again');
      return null;
    }
  }

  private async refresh(definition: DatasetDefinition, last: Ticks): Promise<boolean> {
    const calendar = notScheduled(definition, this.settings) ? null : this.calendars.of(definition);
    const due = calendar && (await this.due(definition.id, calendar, last));
    return due ? this.start(definition.id, due) : false;
  }

  /** The daily look at all of a time series, whatever was refreshed. */
  private async check(definition: SeriesDefinition, last: Ticks): Promise<void> {
    const { health } = definition.timeseries;
    const calendar = this.calendars.ofHealth(definition);
    const due = health && calendar && (await this.due(healthTick(definition.id), calendar, last));
    if (due && (await requestHealthCheck(this.database, definition, due)))
      this.logger.info({ dataset: definition.id, due: due.toISOString() }, 'the health check was asked for');
  }

  private async due(tick: string, calendar: Calendar, last: Ticks): Promise<Date | null> {
    const { due, baseline } = dueTick(calendar, last.get(tick) ?? null, this.clock.now());
    if (baseline) await recordTick(this.database, tick, baseline, null);
    return due;
  }

  /** The tick is remembered after its run was created; a second start of it finds that run by its key. */
  private async start(dataset: string, due: Date): Promise<boolean> {
    let runId: string | null = null;
    try {
      const [run] = await this.refreshes.start({
        datasets: [dataset],
        trigger: 'schedule',
        idempotencyKey: tickKey(dataset, due),
      });
      runId = run?.id ?? null;
    } catch (error) {
      if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
      this.logger.warn({ dataset, due: due.toISOString(), reason: error.message }, 'a scheduled refresh is left out');
    }
    await recordTick(this.database, dataset, due, runId);
    return runId !== null;
  }
}
