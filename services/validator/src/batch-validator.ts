import { Inject, Injectable } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import {
  batchParsedSchema,
  decodeMessage,
  encodeMessage,
  ProcessPeaks,
  TOPICS,
  type BatchParsed,
} from '@freshet/contracts';
import { FreshetError, type Failure, type Logger } from '@freshet/domain';
import { MESSAGING, type InboundMessage, type Messaging } from '@freshet/messaging';
import { INSTANCE, LOGGER, peakRssBytes, type InstanceInfo } from '@freshet/runtime';
import { assertChecks } from './checks/registry';
import { VALIDATOR_OPTIONS, type ValidatorOptions } from './options';
import { validateBatch } from './validate-batch';

/** One batch in, one batch out, under the same key, its refused rows beside the accepted ones. Keeps nothing between messages. */
@Injectable()
export class BatchValidator {
  private readonly peaks: ProcessPeaks;

  constructor(
    @Inject(MESSAGING) private readonly messaging: Messaging,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(INSTANCE) instance: InstanceInfo,
    @Inject(VALIDATOR_OPTIONS) private readonly options: ValidatorOptions,
  ) {
    assertChecks(catalog.all());
    this.peaks = new ProcessPeaks(instance, peakRssBytes);
  }

  /** @throws FreshetError `message_invalid` (to the dead letters) or `definition_unknown` (tried again). */
  async handle(message: InboundMessage): Promise<void> {
    const { meta: batch, body } = decodeMessage(batchParsedSchema, message.value);
    const definition = this.catalog.getVersion(batch.dataset, batch.contentVersion);
    const validated = validateBatch(definition, batch, body);
    const value = encodeMessage(validated.meta, validated.body);
    if (value.length > this.options.maxMessageBytes)
      return this.fail(batch, tooLarge(batch, value.length, this.options));
    await this.messaging.publish({ topic: TOPICS.batchValidated, key: message.key, value });
    this.logger.debug(
      { ...about(batch), rows: validated.meta.rows, refused: validated.meta.refused.length },
      'batch validated',
    );
    const peak = this.peaks.after(batch.runId);
    if (peak) await this.messaging.publish({ topic: TOPICS.runEvents, key: batch.runId, value: encodeMessage(peak) });
  }

  private async fail(batch: BatchParsed, failure: Failure): Promise<void> {
    const { dataset, runId, taskId, attempt, contentVersion } = batch;
    this.logger.warn({ ...about(batch), code: failure.code, ...failure.attributes }, failure.message);
    const event = {
      type: 'attempt.failed',
      dataset,
      runId,
      taskId,
      attempt,
      contentVersion,
      stage: 'validator',
      failure,
    } as const;
    await this.messaging.publish({ topic: TOPICS.runEvents, key: runId, value: encodeMessage(event) });
  }
}

const about = ({ dataset, runId, attempt, resource, chunk }: BatchParsed): object => ({
  dataset,
  runId,
  attempt,
  resource,
  chunk,
});

/** Refused rows take more room than accepted ones; a chunk of which nearly all are refused may outgrow a message. */
function tooLarge(batch: BatchParsed, bytes: number, { maxMessageBytes }: ValidatorOptions): Failure {
  return new FreshetError('record_too_large', {
    message: `the validated batch of chunk ${batch.chunk} of ${batch.resource} takes ${bytes} bytes, a message may have ${maxMessageBytes}`,
    nextStep:
      'Make chunks smaller (FRESHET_CHUNK_BYTES), or messages larger (FRESHET_MAX_MESSAGE_BYTES and the topics alike).',
    attributes: { resource: batch.resource, chunk: batch.chunk, bytes, maxMessageBytes },
  }).toFailure();
}
