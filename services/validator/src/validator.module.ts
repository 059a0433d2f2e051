import { Module, type DynamicModule } from '@nestjs/common';
import { provideStage, type StageSettings } from '@freshet/messaging';
import { INSTANCE, LOGGER, peakRssBytes } from '@freshet/runtime';
import { BatchValidator } from './batch-validator';
import { ValidatorController } from './validator.controller';

/** Parsed batches to validated ones. Needs `MESSAGING`, `CATALOG`, `LOGGER` and `INSTANCE` from global modules. */
@Module({})
export class ValidatorModule {
  static register(settings: StageSettings = {}): DynamicModule {
    const stage = { stage: 'validator', peakRssBytes, ...settings } as const;
    return {
      module: ValidatorModule,
      controllers: [ValidatorController],
      providers: [BatchValidator, provideStage(stage, { logger: LOGGER, process: INSTANCE })],
    };
  }
}
