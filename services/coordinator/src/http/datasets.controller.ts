import { Body, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery } from '@nestjs/swagger';
import type {
  DatasetView,
  DiffView,
  ExportRequestedView,
  GenerationView,
  HealthCheckRequestedView,
  QuarantineView,
  RollbackView,
} from '@freshet/contracts';
import { datasetIdSchema, diffSchema, quarantineSchema, rollbackSchema } from '../control/requests';
import { ViewService } from '../control/views';
import { ApiController, Needs } from './api';
import { Answers, Takes } from './openapi';
import { ZodPipe } from './zod.pipe';

const id = new ZodPipe(datasetIdSchema, 'id');
const whole = { type: 'integer', minimum: 1 } as const;

@ApiController('datasets', 'datasets')
export class DatasetsController {
  constructor(@Inject(ViewService) private readonly views: ViewService) {}

  @Get()
  @Needs('reader')
  @ApiOperation({ summary: 'Every dataset with its freshness, published generation and last run' })
  @Answers(200, 'Datasets', [])
  list(): Promise<DatasetView[]> {
    return this.views.datasets();
  }

  @Get(':id')
  @Needs('reader')
  @ApiOperation({ summary: 'One dataset' })
  @Answers(200, 'Dataset', [404])
  get(@Param('id', id) dataset: string): Promise<DatasetView> {
    return this.views.dataset(dataset);
  }

  @Get(':id/generations')
  @Needs('reader')
  @ApiOperation({ summary: 'Published generations that are kept, newest first' })
  @Answers(200, 'Generations', [404])
  generations(@Param('id', id) dataset: string): Promise<GenerationView[]> {
    return this.views.generations(dataset);
  }

  @Post(':id/rollback')
  @HttpCode(200)
  @Needs('operator')
  @ApiOperation({
    summary: 'Point readers at an older generation, by default the one before; it stays until new content or force',
  })
  @Takes(rollbackSchema)
  @Answers(200, 'Rollback', [400, 404])
  rollback(
    @Param('id', id) dataset: string,
    @Body(new ZodPipe(rollbackSchema)) body: { to?: number },
  ): Promise<RollbackView> {
    return this.views.rollback(dataset, body.to ?? null);
  }

  @Get(':id/diff')
  @Needs('reader')
  @ApiOperation({ summary: 'What changed between two generations, by default the published one and the one before' })
  @ApiQuery({ name: 'from', required: false, schema: whole })
  @ApiQuery({ name: 'to', required: false, schema: whole })
  @Answers(200, 'Diff', [400, 404, 409])
  diff(
    @Param('id', id) dataset: string,
    @Query(new ZodPipe(diffSchema)) query: { from?: number; to?: number },
  ): Promise<DiffView> {
    return this.views.diff(dataset, query.from, query.to);
  }

  @Get(':id/quarantine')
  @Needs('reader')
  @ApiOperation({ summary: 'Refused rows, newest first; columns marked personal are masked' })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', default: 50, maximum: 500 } })
  @ApiQuery({
    name: 'after',
    required: false,
    description: 'id of the last row of the page before',
    schema: { type: 'string' },
  })
  @Answers(200, 'QuarantinedRows', [400, 404])
  quarantine(
    @Param('id', id) dataset: string,
    @Query(new ZodPipe(quarantineSchema)) query: { limit: number; after?: string },
  ): Promise<QuarantineView[]> {
    return this.views.quarantine(dataset, { limit: query.limit, after: query.after ?? null });
  }

  @Post(':id/export')
  @HttpCode(202)
  @Needs('operator')
  @ApiOperation({ summary: 'Write the files of the published generation again' })
  @Answers(202, 'ExportRequested', [404, 409])
  export(@Param('id', id) dataset: string): Promise<ExportRequestedView> {
    return this.views.export(dataset);
  }

  @Post(':id/health-check')
  @HttpCode(202)
  @Needs('operator')
  @ApiOperation({ summary: 'Run all checks of a time series over its last days, whatever was refreshed' })
  @Answers(202, 'HealthCheckRequested', [404, 409])
  healthCheck(@Param('id', id) dataset: string): Promise<HealthCheckRequestedView> {
    return this.views.healthCheck(dataset);
  }
}
