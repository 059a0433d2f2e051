import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { CATALOG, loadCatalog } from '@freshet/catalog';
import { MESSAGING, type Messaging, messagingChecks, provideKafka } from '@freshet/messaging';
import { HealthModule, LOGGER, secretsFrom, type HealthCheck } from '@freshet/runtime';
import type { Config } from './config';
import { credentialVariables } from './credentials';
import { FetcherModule } from './fetcher.module';
import { WORKER_PORT } from './tokens';
import { GrpcWorkerPort } from './worker/grpc-worker-port';

/** Binds the ports of the fetcher to Kafka, to the coordinator's gRPC and to the definitions on disk. */
@Global()
@Module({})
export class AppModule implements OnApplicationShutdown {
  constructor(@Inject(WORKER_PORT) private readonly worker: GrpcWorkerPort) {}

  static forProcess(config: Config): DynamicModule {
    const catalog = loadCatalog({ extraFolder: config.FRESHET_DATASETS_DIR });
    const [token = ''] = config.FRESHET_WORKER_TOKEN;
    const worker = new GrpcWorkerPort({ target: config.FRESHET_COORDINATOR_GRPC, token });
    return {
      module: AppModule,
      imports: [
        FetcherModule.register({
          maxDownloads: config.FRESHET_MAX_DOWNLOADS,
          chunkBytes: config.FRESHET_CHUNK_BYTES,
          maxMessageBytes: config.FRESHET_MAX_MESSAGE_BYTES,
          localFiles: false,
          secrets: secretsFrom(credentialVariables(catalog.all())),
        }),
        HealthModule.register({ inject: [MESSAGING, WORKER_PORT], checks }),
      ],
      providers: [
        { provide: CATALOG, useValue: catalog },
        { provide: WORKER_PORT, useValue: worker },
        provideKafka('fetcher', config, LOGGER),
      ],
      exports: [CATALOG, MESSAGING, WORKER_PORT],
    };
  }

  onApplicationShutdown(): void {
    this.worker.close();
  }
}

const checks = (messaging: Messaging, worker: GrpcWorkerPort): readonly HealthCheck[] => [
  ...messagingChecks(messaging),
  { name: 'coordinator', kind: 'readiness', check: () => worker.ready() },
];
