import 'reflect-metadata';
import { MESSAGING, MessagingServer } from '@freshet/messaging';
import { boundHeap, readConfig, runService } from '@freshet/runtime';
import { AppModule } from './app.module';
import { configSchema } from './config';

boundHeap();

void runService(() => {
  const config = readConfig(configSchema);
  return {
    name: 'reporter',
    module: AppModule.forProcess(config),
    config,
    microservices: (app) => [{ strategy: new MessagingServer(app.get(MESSAGING), { maxInFlight: { reporter: 2 } }) }],
  };
});
