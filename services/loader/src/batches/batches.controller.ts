import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { TOPICS, batchValidatedSchema, decodeMessage } from '@freshet/contracts';
import { BatchLoader, Database } from '@freshet/database';
import type { Logger } from '@freshet/domain';
import { Consumes, originOf, type InboundMessage } from '@freshet/messaging';
import { inSpan, LOGGER } from '@freshet/runtime';
import { countBatch } from '../metrics';
import { PeakReports } from '../peak-reports';
import { DATABASE } from '../tokens';

/**
 * Batches into staging tables. Delivery: acknowledged after rows, ledger entry and quarantine are committed together; a redelivered or
 * fenced batch does nothing.
 */
@Controller()
export class BatchesController {
  private readonly loader: BatchLoader;

  constructor(
    @Inject(DATABASE) database: Database,
    @Inject(PeakReports) private readonly peaks: PeakReports,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.loader = new BatchLoader(database);
  }

  @Consumes(TOPICS.batchValidated, { group: 'loader' })
  async onBatch(@Payload() message: InboundMessage): Promise<void> {
    const { meta: batch, body } = decodeMessage(batchValidatedSchema, message.value);
    const outcome = await inSpan('load', originOf(batch), () => this.loader.load(batch, body));
    countBatch(batch.dataset, batch.resource, outcome);
    this.peaks.report(batch.runId, 'now_and_then');
    const { dataset, runId, attempt, resource, chunk } = batch;
    this.logger.debug({ dataset, runId, attempt, resource, chunk, ...outcome }, 'batch handled');
    if (outcome.outcome === 'loaded' && outcome.refusedByDatabase > 0) {
      this.logger.warn(
        { dataset, runId, resource, chunk, refused: outcome.refusedByDatabase },
        'the database refused rows; they are in quarantine',
      );
    }
  }
}
