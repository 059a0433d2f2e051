import { encodeMessage, ProcessPeaks, TOPICS, type ChunkFetched, type Topic } from '@freshet/contracts';
import { FreshetError, type Failure, type Logger } from '@freshet/domain';
import type { Messaging } from '../port';

export interface PipelineStageOptions {
  readonly messaging: Messaging;
  readonly logger: Logger;
  readonly stage: 'parser' | 'validator';
  /** The process: in standalone it holds every stage, and its memory is one figure. */
  readonly process: { readonly service: string; readonly instance: string };
  /** Largest message the transport takes, frame included. */
  readonly maxMessageBytes: number;
  readonly peakRssBytes: () => number;
}

/** What a message of the pipeline belongs to. */
export type ChunkOrigin = Pick<
  ChunkFetched,
  'dataset' | 'runId' | 'taskId' | 'attempt' | 'contentVersion' | 'resource' | 'chunk'
>;

/** These fields and no others: a message has much more, its columns and refused rows among them. */
export const originOf = ({ dataset, runId, taskId, attempt, resource, chunk }: ChunkOrigin) => ({
  ...{ dataset, runId, taskId, attempt, resource, chunk },
});

/**
 * The way on for a stage that takes one message and gives one: the parser, the validator. It keeps nothing between messages, so
 * a message that comes twice gives the same result twice, and the loader's ledger knows the second.
 */
export class PipelineStage {
  private readonly peaks: ProcessPeaks;

  constructor(private readonly options: PipelineStageOptions) {
    this.peaks = new ProcessPeaks(options.process, options.peakRssBytes);
  }

  /** Publishes under the key of the message that came in. What is larger than a message may be ends the attempt: a chunk makes one batch, because both carry one index. */
  async publish(topic: Topic, key: string | null, origin: ChunkOrigin, value: Buffer): Promise<void> {
    const { messaging, maxMessageBytes } = this.options;
    if (value.length > maxMessageBytes) return this.fail(origin, tooLarge(origin, value.length, maxMessageBytes));
    await messaging.publish({ topic, key, value });
    const peak = this.peaks.after(origin.runId);
    if (peak) await messaging.publish({ topic: TOPICS.runEvents, key: origin.runId, value: encodeMessage(peak) });
  }

  /** The attempt is over; the message is done. Other chunks of the attempt may say the same: the coordinator takes the first. */
  async fail(origin: ChunkOrigin, failure: Failure): Promise<void> {
    const { dataset, runId, taskId, attempt, contentVersion, resource, chunk } = origin;
    const { messaging, logger, stage } = this.options;
    const fields = { dataset, runId, attempt, resource, chunk, code: failure.code, ...failure.attributes };
    logger.warn(fields, failure.message);
    const value = encodeMessage({
      type: 'attempt.failed',
      dataset,
      runId,
      taskId,
      attempt,
      contentVersion,
      stage,
      failure,
    });
    await messaging.publish({ topic: TOPICS.runEvents, key: runId, value });
  }
}

function tooLarge({ resource, chunk }: ChunkOrigin, bytes: number, maxMessageBytes: number): Failure {
  return new FreshetError('record_too_large', {
    message: `the batch of chunk ${chunk} of ${resource} takes ${bytes} bytes, a message may have ${maxMessageBytes}`,
    nextStep:
      'Make chunks smaller (FRESHET_CHUNK_BYTES), or messages larger (FRESHET_MAX_MESSAGE_BYTES and the topics alike).',
    attributes: { resource, chunk, bytes, maxMessageBytes },
  }).toFailure();
}
