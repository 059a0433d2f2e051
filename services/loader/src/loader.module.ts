import { Module } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import type { Logger } from '@freshet/domain';
import { LOGGER } from '@freshet/runtime';
import { BatchesController } from './batches/batches.controller';
import { Commands } from './commands/commands';
import { CommandsController } from './commands/commands.controller';
import { Exporter } from './exporting/exporter';
import { Leftovers } from './exporting/leftovers';
import { PeakReports } from './peak-reports';
import { PickleWriter } from './writers/pickle';
import { WriterRegistry } from './writers/registry';

/**
 * Everything the loader does. Whoever imports it provides, from a global module, `MESSAGING`, `CATALOG`, `DATABASE` and
 * `LOADER_SETTINGS`; `LOGGER`, `CLOCK` and `INSTANCE` come from the runtime.
 */
@Module({
  controllers: [BatchesController, CommandsController],
  providers: [
    Commands,
    Exporter,
    Leftovers,
    PeakReports,
    {
      provide: WriterRegistry,
      inject: [CATALOG, LOGGER],
      // The list of writers; a new one is added here.
      useFactory: (catalog: Catalog, logger: Logger) => new WriterRegistry([new PickleWriter(logger)]).check(catalog.all()),
    },
  ],
})
export class LoaderModule {}
