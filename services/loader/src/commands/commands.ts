import { Inject, Injectable } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import { discard, generationsWithoutChanges, publish, recordChangesOf, retain, type Database } from '@freshet/database';
import type { Logger } from '@freshet/domain';
import { LOGGER } from '@freshet/runtime';
import { Exporter } from '../exporting/exporter';
import { DATABASE } from '../tokens';

/** What the loader does when the coordinator says so. */
@Injectable()
export class Commands {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(Exporter) private readonly exporter: Exporter,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Publishes a run, or records why not. */
  async publish(
    dataset: string,
    runId: string,
  ): Promise<{ readonly outcome: string; readonly generation: number | null; readonly code?: string }> {
    const { outcome, generation, failure } = await publish(this.database, this.catalog.get(dataset), runId);
    return { outcome, generation, ...(failure ? { code: failure.code } : {}) };
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

  /** Lets go of generations that are too old. */
  async retain(
    dataset: string,
  ): Promise<{ readonly outcome: string; readonly dropped: number; readonly waiting: number }> {
    const definition = this.catalog.get(dataset);
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
