import { resolve } from 'node:path';
import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { CATALOG, loadCatalog } from '@freshet/catalog';
import { openDatabase, type Database } from '@freshet/database';
import { MESSAGING, provideKafka } from '@freshet/messaging';
import { HealthModule, LOGGER } from '@freshet/runtime';
import type { Config } from './config';
import { loaderChecks } from './health/checks';
import { LoaderModule } from './loader.module';
import { DATABASE } from './tokens';

/** Connections beside those of batches: for commands, which may prepare two resources at a time, and for health. */
const EXTRA_CONNECTIONS = 4;

/** Binds the ports of the loader to Kafka, PostgreSQL and the definitions on disk. */
@Global()
@Module({})
export class AppModule implements OnApplicationShutdown {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

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
          useFactory: () =>
            openDatabase(config.FRESHET_DATABASE_URL, {
              applicationName: 'freshet-loader',
              poolSize: config.FRESHET_MAX_IN_FLIGHT + EXTRA_CONNECTIONS,
            }),
        },
        provideKafka('loader', config, LOGGER),
      ],
      exports: [CATALOG, DATABASE, MESSAGING],
    };
  }

  /** After intake stopped and handlers drained. */
  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
