import { Inject, Injectable } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import { lastTicks, recordTick, type Database } from '@freshet/database';
import { dueTick, tickKey, type Clock, type Logger } from '@freshet/domain';
import { CLOCK, LOGGER } from '@freshet/runtime';
import { Problem } from '../control/problem';
import { RefreshService } from '../control/refreshes';
import { CALENDARS, DATABASE } from '../tokens';
import type { Calendars } from './cron-calendar';

/** Starts what the schedules of the definitions say, once a tick whoever else starts it, and once for all ticks missed. */
@Injectable()
export class Scheduler {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CALENDARS) private readonly calendars: Calendars,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(RefreshService) private readonly refreshes: RefreshService,
  ) {}

  /** Returns the datasets that were started. */
  async tick(): Promise<readonly string[]> {
    const last = await lastTicks(this.database);
    const started: string[] = [];
    for (const definition of this.catalog.all()) {
      const calendar = this.calendars.of(definition);
      if (!calendar) continue;
      const { due, baseline } = dueTick(calendar, last.get(definition.id) ?? null, this.clock.now());
      if (baseline) await recordTick(this.database, definition.id, baseline, null);
      if (due && (await this.start(definition.id, due))) started.push(definition.id);
    }
    return started;
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
