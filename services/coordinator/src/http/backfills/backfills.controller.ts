import { Body, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse } from '@nestjs/swagger';
import type { BackfillPlanView, BackfillView, GapView } from '@freshet/contracts';
import type { Response } from 'express';
import {
  backfillIdSchema,
  gapsSchema,
  listBackfillsSchema,
  startBackfillSchema,
  type GapsQuery,
  type StartBackfill,
} from '../../control/backfills/requests';
import { BackfillService } from '../../control/backfills/service';
import { datasetIdSchema } from '../../control/requests';
import { ApiController, Needs } from '../api';
import { Answers, Takes } from '../openapi';
import { ZodPipe } from '../zod.pipe';

const limit = (fallback: number, maximum: number) =>
  ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', default: fallback, maximum } });
const text = (name: string, description: string, required = false) =>
  ApiQuery({ name, required, description, schema: { type: 'string' } });

@ApiController('gaps', 'time series')
export class GapsController {
  constructor(@Inject(BackfillService) private readonly backfills: BackfillService) {}

  @Get()
  @Needs('reader')
  @ApiOperation({
    summary: 'Consecutive intervals that are not stored or have no value, by what is stored, oldest first',
  })
  @text('dataset', 'Id of a dataset', true)
  @text('series', 'Name of a series; all of the dataset when absent')
  @text('from', 'First interval start, also before the first stored one. RFC 3339 with its zone, or a date (UTC)')
  @text('to', 'Interval starts before this one; never later than what the publisher should have by now')
  @limit(100, 1000)
  @Answers(200, 'Gaps', [400, 404])
  list(@Query(new ZodPipe(gapsSchema, '', 'query')) query: GapsQuery): Promise<GapView[]> {
    return this.backfills.gaps(query);
  }
}

@ApiController('datasets/:id/backfills', 'backfills')
export class StartBackfillController {
  constructor(@Inject(BackfillService) private readonly backfills: BackfillService) {}

  @Post()
  @HttpCode(202)
  @Needs('operator')
  @ApiOperation({
    summary: 'Fill an interval, or with dryRun say what that takes; the same idempotencyKey twice is one backfill',
  })
  @Takes(startBackfillSchema)
  @ApiResponse({
    status: 200,
    description: 'BackfillPlan, with dryRun',
    schema: { $ref: '#/components/schemas/BackfillPlan' },
  })
  @Answers(202, 'Backfill', [400, 404])
  async start(
    @Param('id', new ZodPipe(datasetIdSchema, 'id')) dataset: string,
    @Body(new ZodPipe(startBackfillSchema)) body: StartBackfill,
    @Res({ passthrough: true }) response: Response,
  ): Promise<BackfillPlanView | BackfillView> {
    if (!body.dryRun) return this.backfills.start(dataset, body);
    const plan = await this.backfills.plan(dataset, body);
    response.status(200);
    return plan;
  }
}

@ApiController('backfills', 'backfills')
export class BackfillsController {
  constructor(@Inject(BackfillService) private readonly backfills: BackfillService) {}

  @Get()
  @Needs('reader')
  @ApiOperation({ summary: 'Backfills, newest first, with how far each is' })
  @text('dataset', 'Id of a dataset')
  @limit(20, 200)
  @Answers(200, 'Backfills', [400, 404])
  list(
    @Query(new ZodPipe(listBackfillsSchema, '', 'query')) query: { dataset?: string; limit: number },
  ): Promise<BackfillView[]> {
    return this.backfills.list(query);
  }

  @Get(':id')
  @Needs('reader')
  @ApiOperation({ summary: 'One backfill with its partitions' })
  @Answers(200, 'Backfill', [400, 404])
  get(@Param('id', new ZodPipe(backfillIdSchema, 'id')) id: string): Promise<BackfillView> {
    return this.backfills.view(id);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Needs('operator')
  @ApiOperation({ summary: 'Drop what waits of a backfill and cancel what is under way; what is stored stays' })
  @Answers(200, 'Backfill', [400, 404, 409])
  cancel(@Param('id', new ZodPipe(backfillIdSchema, 'id')) id: string): Promise<BackfillView> {
    return this.backfills.cancel(id);
  }
}
