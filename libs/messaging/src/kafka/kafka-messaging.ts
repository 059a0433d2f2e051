import { FreshetError } from '@freshet/domain';
import { withProducerSpan } from '../delivery/message-context';
import { deliveryPolicy } from '../delivery/policy';
import { wait } from '../delivery/wait';
import type { Handler, Messaging, OutboundMessage, SubscribeOptions, Subscription, TransportHealth } from '../port';
import { kafkaClient } from './client';
import { connectFailure } from './connect-failure';
import { KafkaSubscription } from './kafka-subscription';
import { kafkaSettings, type KafkaMessagingOptions, type KafkaSettings } from './options';
import { KafkaPublisher } from './publisher';
import { ensureTopics } from './topics';

const START_RETRY_MS = 1_000;
/** A broker that does not take what is left within this time is down; a longer wait would only be cut off by a kill. */
const FLUSH_TIMEOUT_MS = 5_000;

/**
 * Messaging over Apache Kafka (3.9 and 4.x) by kafkajs, the only place that uses it. Settings and guarantees stand in
 * `docs/reference/kafka.md`.
 */
export class KafkaMessaging implements Messaging {
  private readonly settings: KafkaSettings;
  private readonly publisher: KafkaPublisher;
  private readonly subscriptions = new Set<KafkaSubscription>();
  private readonly stopping = new AbortController();
  private started: Promise<void> | null = null;
  private stopped: Promise<void> | null = null;

  constructor(options: KafkaMessagingOptions) {
    this.settings = kafkaSettings(options);
    this.publisher = new KafkaPublisher(this.settings);
  }

  /** @throws FreshetError `dependency_unavailable` when no broker answers within `startTimeoutMs`. */
  start(): Promise<void> {
    this.started ??= this.connect();
    return this.started;
  }

  async publish(message: OutboundMessage): Promise<void> {
    await withProducerSpan('kafka', message, (headers) => this.publisher.publish(message, headers));
  }

  async subscribe(options: SubscribeOptions, handler: Handler): Promise<Subscription> {
    const policy = deliveryPolicy(options);
    const subscription = new KafkaSubscription(this.settings, policy, handler, (message) => this.publish(message));
    this.subscriptions.add(subscription);
    return {
      close: async () => {
        await subscription.close();
        this.subscriptions.delete(subscription);
      },
    };
  }

  stop(): Promise<void> {
    this.stopped ??= this.drainAndStop();
    return this.stopped;
  }

  health(): TransportHealth {
    const subscriptions = [...this.subscriptions];
    const standing = subscriptions.filter(({ live }) => !live).map(({ name }) => name);
    const absent = subscriptions.filter(({ ready }) => !ready).map(({ name }) => name);
    const ready = this.publisher.ready && absent.length === 0 && !this.stopping.signal.aborted;
    const detail = [
      this.publisher.ready ? 'producer connected' : 'producer not connected',
      `${subscriptions.length - absent.length} of ${subscriptions.length} consumers joined`,
      ...(absent.length > 0 ? [`not joined: ${absent.join(', ')}`] : []),
      ...(standing.length > 0 ? [`standing still: ${standing.join(', ')}`] : []),
    ].join('; ');
    return { live: standing.length === 0, ready, detail };
  }

  private async connect(): Promise<void> {
    const deadline = Date.now() + this.settings.startTimeoutMs;
    let said = '';
    for (;;) {
      try {
        await ensureTopics(kafkaClient(this.settings), this.settings);
        await this.publisher.connect();
        return;
      } catch (error) {
        // Credentials and topics may be about to be made by an operator of the cluster, so that is waited for as well.
        const failure = error instanceof FreshetError ? error : connectFailure(error, this.settings);
        if (Date.now() > deadline || this.stopping.signal.aborted) throw failure;
        const { message, nextStep } = failure;
        if (message !== said)
          this.settings.logger.warn({ error: message, nextStep, brokers: this.settings.brokers }, 'waiting for Kafka');
        said = message;
        await wait(START_RETRY_MS, this.stopping.signal);
      }
    }
  }

  private async drainAndStop(): Promise<void> {
    this.stopping.abort();
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close()));
    await this.publisher.close(FLUSH_TIMEOUT_MS);
  }
}
