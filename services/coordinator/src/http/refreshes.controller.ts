import { Body, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery } from '@nestjs/swagger';
import type { RunView, StartRefreshBody } from '@freshet/contracts';
import { RefreshService } from '../control/refreshes';
import { listRunsSchema, runIdSchema, startRefreshSchema } from '../control/requests';
import { ViewService } from '../control/views';
import { ApiController, Needs } from './api';
import { Answers, Takes } from './openapi';
import { ZodPipe } from './zod.pipe';

@ApiController('refreshes', 'runs')
export class RefreshesController {
  constructor(@Inject(RefreshService) private readonly refreshes: RefreshService) {}

  @Post()
  @HttpCode(202)
  @Needs('operator')
  @ApiOperation({ summary: 'Start one run a dataset; the same idempotencyKey twice gives the runs of the first call' })
  @Takes(startRefreshSchema)
  @Answers(202, 'StartedRuns', [400, 404, 409])
  async start(@Body(new ZodPipe(startRefreshSchema)) body: StartRefreshBody): Promise<{ runs: readonly RunView[] }> {
    return { runs: await this.refreshes.start(body) };
  }
}

@ApiController('runs', 'runs')
export class RunsController {
  constructor(
    @Inject(RefreshService) private readonly refreshes: RefreshService,
    @Inject(ViewService) private readonly views: ViewService,
  ) {}

  @Get()
  @Needs('reader')
  @ApiOperation({ summary: 'Runs, newest first' })
  @ApiQuery({ name: 'dataset', required: false, schema: { type: 'string' } })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', default: 20, maximum: 200 } })
  @Answers(200, 'Runs', [400, 404])
  list(@Query(new ZodPipe(listRunsSchema)) query: { dataset?: string; limit: number }): Promise<RunView[]> {
    return this.views.runs(query);
  }

  @Get(':id')
  @Needs('reader')
  @ApiOperation({ summary: 'One run, with progress, totals, attempts, files and peak memory' })
  @Answers(200, 'Run', [400, 404])
  get(@Param('id', new ZodPipe(runIdSchema, 'id')) id: string): Promise<RunView> {
    return this.refreshes.view(id);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Needs('operator')
  @ApiOperation({ summary: 'Cancel a run that is waiting or under way' })
  @Answers(200, 'Run', [400, 404, 409])
  cancel(@Param('id', new ZodPipe(runIdSchema, 'id')) id: string): Promise<RunView> {
    return this.refreshes.cancel(id);
  }

  @Post(':id/retry')
  @HttpCode(202)
  @Needs('operator')
  @ApiOperation({ summary: 'Start a new run with the parameters of one that ended' })
  @Answers(202, 'Run', [400, 404, 409])
  retry(@Param('id', new ZodPipe(runIdSchema, 'id')) id: string): Promise<RunView> {
    return this.refreshes.retry(id);
  }
}
