import { Global, Module, type DynamicModule } from '@nestjs/common';
import { CATALOG, loadCatalog } from '@freshet/catalog';
import { DATABASE, DatabaseCloser, openDatabase, type Database } from '@freshet/database';
import type { Logger } from '@freshet/domain';
import { MESSAGING, type Messaging, messagingChecks, provideKafka } from '@freshet/messaging';
import { HealthModule, LOGGER, type HealthCheck } from '@freshet/runtime';
import { lineageSinksFrom, notifierFrom, settingsFrom, type Config } from './config';
import { ReporterModule } from './reporter.module';
import { LINEAGE_SINKS, NOTIFIER, SETTINGS } from './tokens';
import { Watch } from './watch';

/** The reporter in the cluster: PostgreSQL, Kafka, a webhook. */
@Global()
@Module({})
export class AppModule {
  static forProcess(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ReporterModule,
        HealthModule.register({
          imports: [ReporterModule],
          inject: [MESSAGING, DATABASE, Watch],
          checks: healthChecks,
        }),
      ],
      providers: [
        { provide: CATALOG, useValue: loadCatalog({ extraFolder: config.FRESHET_DATASETS_DIR }) },
        {
          provide: DATABASE,
          inject: [LOGGER],
          useFactory: (logger: Logger) =>
            openDatabase(config.FRESHET_DATABASE_URL, {
              applicationName: 'freshet-reporter',
              poolSize: 4,
              migrations: config.FRESHET_MIGRATIONS,
              logger,
            }),
        },
        DatabaseCloser,
        provideKafka('reporter', config, LOGGER),
        { provide: NOTIFIER, useValue: notifierFrom(config) },
        { provide: LINEAGE_SINKS, useValue: lineageSinksFrom(config) },
        { provide: SETTINGS, useValue: settingsFrom(config) },
      ],
      exports: [CATALOG, DATABASE, MESSAGING, NOTIFIER, LINEAGE_SINKS, SETTINGS],
    };
  }
}

const healthChecks = (messaging: Messaging, database: Database, watch: Watch): readonly HealthCheck[] => [
  { name: 'loops', kind: 'liveness', check: () => watch.health() },
  ...messagingChecks(messaging),
  {
    name: 'database',
    kind: 'readiness',
    check: async () => (await database.query('SELECT 1'), { ok: true, detail: 'answers' }),
  },
];
