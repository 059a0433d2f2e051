import { Global, Module, type DynamicModule } from '@nestjs/common';
import { CATALOG, loadCatalog } from '@freshet/catalog';
import { KafkaMessaging, MESSAGING, type Messaging } from '@freshet/messaging';
import { HealthModule, LOGGER, type HealthCheck } from '@freshet/runtime';
import type { Config } from './config';
import { ValidatorModule } from './validator.module';

/** Binds the ports of the validator to Kafka and to the definitions on disk. */
@Global()
@Module({})
export class AppModule {
  static forProcess(config: Config): DynamicModule {
    const catalog = loadCatalog({ extraFolder: config.FRESHET_DATASETS_DIR });
    return {
      module: AppModule,
      imports: [
        ValidatorModule.register({ maxMessageBytes: config.FRESHET_MAX_MESSAGE_BYTES }),
        HealthModule.register({ inject: [MESSAGING], checks: messagingChecks }),
      ],
      providers: [
        { provide: CATALOG, useValue: catalog },
        {
          provide: MESSAGING,
          inject: [LOGGER],
          useFactory: (logger) =>
            new KafkaMessaging({
              brokers: config.FRESHET_KAFKA_BROKERS,
              clientId: 'freshet-validator',
              maxMessageBytes: config.FRESHET_MAX_MESSAGE_BYTES,
              logger,
            }),
        },
      ],
      exports: [CATALOG, MESSAGING],
    };
  }
}

const messagingChecks = (messaging: Messaging): readonly HealthCheck[] => [
  {
    name: 'messaging.live',
    kind: 'liveness',
    check: () => ({ ok: messaging.health().live, detail: messaging.health().detail }),
  },
  {
    name: 'messaging',
    kind: 'readiness',
    check: () => ({ ok: messaging.health().ready, detail: messaging.health().detail }),
  },
];
