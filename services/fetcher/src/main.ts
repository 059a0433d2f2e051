import 'reflect-metadata';
import { MESSAGING, MessagingServer } from '@freshet/messaging';
import { boundHeap, readConfig, runService } from '@freshet/runtime';
import { AppModule } from './app.module';
import { configSchema } from './config';
import { FetchJobs } from './jobs/fetch-jobs';
import { JobsListener } from './jobs/jobs-listener';

boundHeap();

void runService(() => {
  const config = readConfig(configSchema);
  return {
    name: 'fetcher',
    module: AppModule.forProcess(config),
    config,
    microservices: (app) => [
      { strategy: new JobsListener(app.get(FetchJobs)) },
      { strategy: new MessagingServer(app.get(MESSAGING), { maxInFlight: { fetcher: config.FRESHET_MAX_DOWNLOADS } }) },
    ],
  };
});
