import { Global, Module, type DynamicModule } from '@nestjs/common';
import { CATALOG, loadCatalog } from '@freshet/catalog';
import { DATABASE, DatabaseCloser, openDatabase } from '@freshet/database';
import type { Logger } from '@freshet/domain';
import { MESSAGING, provideKafka } from '@freshet/messaging';
import { LOGGER } from '@freshet/runtime';
import { settingsOf, type Config } from './config';
import { CoordinatorModule } from './coordinator.module';

/** Binds the ports of the coordinator to Kafka, PostgreSQL and the definitions on disk. */
@Global()
@Module({})
export class AppModule {
  static forProcess(config: Config): DynamicModule {
    const catalog = loadCatalog({ extraFolder: config.FRESHET_DATASETS_DIR });
    const coordinator = CoordinatorModule.register({ settings: settingsOf(config) });
    return {
      module: AppModule,
      imports: [coordinator, CoordinatorModule.health(coordinator)],
      providers: [
        { provide: CATALOG, useValue: catalog },
        {
          provide: DATABASE,
          inject: [LOGGER],
          useFactory: (logger: Logger) =>
            openDatabase(config.FRESHET_DATABASE_URL, {
              applicationName: 'freshet-coordinator',
              migrations: config.FRESHET_MIGRATIONS,
              logger,
            }),
        },
        DatabaseCloser,
        provideKafka('coordinator', config, LOGGER),
      ],
      exports: [CATALOG, DATABASE, MESSAGING],
    };
  }
}
