import { Global, Module, type DynamicModule } from '@nestjs/common';
import { CATALOG, loadCatalog } from '@freshet/catalog';
import { MESSAGING, messagingChecks, provideKafka } from '@freshet/messaging';
import { HealthModule, LOGGER } from '@freshet/runtime';
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
      providers: [{ provide: CATALOG, useValue: catalog }, provideKafka('validator', config, LOGGER)],
      exports: [CATALOG, MESSAGING],
    };
  }
}
