import { resolve } from 'node:path';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { CATALOG, loadCatalog } from '@freshet/catalog';
import { DATABASE, DatabaseCloser, openDatabase } from '@freshet/database';
import type { Logger } from '@freshet/domain';
import { MESSAGING, provideKafka } from '@freshet/messaging';
import { HealthModule, LOGGER } from '@freshet/runtime';
import type { Config } from './config';
import { loaderChecks } from './health/checks';
import { LoaderModule } from './loader.module';

/** Connections beside those of batches: for commands, which may prepare two resources at a time, and for health. */
const EXTRA_CONNECTIONS = 4;

/** Binds the ports of the loader to Kafka, PostgreSQL and the definitions on disk. */
@Global()
@Module({})
export class AppModule {
  static forProcess(config: Config): DynamicModule {
    const catalog = loadCatalog({ extraFolder: config.FRESHET_DATASETS_DIR });
    return {
      module: AppModule,
      imports: [
        LoaderModule.register({ exportRoot: resolve(config.FRESHET_EXPORT_ROOT) }),
        HealthModule.register({ inject: [DATABASE, MESSAGING], checks: loaderChecks }),
      ],
      providers: [
        { provide: CATALOG, useValue: catalog },
        {
          provide: DATABASE,
          inject: [LOGGER],
          useFactory: (logger: Logger) =>
            openDatabase(config.FRESHET_DATABASE_URL, {
              applicationName: 'freshet-loader',
              migrations: config.FRESHET_MIGRATIONS,
              poolSize: config.FRESHET_MAX_IN_FLIGHT + EXTRA_CONNECTIONS,
              logger,
            }),
        },
        DatabaseCloser,
        provideKafka('loader', config, LOGGER),
      ],
      exports: [CATALOG, DATABASE, MESSAGING],
    };
  }
}
