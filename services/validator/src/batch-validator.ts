import { Inject, Injectable } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import { batchParsedSchema, decodeMessage, encodeMessage, TOPICS } from '@freshet/contracts';
import type { Logger } from '@freshet/domain';
import { MESSAGING, PipelineStage, type InboundMessage, type Messaging } from '@freshet/messaging';
import { INSTANCE, LOGGER, peakRssBytes, type InstanceInfo } from '@freshet/runtime';
import { assertChecks } from './checks/registry';
import { VALIDATOR_OPTIONS, type ValidatorOptions } from './options';
import { validateBatch } from './validate-batch';

/** One batch in, one batch out, under the same key, its refused rows beside the accepted ones. */
@Injectable()
export class BatchValidator {
  private readonly stage: PipelineStage;

  constructor(
    @Inject(MESSAGING) messaging: Messaging,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(LOGGER) logger: Logger,
    @Inject(INSTANCE) process: InstanceInfo,
    @Inject(VALIDATOR_OPTIONS) { maxMessageBytes }: ValidatorOptions,
  ) {
    assertChecks(catalog.all());
    this.stage = new PipelineStage({
      messaging,
      logger,
      stage: 'validator',
      process,
      maxMessageBytes,
      peakRssBytes,
    });
  }

  /** @throws FreshetError `message_invalid` (to the dead letters) or `definition_unknown` (tried again). */
  async handle(message: InboundMessage): Promise<void> {
    const { meta: batch, body } = decodeMessage(batchParsedSchema, message.value);
    const definition = this.catalog.getVersion(batch.dataset, batch.contentVersion);
    const validated = validateBatch(definition, batch, body);
    // Refused rows take more room than accepted ones: a chunk of which nearly all are refused may outgrow a message.
    const value = encodeMessage(validated.meta, validated.body);
    await this.stage.publish(TOPICS.batchValidated, message.key, batch, value);
  }
}
