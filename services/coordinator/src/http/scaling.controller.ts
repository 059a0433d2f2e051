import { Controller, Get, Inject, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { TaskGauges } from '../gauges/task-counts';
import { ProblemFilter } from './problem.filter';

/**
 * What an autoscaler reads to scale fetchers (KEDA's `metrics-api` trigger, `valueLocation: tasks.total`). Without a token and outside
 * `/api/v1`, like `/metrics`: it has counts and nothing else. While the database cannot be reached it answers 503, and the autoscaler
 * keeps the number of replicas.
 */
@ApiExcludeController()
@Controller('internal/scaling')
@UseFilters(ProblemFilter)
export class ScalingController {
  constructor(@Inject(TaskGauges) private readonly gauges: TaskGauges) {}

  @Get()
  async read(): Promise<{
    readonly tasks: { readonly pending: number; readonly leased: number; readonly total: number };
  }> {
    const { pending, leased } = await this.gauges.read();
    return { tasks: { pending, leased, total: pending + leased } };
  }
}
