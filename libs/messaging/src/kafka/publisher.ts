import { FreshetError } from '@freshet/domain';
import type { Message, Producer, TopicMessages } from 'kafkajs';
import { settlesWithin, wait } from '../delivery/wait';
import type { OutboundMessage } from '../port';
import { COMPRESSION, kafkaClient } from './client';
import type { KafkaSettings } from './options';
import { stablePartitioner } from './partitioner';

interface Queued {
  readonly topic: string;
  readonly message: Message;
  readonly bytes: number;
  /** Sent without company, to find out which message of a batch the broker refuses. */
  alone: boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const DISCONNECT_TIMEOUT_MS = 3_000;
const RETRY_MS = { initial: 100, max: 3_000 };

/**
 * Sends what is published, acknowledged by all in-sync replicas, one request at a time: what arrives meanwhile leaves
 * together with the next one, and the order of publishing is kept through retries and broker restarts.
 *
 * The producer is idempotent, so a retry inside kafkajs doubles nothing. After a send that failed for good it is replaced:
 * nobody knows whether the broker took the batch, and another batch under the same sequence numbers would be acknowledged as
 * a duplicate of it, and lost. The batch that failed is then sent again, at the risk of coming twice.
 */
export class KafkaPublisher {
  private readonly queue: Queued[] = [];
  private producer: Producer | null = null;
  private draining: Promise<void> | null = null;
  private readonly closing = new AbortController();
  private healthy = false;

  constructor(private readonly settings: KafkaSettings) {}

  get ready(): boolean {
    return this.healthy;
  }

  /** Connects, so that a wrong address or a wrong password shows at the start. */
  async connect(): Promise<void> {
    await this.obtain();
    this.healthy = true;
  }

  /** Resolves when the message is durable. */
  publish({ topic, key, value }: OutboundMessage, headers: Record<string, string>): Promise<void> {
    if (this.closing.signal.aborted) return Promise.reject(unavailable('messaging is stopping'));
    const bytes = value.length + (key?.length ?? 0);
    if (bytes > this.settings.maxMessageBytes)
      return Promise.reject(tooLarge(topic, bytes, this.settings.maxMessageBytes));
    return new Promise((resolve, reject) => {
      this.queue.push({ topic, message: { key, value, headers }, bytes, alone: false, resolve, reject });
      this.draining ??= this.drain();
    });
  }

  /** Sends what was published, within `timeoutMs`; fails the rest; disconnects. */
  async close(timeoutMs: number): Promise<void> {
    if (this.draining) await settlesWithin(this.draining, timeoutMs);
    this.closing.abort();
    this.healthy = false;
    if (this.draining) await settlesWithin(this.draining, DISCONNECT_TIMEOUT_MS);
    await this.discard();
  }

  private async drain(): Promise<void> {
    for (let batch = this.take(); batch.length > 0; batch = this.take()) {
      try {
        await this.send(batch);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        if (isTooLarge(error) && batch.length > 1) {
          this.queue.unshift(...batch.map((item) => ({ ...item, alone: true })));
        } else {
          for (const { reject, topic, bytes } of batch) {
            reject(
              isTooLarge(error)
                ? tooLarge(topic, bytes, this.settings.maxMessageBytes)
                : unavailable('Kafka does not take it', error),
            );
          }
        }
      }
    }
    // In the turn that found the queue empty: what is published a moment later must start another one.
    this.draining = null;
  }

  private take(): Queued[] {
    const batch: Queued[] = [];
    let bytes = 0;
    for (let next = this.queue[0]; next; next = this.queue[0]) {
      if (batch.length > 0 && (next.alone || batch[0]?.alone || bytes + next.bytes > this.settings.sendBytes)) break;
      this.queue.shift();
      batch.push(next);
      bytes += next.bytes;
    }
    return batch;
  }

  /** @throws the last error of Kafka when the time is up, or the broker's refusal of a message that is too large. */
  private async send(batch: readonly Queued[]): Promise<void> {
    const deadline = Date.now() + this.settings.publishTimeoutMs;
    const topicMessages = byTopic(batch);
    for (let tries = 1; ; tries += 1) {
      try {
        const producer = await this.obtain();
        await producer.sendBatch({ acks: -1, compression: COMPRESSION[this.settings.compression], topicMessages });
        this.healthy = true;
        return;
      } catch (error) {
        await this.discard();
        if (isTooLarge(error)) throw error;
        this.healthy = false;
        if (Date.now() > deadline || this.closing.signal.aborted) throw error;
        const { name, message } = error as Error;
        this.settings.logger.warn(
          { error: { name, message }, tries, messages: batch.length },
          'messages cannot be sent and will be sent again',
        );
        await wait(Math.min(RETRY_MS.max, RETRY_MS.initial * 2 ** Math.min(tries, 10)), this.closing.signal);
      }
    }
  }

  private async obtain(): Promise<Producer> {
    if (this.producer) return this.producer;
    const producer = kafkaClient(this.settings).producer({
      idempotent: true,
      createPartitioner: stablePartitioner,
      allowAutoTopicCreation: false,
      retry: { retries: 5 },
    });
    this.producer = producer;
    await producer.connect();
    return producer;
  }

  private async discard(): Promise<void> {
    const producer = this.producer;
    this.producer = null;
    if (producer) await settlesWithin(producer.disconnect(), DISCONNECT_TIMEOUT_MS);
  }
}

function byTopic(batch: readonly Queued[]): TopicMessages[] {
  const topics = new Map<string, Message[]>();
  for (const { topic, message } of batch) {
    const messages = topics.get(topic);
    if (messages) messages.push(message);
    else topics.set(topic, [message]);
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}

/** kafkajs wraps the broker's error when it gives up. */
function isTooLarge(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    const { type } = current as { type?: string };
    if (type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE') return true;
  }
  return false;
}

const tooLarge = (topic: string, bytes: number, limit: number): FreshetError =>
  new FreshetError('message_invalid', {
    message: `a message of ${bytes} bytes is too large for ${topic}`,
    nextStep: `Make chunks smaller (FRESHET_CHUNK_BYTES), or raise the largest message (${limit} bytes) here and max.message.bytes of the topic.`,
    attributes: { topic, bytes, limit },
  });

const unavailable = (why: string, cause?: unknown): FreshetError =>
  new FreshetError('dependency_unavailable', {
    message: `a message was not published: ${why}${cause instanceof Error ? ` (${cause.message})` : ''}`,
    nextStep: 'Look at the brokers; the work is taken up again by itself when they answer.',
    cause,
  });
