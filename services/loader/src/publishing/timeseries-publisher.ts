import { mergeTimeSeries, type Database } from '@freshet/database';
import type { DatasetDefinition, Logger } from '@freshet/domain';
import { countChecks, countMerge } from '../metrics';
import type { Published, Publisher } from './publisher';

/** Observations are merged into what is stored; changed ones leave a revision. */
export class TimeSeriesPublisher implements Publisher {
  readonly mode = 'timeseries';

  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
  ) {}

  async publish(definition: DatasetDefinition, runId: string): Promise<Published> {
    const { outcome, generation, failure, merge } = await mergeTimeSeries(this.database, definition, runId);
    const code = failure ? { code: failure.code } : {};
    if (!merge) return { outcome, generation, ...code };
    const { newSeries, checks, ...counts } = merge;
    countMerge(definition.id, counts);
    countChecks(definition.id, checks);
    // A code nobody has seen before is data, and somebody should know.
    if (newSeries.length > 0)
      this.logger.info({ dataset: definition.id, runId, series: newSeries }, 'series appeared for the first time');
    const failed = checks.filter((check) => check.failed > 0).map((check) => `${check.name}: ${check.failed}`);
    if (failed.length > 0) this.logger.info({ dataset: definition.id, runId, failed }, 'checks found something');
    return { outcome, generation, ...counts, ...code };
  }
}
