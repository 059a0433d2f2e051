import { randomBytes } from 'node:crypto';
import { TOPICS } from '@freshet/contracts';
import { silentLogger, type Logger } from '@freshet/domain';
import { IntakeGate } from '../delivery/intake-gate';
import { withProducerSpan } from '../delivery/message-context';
import { deliveryPolicy } from '../delivery/policy';
import type { Handler, Messaging, OutboundMessage, SubscribeOptions, Subscription, TransportHealth } from '../port';
import { InProcessSubscription } from './in-process-subscription';
import { stopping, TopicQueue, type QueueLimits } from './topic-queue';

export interface InProcessOptions {
  readonly partitions?: number;
  /** Held per topic; publishers wait while it is full. Default 1000 messages and 4 MiB. */
  readonly maxQueued?: Partial<QueueLimits>;
  readonly deadLetterTopic?: string;
  /** Groups that get a topic's messages from the first one on, even if they subscribe after another group did. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** How long `close` and `stop` wait for running handlers before their signal is aborted. Default 20 s. */
  readonly drainTimeoutMs?: number;
  readonly logger?: Logger;
  readonly random?: () => number;
}

const DEFAULT_LIMITS: QueueLimits = { messages: 1_000, bytes: 4 * 1024 * 1024 };
const DEFAULT_PARTITIONS = 4;
const DEFAULT_DRAIN_TIMEOUT_MS = 20_000;
const SYSTEM = 'freshet';

/**
 * Messaging inside one process, with the delivery rules of the port. What it holds is in memory and bounded; nothing outlives
 * the process, so after a restart unfinished runs are planned again from the database.
 *
 * A topic without a group holds its messages for the first one that subscribes, and makes publishers wait when it is full.
 * A group that subscribes later gets what the topic still holds; groups that subscribe in the same turn of the event loop
 * (as `MessagingServer` does it) all get everything. Offsets start with a prefix of this process, so that a stored
 * (topic, partition, offset) never meets one of another process.
 */
export class InProcessMessaging implements Messaging {
  private readonly topics = new Map<string, TopicQueue>();
  private readonly subscriptions = new Set<InProcessSubscription>();
  private readonly offsetPrefix = randomBytes(6).toString('hex');
  private readonly logger: Logger;
  private state: 'new' | 'started' | 'stopping' | 'stopped' = 'new';
  private stopped: Promise<void> | null = null;

  constructor(private readonly options: InProcessOptions = {}) {
    this.logger = options.logger ?? silentLogger;
    for (const [topic, groups] of Object.entries(options.groups ?? {})) {
      for (const group of groups) this.topic(topic).group(group);
    }
  }

  async start(): Promise<void> {
    if (this.state !== 'new') return;
    this.state = 'started';
    for (const subscription of this.subscriptions) subscription.open();
  }

  async publish(message: OutboundMessage): Promise<void> {
    if (this.state === 'stopped') throw stopping(message.topic);
    return withProducerSpan(SYSTEM, message, (headers) =>
      this.topic(message.topic).publish({ key: message.key, value: message.value, headers }),
    );
  }

  /** Joins the group before the first `await`, so that no message published afterwards can be missed. */
  async subscribe(options: SubscribeOptions, handler: Handler): Promise<Subscription> {
    const policy = deliveryPolicy(options);
    const queue = this.topic(policy.topic).group(policy.group);
    const closing = new AbortController();
    const subscription = new InProcessSubscription(
      queue,
      {
        system: SYSTEM,
        policy,
        handler,
        deadLetterTopic: this.options.deadLetterTopic ?? TOPICS.deadLetter,
        publish: (message) => this.publish(message),
        gate: new IntakeGate(() => queue.schedule()),
        closing: closing.signal,
        logger: this.logger,
        random: this.options.random ?? Math.random,
      },
      closing,
      this.options.drainTimeoutMs ?? DEFAULT_DRAIN_TIMEOUT_MS,
    );
    this.subscriptions.add(subscription);
    if (this.state === 'started') subscription.open();
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
    return { live: true, ready: this.state === 'started', detail: `in-process, ${this.state}` };
  }

  private async drainAndStop(): Promise<void> {
    this.state = 'stopping';
    const closed = [...this.subscriptions].map((subscription) => subscription.close());
    // Nobody makes room any more: a handler that waits to publish must fail now, or the drain would wait for it in vain.
    for (const topic of this.topics.values()) topic.close();
    await Promise.all(closed);
    this.state = 'stopped';
  }

  private topic(name: string): TopicQueue {
    const known = this.topics.get(name);
    if (known) return known;
    const limits = { ...DEFAULT_LIMITS, ...this.options.maxQueued };
    const topic = new TopicQueue(name, this.options.partitions ?? DEFAULT_PARTITIONS, limits, this.offsetPrefix);
    this.topics.set(name, topic);
    return topic;
  }
}
