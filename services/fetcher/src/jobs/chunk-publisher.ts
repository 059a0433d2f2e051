import { encodeMessage, TOPICS, type FetchRequested } from '@freshet/contracts';
import { FreshetError } from '@freshet/domain';
import type { Messaging } from '@freshet/messaging';
import type { CutChunk } from '../cutters/cutter';
import { repeatWhileUnavailable } from './repeat';

export interface ChunkPublisherOptions {
  readonly messaging: Messaging;
  readonly request: FetchRequested;
  readonly maxInFlight: number;
  readonly maxMessageBytes: number;
  /** Nothing is published after it is aborted. */
  readonly signal: AbortSignal;
}

/**
 * Publishes the chunks of one attempt, a bounded number at the same time; `publish` waits when there are as many. A broker that
 * cannot be reached is waited for as long as the lease is held.
 */
export class ChunkPublisher {
  private readonly inFlight = new Set<Promise<void>>();
  private readonly aborted: Promise<void>;
  private failure: unknown;
  published = 0;

  constructor(private readonly options: ChunkPublisherOptions) {
    this.aborted = new Promise((resolve) => options.signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  /** Resolves when the chunk is on its way and there is room for another. */
  async publish(resource: string, chunk: CutChunk): Promise<void> {
    this.check();
    const sending: Promise<void> = this.send(resource, chunk)
      .then(() => void (this.published += 1))
      .catch((error: unknown) => void (this.failure ??= error))
      .finally(() => this.inFlight.delete(sending));
    this.inFlight.add(sending);
    if (this.inFlight.size >= this.options.maxInFlight) await Promise.race([this.aborted, ...this.inFlight]);
    this.check();
  }

  /** Resolves when everything published is durable. */
  async drain(): Promise<void> {
    await Promise.race([this.aborted, Promise.all(this.inFlight)]);
    this.check();
  }

  private check(): void {
    this.options.signal.throwIfAborted();
    if (this.failure !== undefined) throw this.failure;
  }

  private async send(resource: string, chunk: CutChunk): Promise<void> {
    const { messaging, request, signal } = this.options;
    const { dataset, runId, taskId, attempt, contentVersion } = request;
    const { index, records, checksum, header, body } = chunk;
    const value = encodeMessage(
      {
        type: 'chunk.fetched',
        ...{ dataset, runId, taskId, attempt, contentVersion, resource },
        ...{ chunk: index, records, checksum, header: [...header] },
      },
      body,
    );
    if (value.length > this.options.maxMessageBytes)
      throw tooLarge(resource, chunk, value.length, this.options.maxMessageBytes);
    const message = { topic: TOPICS.chunkFetched, key: `${taskId}:${resource}:${index}`, value };
    await repeatWhileUnavailable(() => messaging.publish(message), { until: signal });
  }
}

const tooLarge = (resource: string, chunk: CutChunk, bytes: number, maxMessageBytes: number): FreshetError =>
  new FreshetError('record_too_large', {
    message: `chunk ${chunk.index} of ${resource} takes ${bytes} bytes, a message may have ${maxMessageBytes}`,
    nextStep:
      'Make chunks smaller (FRESHET_CHUNK_BYTES), or messages larger (FRESHET_MAX_MESSAGE_BYTES and the topics alike).',
    attributes: { resource, chunk: chunk.index, bytes, maxMessageBytes },
  });
