import { Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { LineageView } from '@freshet/contracts';
import type { Request, Response } from 'express';
import {
  checksSchema,
  lineageSchema,
  listSeriesSchema,
  observationsSchema,
  type ChecksQuery,
  type LineageQuery,
  type ListSeriesQuery,
  type ObservationsQuery,
} from '../../control/timeseries/requests';
import { TimeSeriesService } from '../../control/timeseries/service';
import { ApiController, Needs } from '../api';
import { Answers } from '../openapi';
import { ZodPipe } from '../zod.pipe';
import { answerTable } from './answer-table';
import { CHECK_COLUMNS, OBSERVATION_COLUMNS, SERIES_COLUMNS } from './columns';
import { AnswersTable, DatasetParameter, InstantParameter, PageParameters, TextParameter } from './openapi';

@ApiController('series', 'time series')
export class SeriesController {
  constructor(@Inject(TimeSeriesService) private readonly timeseries: TimeSeriesService) {}

  @Get()
  @Needs('reader')
  @ApiOperation({ summary: 'Time series that are stored, by dataset and name, with the extent of each' })
  @DatasetParameter
  @TextParameter('respondent', 'Code of the publisher, or a name it is known by')
  @TextParameter('kind', 'demand, fuel, interchange, …')
  @PageParameters
  @AnswersTable('SeriesPage', [400, 404, 406])
  list(
    @Query(new ZodPipe(listSeriesSchema, '', 'query')) query: ListSeriesQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const table = { name: 'series', columns: SERIES_COLUMNS };
    return answerTable(request, response, query, table, { page: (limit) => this.timeseries.series(query, limit) });
  }
}

@ApiController('observations', 'time series')
export class ObservationsController {
  constructor(@Inject(TimeSeriesService) private readonly timeseries: TimeSeriesService) {}

  @Get()
  @Needs('reader')
  @ApiOperation({ summary: 'Observations by series and time, as they are or as they were known at an instant' })
  @TextParameter('series', 'Names, separated by commas; all of the dataset when absent')
  @DatasetParameter
  @InstantParameter('from', 'First interval start')
  @InstantParameter('to', 'Interval starts before this one')
  @InstantParameter('as-of', 'The values that were known then; revisions that came later are taken back')
  @PageParameters
  @AnswersTable('ObservationsPage', [400, 404, 406])
  list(
    @Query(new ZodPipe(observationsSchema, '', 'query')) query: ObservationsQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const table = { name: 'observations', columns: OBSERVATION_COLUMNS };
    return answerTable(request, response, query, table, {
      page: (limit) => this.timeseries.observations(query, limit),
      pieces: (limit, take) => this.timeseries.eachObservation(query, limit, take),
    });
  }
}

@ApiController('checks', 'time series')
export class ChecksController {
  constructor(@Inject(TimeSeriesService) private readonly timeseries: TimeSeriesService) {}

  @Get()
  @Needs('reader')
  @ApiOperation({ summary: 'Results of the checks on time series, newest first' })
  @DatasetParameter
  @TextParameter('run', 'Id of a run')
  @PageParameters
  @AnswersTable('CheckResultsPage', [400, 404, 406])
  list(
    @Query(new ZodPipe(checksSchema, '', 'query')) query: ChecksQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const table = { name: 'checks', columns: CHECK_COLUMNS };
    return answerTable(request, response, query, table, { page: (limit) => this.timeseries.checks(query, limit) });
  }
}

@ApiController('lineage', 'time series')
export class LineageController {
  constructor(@Inject(TimeSeriesService) private readonly timeseries: TimeSeriesService) {}

  @Get()
  @Needs('reader')
  @ApiOperation({ summary: 'Where a value came from: run, task, request, definition, row as received, earlier values' })
  @TextParameter('series', 'Name of a series', true)
  @DatasetParameter
  @InstantParameter('time', 'Any instant of the interval', true)
  @Answers(200, 'Lineage', [400, 404])
  get(@Query(new ZodPipe(lineageSchema, '', 'query')) query: LineageQuery): Promise<LineageView> {
    return this.timeseries.lineage(query);
  }
}
