import { Module, type DynamicModule, type ModuleMetadata, type Provider } from '@nestjs/common';
import { FetcherController } from './fetcher.controller';
import { FetchJobs } from './jobs/fetch-jobs';
import { DEFAULT_OPTIONS, type FetcherOptions } from './options';
import { FETCHER_OPTIONS } from './tokens';

export interface FetcherModuleOptions extends Partial<FetcherOptions>, Pick<ModuleMetadata, 'imports'> {
  /** Provider of `WORKER_PORT`, if it does not come from `imports` or a global module. */
  readonly workerPort?: Provider;
}

/**
 * Tasks to chunks. Needs `WORKER_PORT`, `MESSAGING`, `CATALOG`, `LOGGER` and `INSTANCE` in its scope: from global modules, from
 * the `imports` given, or (the worker port) from `workerPort`. Exports `FetchJobs`; put a `JobsListener` over it before the
 * messaging among the application's listeners, so that leases are handed back first when the process stops.
 */
@Module({})
export class FetcherModule {
  static register({ imports = [], workerPort, ...options }: FetcherModuleOptions = {}): DynamicModule {
    return {
      module: FetcherModule,
      imports,
      controllers: [FetcherController],
      providers: [
        FetchJobs,
        ...(workerPort ? [workerPort] : []),
        { provide: FETCHER_OPTIONS, useValue: { ...DEFAULT_OPTIONS, ...options } satisfies FetcherOptions },
      ],
      exports: [FetchJobs],
    };
  }
}
