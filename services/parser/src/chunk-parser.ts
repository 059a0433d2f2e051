import { Inject, Injectable } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import {
  checksumOf,
  chunkFetchedSchema,
  decodeMessage,
  encodeMessage,
  TOPICS,
  type ChunkFetched,
} from '@freshet/contracts';
import { FreshetError } from '@freshet/domain';
import { originOf, PipelineStage, type InboundMessage } from '@freshet/messaging';
import { failSpan, inSpan } from '@freshet/runtime';
import { countChunk } from './metrics';
import { assertReaders } from './readers/registry';
import { parseChunk } from './parse-chunk';

/** One chunk in, one batch out, under the same key. */
@Injectable()
export class ChunkParser {
  constructor(
    private readonly stage: PipelineStage,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {
    assertReaders(catalog.all());
  }

  /** @throws FreshetError `message_invalid` (to the dead letters) or `definition_unknown` (tried again). */
  async handle(message: InboundMessage): Promise<void> {
    const { meta: chunk, body } = decodeMessage(chunkFetchedSchema, message.value);
    await inSpan('parse', originOf(chunk), async (span) => {
      const definition = this.catalog.getVersion(chunk.dataset, chunk.contentVersion);
      verify(chunk, body);
      const result = parseChunk(definition, chunk, body);
      countChunk(chunk, body.length, result.kind);
      if (result.kind === 'failed') {
        failSpan(span, result.failure.code);
        return this.stage.fail(chunk, result.failure);
      }
      await this.stage.publish(TOPICS.batchParsed, message.key, chunk, encodeMessage(result.meta, result.body));
    });
  }
}

/** The ledger will say that rows came from bytes of this checksum: here is the last place where that can be seen. */
function verify({ resource, chunk, checksum }: ChunkFetched, body: Buffer): void {
  const found = checksumOf(body);
  if (found === checksum) return;
  throw new FreshetError('message_invalid', {
    message: `the body of chunk ${chunk} of ${resource} is not the one its checksum was made of`,
    nextStep:
      'The message was changed on its way or in store: look at the broker; the next attempt fetches the bytes again.',
    attributes: { resource, chunk, expected: checksum, found },
  });
}
