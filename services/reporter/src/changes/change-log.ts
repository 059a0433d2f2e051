import { Inject, Injectable } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import { generationsWithoutChanges, recordChangesOf, type Database } from '@freshet/database';
import type { Logger } from '@freshet/domain';
import { LOGGER } from '@freshet/runtime';
import { DATABASE } from '../tokens';

/** What each publication changed, worked out once and kept. */
@Injectable()
export class ChangeLog {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws FreshetError `definition_unknown` */
  async record(dataset: string, generation: number): Promise<void> {
    const changes = await recordChangesOf(this.database, this.catalog.get(dataset), generation);
    if (!changes) return;
    const { from, to, resources } = changes;
    const total = (what: 'added' | 'removed' | 'changed'): number =>
      resources.reduce((sum, resource) => sum + resource[what], 0);
    const totals = { added: total('added'), removed: total('removed'), changed: total('changed') };
    this.logger.info({ dataset, from, to, ...totals }, 'publication compared with the one before');
  }

  /** Publications whose event was lost with a process: only the in-process transport can lose one. */
  async catchUp(): Promise<void> {
    for (const { id } of this.catalog.all()) {
      for (const generation of await generationsWithoutChanges(this.database, id)) await this.record(id, generation);
    }
  }
}
