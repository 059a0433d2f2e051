import { Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery } from '@nestjs/swagger';
import type { DeadLetterView, DoctorView, ReplayView } from '@freshet/contracts';
import { DeadLetterReplay } from '../control/dead-letter-replay';
import { Doctor } from '../control/doctor';
import { deadLetterIdSchema, deadLettersSchema } from '../control/requests';
import { ViewService } from '../control/views';
import { ApiController, Needs } from './api';
import { Answers } from './openapi';
import { ZodPipe } from './zod.pipe';

@ApiController('dead-letters', 'operations')
export class DeadLettersApiController {
  constructor(
    @Inject(ViewService) private readonly views: ViewService,
    @Inject(DeadLetterReplay) private readonly letters: DeadLetterReplay,
  ) {}

  @Get()
  @Needs('reader')
  @ApiOperation({ summary: 'Undeliverable messages, newest first' })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', default: 50, maximum: 500 } })
  @Answers(200, 'DeadLetters', [400])
  list(@Query(new ZodPipe(deadLettersSchema)) query: { limit: number }): Promise<DeadLetterView[]> {
    return this.views.deadLetters(query.limit);
  }

  @Post(':id/replay')
  @HttpCode(202)
  @Needs('operator')
  @ApiOperation({ summary: 'Replay one: as a new run when its run failed, as it was when it is a command or an event' })
  @Answers(202, 'Replay', [400, 404, 409])
  replay(@Param('id', new ZodPipe(deadLetterIdSchema, 'id')) id: number): Promise<ReplayView> {
    return this.letters.replay(id);
  }
}

@ApiController('doctor', 'operations')
export class DoctorController {
  constructor(@Inject(Doctor) private readonly doctor: Doctor) {}

  @Get()
  @Needs('reader')
  @ApiOperation({
    summary:
      'Configuration, database, broker, leader, credentials, keys and limits of publishers, time series and export folder, each with its result',
  })
  @Answers(200, 'Doctor', [])
  examine(): Promise<DoctorView> {
    return this.doctor.examine();
  }
}
