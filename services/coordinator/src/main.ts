import 'reflect-metadata';
import { MESSAGING, MessagingServer } from '@freshet/messaging';
import { boundHeap, readConfig, runService } from '@freshet/runtime';
import { AppModule } from './app.module';
import { configSchema } from './config';
import { setupOpenApi } from './http/openapi';

boundHeap();

void runService(() => {
  const config = readConfig(configSchema);
  return {
    name: 'coordinator',
    module: AppModule.forProcess(config),
    config,
    prepare: setupOpenApi,
    microservices: (app) => [{ strategy: new MessagingServer(app.get(MESSAGING)) }],
  };
});
