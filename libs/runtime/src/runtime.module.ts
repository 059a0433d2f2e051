import { Global, Module, type DynamicModule } from '@nestjs/common';
import { systemClock, type Logger } from '@freshet/domain';
import { MetricsController, TELEMETRY } from './metrics.controller';
import type { Telemetry } from './telemetry';
import { CLOCK, INSTANCE, LOGGER, type InstanceInfo } from './tokens';

/** Logger, clock and identity for every module of a process. */
@Global()
@Module({})
export class RuntimeModule {
  static forProcess(parts: { logger: Logger; instance: InstanceInfo; telemetry: Telemetry }): DynamicModule {
    return {
      module: RuntimeModule,
      controllers: [MetricsController],
      providers: [
        { provide: LOGGER, useValue: parts.logger },
        { provide: CLOCK, useValue: systemClock },
        { provide: INSTANCE, useValue: parts.instance },
        { provide: TELEMETRY, useValue: parts.telemetry },
      ],
      exports: [LOGGER, CLOCK, INSTANCE],
    };
  }
}
