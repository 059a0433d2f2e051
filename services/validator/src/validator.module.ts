import { DEFAULT_MAX_MESSAGE_BYTES } from '@freshet/contracts';
import { Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import { BatchValidator } from './batch-validator';
import { VALIDATOR_OPTIONS, type ValidatorOptions } from './options';
import { ValidatorController } from './validator.controller';

/**
 * Parsed batches to validated ones. Needs `MESSAGING`, `CATALOG`, `LOGGER` and `INSTANCE` in its scope: from global modules, or from the
 * `imports` given.
 */
@Module({})
export class ValidatorModule {
  static register(options: Partial<ValidatorOptions> & Pick<ModuleMetadata, 'imports'> = {}): DynamicModule {
    const { imports = [], maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES } = options;
    return {
      module: ValidatorModule,
      imports,
      controllers: [ValidatorController],
      providers: [
        BatchValidator,
        { provide: VALIDATOR_OPTIONS, useValue: { maxMessageBytes } satisfies ValidatorOptions },
      ],
    };
  }
}
