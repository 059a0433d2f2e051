import 'reflect-metadata';
import { MESSAGING, MessagingServer, type Messaging } from '@freshet/messaging';
import { boundHeap, readConfig, runService } from '@freshet/runtime';
import { AppModule } from './app.module';
import { loaderSchema } from './config';

boundHeap();
void runService(() => {
  const config = readConfig(loaderSchema);
  return {
    name: 'loader',
    module: AppModule.for(config),
    config,
    microservices: (app) => [{ strategy: new MessagingServer(app.get<Messaging>(MESSAGING), { maxInFlight: { loader: config.FRESHET_LOADER_PARALLEL } }) }],
  };
});
