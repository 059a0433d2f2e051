import { Inject, Injectable } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import { batchParsedSchema, decodeMessage, encodeMessage, TOPICS } from '@freshet/contracts';
import { originOf, PipelineStage, type InboundMessage } from '@freshet/messaging';
import { inSpan } from '@freshet/runtime';
import { countBatch } from './metrics';
import { assertChecks } from './checks/registry';
import { validateBatch } from './validate-batch';

/** One batch in, one batch out, under the same key, its refused rows beside the accepted ones. */
@Injectable()
export class BatchValidator {
  constructor(
    private readonly stage: PipelineStage,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {
    assertChecks(catalog.all());
  }

  /** @throws FreshetError `message_invalid` (to the dead letters) or `definition_unknown` (tried again). */
  async handle(message: InboundMessage): Promise<void> {
    const { meta: batch, body } = decodeMessage(batchParsedSchema, message.value);
    await inSpan('validate', originOf(batch), async () => {
      const definition = this.catalog.getVersion(batch.dataset, batch.contentVersion);
      const validated = validateBatch(definition, batch, body);
      countBatch(validated.meta);
      // Refused rows take more room than accepted ones: a chunk of which nearly all are refused may outgrow a message.
      const value = encodeMessage(validated.meta, validated.body);
      await this.stage.publish(TOPICS.batchValidated, message.key, batch, value);
    });
  }
}
