import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import {
  chunkFetchedSchema,
  decodeMessage,
  encodeMessage,
  ProcessPeaks,
  TOPICS,
  type ChunkFetched,
} from '@freshet/contracts';
import { FreshetError, type Failure, type Logger } from '@freshet/domain';
import { MESSAGING, type InboundMessage, type Messaging } from '@freshet/messaging';
import { INSTANCE, LOGGER, peakRssBytes, type InstanceInfo } from '@freshet/runtime';
import { assertReaders } from './readers/registry';
import { PARSER_OPTIONS, type ParserOptions } from './options';
import { parseChunk } from './parse-chunk';

/**
 * One chunk in, one batch out, under the same key. Keeps nothing between messages: a message that comes twice gives the same
 * batch twice, and the loader's ledger knows the second.
 */
@Injectable()
export class ChunkParser {
  private readonly peaks: ProcessPeaks;

  constructor(
    @Inject(MESSAGING) private readonly messaging: Messaging,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(INSTANCE) instance: InstanceInfo,
    @Inject(PARSER_OPTIONS) private readonly options: ParserOptions,
  ) {
    assertReaders(catalog.all());
    this.peaks = new ProcessPeaks(instance, peakRssBytes);
  }

  /** @throws FreshetError `message_invalid` (to the dead letters) or `definition_unknown` (tried again). */
  async handle(message: InboundMessage): Promise<void> {
    const { meta: chunk, body } = decodeMessage(chunkFetchedSchema, message.value);
    const definition = this.catalog.getVersion(chunk.dataset, chunk.contentVersion);
    verify(chunk, body);
    const result = parseChunk(definition, chunk, body);
    if (result.kind === 'failed') return this.fail(chunk, result.failure);
    const value = encodeMessage(result.meta, result.body);
    if (value.length > this.options.maxMessageBytes)
      return this.fail(chunk, tooLarge(chunk, value.length, this.options));
    await this.messaging.publish({ topic: TOPICS.batchParsed, key: message.key, value });
    this.logger.debug({ ...about(chunk), rows: result.meta.rows, refused: result.meta.refused.length }, 'chunk parsed');
    const peak = this.peaks.after(chunk.runId);
    if (peak) await this.messaging.publish({ topic: TOPICS.runEvents, key: chunk.runId, value: encodeMessage(peak) });
  }

  /** The attempt is over; the message is done. Other chunks of the attempt may say the same: the coordinator takes the first. */
  private async fail(chunk: ChunkFetched, failure: Failure): Promise<void> {
    const { dataset, runId, taskId, attempt, contentVersion } = chunk;
    this.logger.warn({ ...about(chunk), code: failure.code, ...failure.attributes }, failure.message);
    const event = {
      type: 'attempt.failed',
      dataset,
      runId,
      taskId,
      attempt,
      contentVersion,
      stage: 'parser',
      failure,
    } as const;
    await this.messaging.publish({ topic: TOPICS.runEvents, key: runId, value: encodeMessage(event) });
  }
}

/** The ledger will say that rows came from bytes of this checksum: here is the last place where that can be seen. */
function verify({ resource, chunk, checksum }: ChunkFetched, body: Buffer): void {
  const found = createHash('sha256').update(body).digest('hex');
  if (found === checksum) return;
  throw new FreshetError('message_invalid', {
    message: `the body of chunk ${chunk} of ${resource} is not the one its checksum was made of`,
    nextStep:
      'The message was changed on its way or in store: look at the broker; the next attempt fetches the bytes again.',
    attributes: { resource, chunk, expected: checksum, found },
  });
}

const about = ({ dataset, runId, attempt, resource, chunk }: ChunkFetched): object => ({
  dataset,
  runId,
  attempt,
  resource,
  chunk,
});

/** A chunk makes one batch, because both carry one index: it cannot be split here. */
function tooLarge(chunk: ChunkFetched, bytes: number, { maxMessageBytes }: ParserOptions): Failure {
  return new FreshetError('record_too_large', {
    message: `the batch of chunk ${chunk.chunk} of ${chunk.resource} takes ${bytes} bytes, a message may have ${maxMessageBytes}`,
    nextStep:
      'Make chunks smaller (FRESHET_CHUNK_BYTES), or messages larger (FRESHET_MAX_MESSAGE_BYTES and the topics alike).',
    attributes: { resource: chunk.resource, chunk: chunk.chunk, bytes, maxMessageBytes },
  }).toFailure();
}
