import { resolve } from 'node:path';
import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { CATALOG, loadCatalog } from '@freshet/catalog';
import { openDatabase, type Database } from '@freshet/database';
import type { Logger } from '@freshet/domain';
import { KafkaMessaging, MESSAGING } from '@freshet/messaging';
import { HealthModule, LOGGER } from '@freshet/runtime';
import type { LoaderConfig } from './config';
import { loaderChecks } from './health/checks';
import { LoaderModule } from './loader.module';
import { DATABASE, LOADER_SETTINGS, type LoaderSettings } from './tokens';

/** Connections beside those of batches: for commands, which may prepare two resources at a time, and for health. */
const EXTRA_CONNECTIONS = 4;

@Global()
@Module({})
class Adapters implements OnApplicationShutdown {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  static for(config: LoaderConfig): DynamicModule {
    return {
      module: Adapters,
      providers: [
        {
          provide: MESSAGING,
          inject: [LOGGER],
          useFactory: (logger: Logger) => new KafkaMessaging({ brokers: config.FRESHET_KAFKA_BROKERS, clientId: 'freshet-loader', logger }),
        },
        {
          provide: DATABASE,
          useFactory: () =>
            openDatabase(config.FRESHET_DATABASE_URL, { applicationName: 'freshet-loader', poolSize: config.FRESHET_LOADER_PARALLEL + EXTRA_CONNECTIONS }),
        },
        { provide: CATALOG, useFactory: () => loadCatalog({ extraFolder: config.FRESHET_DATASETS_DIR }) },
        { provide: LOADER_SETTINGS, useValue: { exportRoot: resolve(config.FRESHET_EXPORT_ROOT) } satisfies LoaderSettings },
      ],
      exports: [MESSAGING, DATABASE, CATALOG, LOADER_SETTINGS],
    };
  }

  /** After intake stopped and handlers drained. */
  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}

/** The loader as a process of its own: Kafka and PostgreSQL. */
@Module({})
export class AppModule {
  static for(config: LoaderConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [Adapters.for(config), LoaderModule, HealthModule.register({ inject: [DATABASE, MESSAGING], checks: loaderChecks })],
    };
  }
}
