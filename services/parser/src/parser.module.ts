import { Module, type DynamicModule } from '@nestjs/common';
import { provideStage, type StageSettings } from '@freshet/messaging';
import { INSTANCE, LOGGER, peakRssBytes } from '@freshet/runtime';
import { ChunkParser } from './chunk-parser';
import { ParserController } from './parser.controller';

/** Chunks to batches. Needs `MESSAGING`, `CATALOG`, `LOGGER` and `INSTANCE` from global modules. */
@Module({})
export class ParserModule {
  static register(settings: StageSettings = {}): DynamicModule {
    const stage = { stage: 'parser', peakRssBytes, ...settings } as const;
    return {
      module: ParserModule,
      controllers: [ParserController],
      providers: [ChunkParser, provideStage(stage, { logger: LOGGER, process: INSTANCE })],
    };
  }
}
