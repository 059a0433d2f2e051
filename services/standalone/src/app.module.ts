import { Global, Module, type DynamicModule } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import { CoordinatorModule, DirectWorkerPort, Engine, type CoordinatorSettings } from '@freshet/coordinator-service';
import { DATABASE, DatabaseCloser, type Database } from '@freshet/database';
import type { Logger } from '@freshet/domain';
import { FetcherModule, WORKER_PORT } from '@freshet/fetcher-service';
import { LoaderModule, loaderChecks } from '@freshet/loader-service';
import { InProcessMessaging, MESSAGING, type Messaging } from '@freshet/messaging';
import { ParserModule } from '@freshet/parser-service';
import {
  LINEAGE_SINKS,
  NOTIFIER,
  ReporterModule,
  SETTINGS as REPORTER_SETTINGS,
  type LineageSink,
  type Notifier,
  type ReporterSettings,
} from '@freshet/reporter-service';
import { HealthModule, LOGGER } from '@freshet/runtime';
import { ValidatorModule } from '@freshet/validator-service';
import { coordinatorChecks } from '@freshet/coordinator-service';

export interface StandaloneParts {
  readonly catalog: Catalog;
  readonly database: Database;
  readonly coordinator: CoordinatorSettings;
  readonly reporter: ReporterSettings;
  readonly notifier: Notifier;
  readonly lineage: readonly LineageSink[];
  readonly exportRoot: string;
  readonly chunkBytes: number;
  /** Of the credentials that definitions name, by variable. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** All services in one process: the same modules as in the cluster, their ports bound to what needs no network. */
@Global()
@Module({})
export class AppModule {
  static forProcess(parts: StandaloneParts): DynamicModule {
    const coordinator = CoordinatorModule.register({ settings: parts.coordinator });
    return {
      module: AppModule,
      imports: [
        coordinator,
        FetcherModule.register({ chunkBytes: parts.chunkBytes, localFiles: true, secrets: parts.secrets }),
        ParserModule.register(),
        ValidatorModule.register(),
        LoaderModule.register({ exportRoot: parts.exportRoot }),
        ReporterModule,
        HealthModule.register({
          imports: [coordinator],
          inject: [Engine, DATABASE, MESSAGING],
          checks: (engine: Engine, database: Database, messaging: Messaging) =>
            unique([...coordinatorChecks(engine, database, messaging), ...loaderChecks(database, messaging)]),
        }),
      ],
      providers: [
        { provide: CATALOG, useValue: parts.catalog },
        { provide: DATABASE, useValue: parts.database },
        DatabaseCloser,
        { provide: MESSAGING, inject: [LOGGER], useFactory: (logger: Logger) => new InProcessMessaging({ logger }) },
        { provide: WORKER_PORT, useExisting: DirectWorkerPort },
        { provide: NOTIFIER, useValue: parts.notifier },
        { provide: LINEAGE_SINKS, useValue: parts.lineage },
        { provide: REPORTER_SETTINGS, useValue: parts.reporter },
      ],
      exports: [CATALOG, DATABASE, MESSAGING, WORKER_PORT, NOTIFIER, LINEAGE_SINKS, REPORTER_SETTINGS],
    };
  }
}

/** Services ask for the same dependencies; in one process one answer is enough. */
function unique<T extends { readonly name: string }>(checks: readonly T[]): T[] {
  return [...new Map(checks.map((check) => [check.name, check])).values()];
}
