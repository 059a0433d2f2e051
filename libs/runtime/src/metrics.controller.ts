import { Controller, Get, Header, Inject } from '@nestjs/common';
import type { Telemetry } from './telemetry';

export const TELEMETRY = Symbol('freshet.telemetry');

@Controller('metrics')
export class MetricsController {
  constructor(@Inject(TELEMETRY) private readonly telemetry: Telemetry) {}

  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  read(): Promise<string> {
    return this.telemetry.metricsText();
  }
}
