import { Global, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { CATALOG, loadCatalog } from '@freshet/catalog';
import { Database } from '@freshet/database';
import { MESSAGING, provideKafka } from '@freshet/messaging';
import { LOGGER } from '@freshet/runtime';
import { settingsOf, type Config } from './config';
import { CoordinatorModule } from './coordinator.module';
import { openDatabase, type OpenDatabase } from './open-database';
import { DATABASE } from './tokens';

const CONNECTION = Symbol('freshet.coordinator.connection');

/** Closes the pool when everything that used it has stopped. */
class DatabaseCloser implements OnApplicationShutdown {
  constructor(private readonly connection: OpenDatabase) {}
  onApplicationShutdown(): Promise<void> {
    return this.connection.close();
  }
}

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
          provide: CONNECTION,
          inject: [LOGGER],
          useFactory: (logger) => openDatabase(config.FRESHET_DATABASE_URL, logger),
        },
        {
          provide: DATABASE,
          inject: [CONNECTION],
          useFactory: (connection: OpenDatabase): Database => connection.database,
        },
        {
          provide: DatabaseCloser,
          inject: [CONNECTION],
          useFactory: (connection: OpenDatabase) => new DatabaseCloser(connection),
        },
        provideKafka('coordinator', config, LOGGER),
      ],
      exports: [CATALOG, DATABASE, MESSAGING],
    };
  }
}
