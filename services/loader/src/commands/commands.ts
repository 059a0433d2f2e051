import { Inject, Injectable } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import {
  checkTimeSeries,
  discard,
  ensureMonthsAhead,
  generationsWithoutChanges,
  healthSummary,
  recordChangesOf,
  retain,
  type Database,
} from '@freshet/database';
import type { Clock, Logger } from '@freshet/domain';
import { CLOCK, LOGGER } from '@freshet/runtime';
import { Exporter } from '../exporting/exporter';
import { countChecks, gaugeHealth } from '../metrics';
import { Publishers, type Published } from '../publishing/publisher';
import { DATABASE } from '../tokens';

/** What the loader does when the coordinator says so. */
@Injectable()
export class Commands {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(Exporter) private readonly exporter: Exporter,
    @Inject(Publishers) private readonly publishers: Publishers,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Publishes a run, or records why not. */
  publish(dataset: string, runId: string): Promise<Published> {
    const definition = this.catalog.get(dataset);
    return this.publishers.get(definition.mode).publish(definition, runId);
  }

  /** Runs the checks of a time series over what is stored, whatever was refreshed, and stores what they find. */
  async check(
    dataset: string,
    window: { readonly from: string; readonly to: string },
  ): Promise<{ readonly outcome: string; readonly failed: number }> {
    const definition = this.catalog.get(dataset);
    const outcomes = await checkTimeSeries(this.database, definition, {
      from: new Date(window.from),
      to: new Date(window.to),
    });
    countChecks(dataset, outcomes);
    const health = await healthSummary(this.database, definition, this.clock.now());
    if (health) gaugeHealth(health);
    return { outcome: 'checked', failed: outcomes.filter(({ failed }) => failed > 0).length };
  }

  /** Writes the files of the generation that readers see now. */
  export(
    dataset: string,
    runId: string,
    signal: AbortSignal,
  ): Promise<{ readonly outcome: string; readonly files: number }> {
    return this.exporter.export(this.catalog.get(dataset), runId, signal);
  }

  async discard(runId: string): Promise<{ readonly outcome: string; readonly tables: number }> {
    return { outcome: 'discarded', ...(await discard(this.database, runId)) };
  }

  /** Lets go of generations that are too old. A time series keeps everything, and gets room for the months that come. */
  async retain(
    dataset: string,
  ): Promise<{ readonly outcome: string; readonly dropped: number; readonly waiting: number }> {
    const definition = this.catalog.get(dataset);
    if (definition.mode === 'timeseries') await ensureMonthsAhead(this.database, this.clock.now());
    if (definition.retainGenerations < 2) {
      // The reporter compares each publication with the one before it; here it would come too late.
      for (const generation of await generationsWithoutChanges(this.database, dataset))
        await recordChangesOf(this.database, definition, generation);
    }
    const resources = definition.resources.map(({ name }) => name);
    const { dropped, waiting, blind } = await retain(this.database, {
      dataset,
      keep: definition.retainGenerations,
      resources,
    });
    if (blind) {
      this.logger.warn(
        { dataset, nextStep: 'GRANT pg_read_all_stats to the role of FRESHET_DATABASE_URL' },
        'old generations stay: the database role may not see whether somebody is reading them',
      );
    }
    return { outcome: 'retained', dropped: dropped.length, waiting: waiting.length };
  }
}
