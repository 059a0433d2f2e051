import { Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import { DATABASE, assertSeriesChecksKnown, type Database } from '@freshet/database';
import type { Logger } from '@freshet/domain';
import { LOGGER } from '@freshet/runtime';
import { BatchesController } from './batches/batches.controller';
import { Commands } from './commands/commands';
import { CommandsController } from './commands/commands.controller';
import { DiskGauges } from './exporting/disk-gauges';
import { Exporter } from './exporting/exporter';
import { Leftovers } from './exporting/leftovers';
import { PeakReports } from './peak-reports';
import { Publishers } from './publishing/publisher';
import { SnapshotPublisher } from './publishing/snapshot-publisher';
import { TimeSeriesPublisher } from './publishing/timeseries-publisher';
import { PickleWriter } from './writers/pickle';
import { LOADER_SETTINGS, type LoaderSettings } from './tokens';
import { WriterRegistry } from './writers/registry';

/**
 * Everything the loader does. Needs `MESSAGING`, `CATALOG`, `DATABASE`, `LOGGER`, `CLOCK` and `INSTANCE` in its scope: from global
 * modules, or from the `imports` given.
 */
@Module({})
export class LoaderModule {
  static register({ imports = [], ...settings }: LoaderSettings & Pick<ModuleMetadata, 'imports'>): DynamicModule {
    return {
      module: LoaderModule,
      imports,
      controllers: [BatchesController, CommandsController],
      providers: [
        Commands,
        Exporter,
        Leftovers,
        DiskGauges,
        PeakReports,
        { provide: LOADER_SETTINGS, useValue: settings },
        {
          provide: Publishers,
          inject: [CATALOG, DATABASE, LOGGER],
          // The list of publishers, one a mode; a new one is added here.
          useFactory: (catalog: Catalog, database: Database, logger: Logger) => {
            assertSeriesChecksKnown(catalog.all());
            return new Publishers([new SnapshotPublisher(database), new TimeSeriesPublisher(database, logger)]).check(
              catalog.all(),
            );
          },
        },
        {
          provide: WriterRegistry,
          inject: [CATALOG, LOGGER],
          // The list of writers; a new one is added here.
          useFactory: (catalog: Catalog, logger: Logger) =>
            new WriterRegistry([new PickleWriter(logger)]).check(catalog.all()),
        },
      ],
    };
  }
}
