import { Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import { diffGenerations, rollback, type Database } from '@freshet/database';
import { MESSAGING, type Messaging } from '@freshet/messaging';
import { HealthModule } from '@freshet/runtime';
import { DeadLettersController } from './consumers/dead-letters.controller';
import { RunEventsController } from './consumers/run-events.controller';
import { BackfillService } from './control/backfills/service';
import { DeadLetterReplay } from './control/dead-letter-replay';
import { Doctor } from './control/doctor';
import type { GenerationsPort } from './control/generations-port';
import { RefreshService } from './control/refreshes';
import { TimeSeriesService } from './control/timeseries/service';
import { ViewService } from './control/views';
import { Advancer } from './engine/advance';
import { Backfiller } from './engine/backfiller';
import { CronCalendars } from './engine/cron-calendar';
import { Engine } from './engine/engine';
import { GapSensor } from './engine/gap-sensor';
import { Pruner } from './engine/pruner';
import { Relay } from './engine/relay';
import { Scheduler } from './engine/scheduler';
import { StateGauges } from './gauges/state-gauges';
import { TaskGauges } from './gauges/task-counts';
import { ControlService } from './grpc/control-service';
import { GrpcServer } from './grpc/grpc-server';
import { WorkerService } from './grpc/worker-service';
import { coordinatorChecks } from './health/checks';
import { BackfillsController, GapsController, StartBackfillController } from './http/backfills/backfills.controller';
import { DatasetsController } from './http/datasets.controller';
import { DeadLettersApiController, DoctorController } from './http/operations.controller';
import { RefreshesController, RunsController } from './http/refreshes.controller';
import { ScalingController } from './http/scaling.controller';
import {
  ChecksController,
  LineageController,
  ObservationsController,
  SeriesController,
} from './http/timeseries/timeseries.controller';
import type { CoordinatorSettings } from './settings';
import { CALENDARS, DATABASE, GENERATIONS, SETTINGS } from './tokens';
import { DirectWorkerPort } from './worker/direct-worker-port';

export interface CoordinatorModuleOptions {
  readonly settings: CoordinatorSettings;
  /** Modules that provide `DATABASE`, `MESSAGING` and `CATALOG`, unless those are global. */
  readonly imports?: ModuleMetadata['imports'];
}

/**
 * Plans runs, grants leases, watches progress, has the loader publish, and serves the control API. Needs the ports `DATABASE`,
 * `MESSAGING` and `CATALOG`, and the global `RuntimeModule`. Exports `DirectWorkerPort` for a fetcher in the same process, and
 * `Engine` for health checks.
 */
@Module({})
export class CoordinatorModule {
  /** @throws Error for settings under which anybody could do anything. */
  static register({ settings, imports = [] }: CoordinatorModuleOptions): DynamicModule {
    if (!settings.standalone && settings.tokens.length === 0) {
      throw new Error('no API token is configured: set FRESHET_API_TOKENS (name:role:token, separated by commas)');
    }
    return {
      module: CoordinatorModule,
      imports,
      controllers: [
        RefreshesController,
        RunsController,
        DatasetsController,
        SeriesController,
        ObservationsController,
        ChecksController,
        LineageController,
        GapsController,
        StartBackfillController,
        BackfillsController,
        DeadLettersApiController,
        DoctorController,
        ScalingController,
        RunEventsController,
        DeadLettersController,
      ],
      providers: [
        { provide: SETTINGS, useValue: settings },
        { provide: CALENDARS, useClass: CronCalendars },
        { provide: GENERATIONS, useFactory: generationsOf, inject: [DATABASE] },
        Advancer,
        Relay,
        Scheduler,
        Engine,
        Pruner,
        Backfiller,
        GapSensor,
        TaskGauges,
        StateGauges,
        BackfillService,
        RefreshService,
        ViewService,
        TimeSeriesService,
        DeadLetterReplay,
        Doctor,
        DirectWorkerPort,
        ControlService,
        WorkerService,
        GrpcServer,
      ],
      exports: [DirectWorkerPort, Engine, GrpcServer, RefreshService],
    };
  }

  /** `/health/live` and `/health/ready` of a process that is a coordinator and nothing else. */
  static health(coordinator: DynamicModule): DynamicModule {
    return HealthModule.register({
      imports: [coordinator, ...(coordinator.imports ?? [])] as DynamicModule['imports'],
      inject: [Engine, DATABASE, MESSAGING],
      checks: (engine: Engine, database: Database, messaging: Messaging) =>
        coordinatorChecks(engine, database, messaging),
    });
  }
}

const generationsOf = (database: Database): GenerationsPort => ({
  rollback: (dataset, to) => rollback(database, dataset, to ?? undefined),
  diff: (definition, from, to) => diffGenerations(database, definition, from, to),
});
