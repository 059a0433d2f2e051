import { join } from 'node:path';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import type { Logger } from '@freshet/domain';
import { LOGGER } from '@freshet/runtime';
import { LOADER_SETTINGS, type LoaderSettings } from '../tokens';
import { removePartFiles } from '../writers/pickle';
import { PART_SUFFIX } from '../writers/writer';

/** At start: part-files that killed processes left beside exports. */
@Injectable()
export class Leftovers implements OnApplicationBootstrap {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(LOADER_SETTINGS) private readonly settings: LoaderSettings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const folders = new Set(
      this.catalog.all().flatMap(({ exports }) => exports.map(({ folder }) => join(this.settings.exportRoot, folder))),
    );
    for (const folder of folders) {
      const removed = await removePartFiles(folder, PART_SUFFIX);
      if (removed > 0) this.logger.warn({ folder, removed }, 'removed part-files of a process that was killed');
    }
  }
}
