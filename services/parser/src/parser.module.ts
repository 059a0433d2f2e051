import { DEFAULT_MAX_MESSAGE_BYTES } from '@freshet/contracts';
import { Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import { ChunkParser } from './chunk-parser';
import { PARSER_OPTIONS, type ParserOptions } from './options';
import { ParserController } from './parser.controller';

/**
 * Chunks to batches. Needs `MESSAGING`, `CATALOG`, `LOGGER` and `INSTANCE` in its scope: from global modules, or from the
 * `imports` given.
 */
@Module({})
export class ParserModule {
  static register(options: Partial<ParserOptions> & Pick<ModuleMetadata, 'imports'> = {}): DynamicModule {
    const { imports = [], maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES } = options;
    return {
      module: ParserModule,
      imports,
      controllers: [ParserController],
      providers: [ChunkParser, { provide: PARSER_OPTIONS, useValue: { maxMessageBytes } satisfies ParserOptions }],
    };
  }
}
