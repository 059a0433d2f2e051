import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import { observeLag } from '../delivery/metrics';
import { deliver, type DeliveryHost, type Undelivered } from '../delivery/deliver';
import { IntakeGate } from '../delivery/intake-gate';
import { Lanes } from '../delivery/lanes';
import type { DeliveryPolicy } from '../delivery/policy';
import { settlesWithin, wait } from '../delivery/wait';
import type { Handler, OutboundMessage, Subscription } from '../port';
import { ConsumerSession } from './consumer-session';
import type { KafkaSettings } from './options';
import { PartitionState } from './partition-state';

const REJOIN_MS = { initial: 200, max: 2_000 };
/** A session that lasted this long was a good one: the next one starts without delay. */
const GOOD_SESSION_MS = 30_000;
const ABORT_GRACE_MS = 2_000;
/** Waiting for room inside a batch is cheaper than pausing, which costs a fetch and a wait; but no heartbeat is sent meanwhile. */
const WAIT_FOR_ROOM_MS = 1_000;
const LIVE_MS = 3 * 60_000;

/**
 * Consumers of one group share one topic, so the Kafka group is named after both: kafkajs assigns a group's partitions as if
 * every member had subscribed to the same topics.
 */
export const kafkaGroupId = (group: string, topic: string): string => `${group}.${topic}`;

/**
 * One member of a group on one topic, for as long as it is not closed: sessions come and go under it. Fetching, handling and
 * committing are decoupled: a batch is put into the lanes and the next one fetched while there is room, and what is done is
 * committed as far as it is contiguous. So the membership is kept alive by kafkajs's own loop, however long a handler takes.
 */
export class KafkaSubscription implements Subscription {
  private readonly closing = new AbortController();
  private readonly gate = new IntakeGate(() => this.onFreed());
  private readonly lanes: Lanes;
  private readonly host: DeliveryHost;
  private readonly partitions = new Map<number, PartitionState>();
  private readonly supervised: Promise<void>;
  private session: ConsumerSession | null = null;
  private paused = false;
  private committing: Promise<void> | null = null;
  private readonly waitingForRoom: Array<() => void> = [];
  private supervisedAt = Date.now();
  private closed: Promise<void> | null = null;
  private readonly forgetLag: () => void;

  constructor(
    private readonly settings: KafkaSettings,
    private readonly policy: DeliveryPolicy,
    handler: Handler,
    publish: (message: OutboundMessage) => Promise<void>,
  ) {
    this.lanes = new Lanes(policy.maxInFlight, this.gate, () => this.onFreed());
    this.host = {
      system: 'kafka',
      policy,
      handler,
      deadLetterTopic: settings.deadLetterTopic,
      publish,
      gate: this.gate,
      closing: this.closing.signal,
      logger: settings.logger,
      random: settings.random,
    };
    this.forgetLag = observeLag(policy, () => this.lag());
    this.supervised = this.supervise();
  }

  get live(): boolean {
    return Date.now() - Math.max(this.supervisedAt, this.session?.tickedAt ?? 0) < LIVE_MS;
  }

  get ready(): boolean {
    return this.session?.joined ?? false;
  }

  get name(): string {
    return kafkaGroupId(this.policy.group, this.policy.topic);
  }

  close(): Promise<void> {
    this.closed ??= this.drain();
    return this.closed;
  }

  private async drain(): Promise<void> {
    this.closing.abort();
    this.session?.pause();
    this.lanes.dropWaiting();
    const idle = this.lanes.whenIdle();
    if (!(await settlesWithin(idle, this.settings.drainTimeoutMs))) {
      this.settings.logger.warn(
        { group: this.policy.group, topic: this.policy.topic },
        'handlers are still running: their work is given up',
      );
      await this.flush();
      this.loseAll();
      await settlesWithin(idle, ABORT_GRACE_MS);
    }
    await this.flush();
    this.forgetLag();
    this.session?.end('closing');
    await this.supervised;
  }

  /** The rejoin loop. It ends only with the subscription. */
  private async supervise(): Promise<void> {
    for (let failures = 0; !this.closing.signal.aborted;) {
      const startedAt = Date.now();
      this.supervisedAt = startedAt;
      const session = new ConsumerSession(this.settings, this.policy.topic, this.name, this.policy.maxInFlight, {
        onAssigned: (partitions) => this.onAssigned(partitions),
        onRebalancing: () => void this.flush(),
        onBatch: (payload) => this.onBatch(payload),
      });
      this.session = session;
      this.paused = false;
      const ended = session.run();
      void session.over.then(() => this.loseAll());
      const reason = await ended;
      this.loseAll();
      if (this.closing.signal.aborted) return;

      this.supervisedAt = Date.now();
      failures = this.supervisedAt - startedAt > GOOD_SESSION_MS ? 1 : failures + 1;
      this.settings.logger.warn(
        { group: this.policy.group, topic: this.policy.topic, reason, failures },
        'the consumer lost its place in the group and joins again',
      );
      await wait(Math.min(REJOIN_MS.max, REJOIN_MS.initial * 2 ** Math.min(failures, 10)), this.closing.signal);
    }
  }

  /** Partitions that stay ours through a rebalance keep what they are doing; those that left are fenced. */
  private onAssigned(partitions: readonly number[]): void {
    for (const [partition, state] of this.partitions) {
      if (partitions.includes(partition)) continue;
      state.lose();
      this.partitions.delete(partition);
    }
    for (const partition of partitions) {
      if (!this.partitions.has(partition)) this.partitions.set(partition, new PartitionState(partition));
    }
    if (this.paused || this.closing.signal.aborted) this.session?.pause();
    this.settings.logger.info(
      { group: this.policy.group, topic: this.policy.topic, partitions },
      'partitions assigned',
    );
  }

  private loseAll(): void {
    for (const state of this.partitions.values()) state.lose();
    this.partitions.clear();
  }

  /** Messages of our partitions that are not done, as of the last fetch of each; null before the first. */
  private lag(): number | null {
    const known = [...this.partitions.values()].flatMap(({ lag }) => (lag === null ? [] : [lag]));
    return known.length === 0 ? null : known.reduce((sum, lag) => sum + lag, 0);
  }

  private async onBatch({ batch, resolveOffset, isStale, heartbeat }: EachBatchPayload): Promise<void> {
    const state = this.partitions.get(batch.partition);
    if (this.closing.signal.aborted || !state || isStale()) return;
    state.highWatermark = BigInt(batch.highWatermark);
    for (const message of batch.messages) this.takeIn(state, batch.topic, message);
    // Where fetching goes on; what is committed is another matter.
    resolveOffset(batch.lastOffset());
    if (!this.hasRoom()) await this.waitForRoom();
    await heartbeat();
  }

  private takeIn(state: PartitionState, topic: string, message: KafkaMessage): void {
    const tracked = state.tracker.take(message.offset);
    if (!tracked) return;
    const undelivered: Undelivered = {
      topic,
      partition: state.partition,
      offset: message.offset,
      key: message.key?.toString() ?? null,
      value: message.value ?? Buffer.alloc(0),
      headers: textHeaders(message.headers),
    };
    this.lanes.add({
      key: undelivered.key,
      bytes: undelivered.value.length,
      run: async () => {
        if (state.signal.aborted || this.closing.signal.aborted) return;
        const acknowledged = await deliver(this.host, undelivered, { deliveries: 0 }, state.signal);
        if (!acknowledged) return;
        state.tracker.done(tracked);
        this.commitSoon();
      },
    });
  }

  private hasRoom(): boolean {
    const { messages, bytes } = this.lanes.backlog;
    return this.gate.open && messages < this.settings.backlogMessages && bytes < this.settings.backlogBytes;
  }

  private async waitForRoom(): Promise<void> {
    const room = new Promise<void>((resolve) => this.waitingForRoom.push(resolve));
    await settlesWithin(room, WAIT_FOR_ROOM_MS);
    if (this.hasRoom() || this.closing.signal.aborted) return;
    this.paused = true;
    this.session?.pause();
  }

  private onFreed(): void {
    this.lanes.pump();
    if (!this.hasRoom()) return;
    for (const resolve of this.waitingForRoom.splice(0)) resolve();
    if (!this.paused || this.closing.signal.aborted) return;
    this.paused = false;
    this.session?.resume();
  }

  private commitSoon(): void {
    this.committing ??= wait(this.settings.commitIntervalMs, this.closing.signal)
      .then(() => this.commit())
      .finally(() => (this.committing = null));
  }

  /** Commits what is done, now. */
  private async flush(): Promise<void> {
    await this.commit();
    await this.committing;
    await this.commit();
  }

  private async commit(): Promise<void> {
    const pending = [...this.partitions.values()].flatMap((state) =>
      state.pending === null ? [] : [{ state, partition: state.partition, offset: state.pending }],
    );
    if (pending.length === 0) return;
    try {
      await this.session?.commit(pending);
      for (const { state, offset } of pending) state.markCommitted(offset);
    } catch (error) {
      // Not lost: the next commit covers it, or the messages are delivered again.
      this.settings.logger.debug({ group: this.policy.group, error: String(error) }, 'offsets could not be committed');
      if (!this.closing.signal.aborted) setTimeout(() => this.commitSoon(), this.settings.heartbeatIntervalMs).unref();
    }
  }
}

function textHeaders(headers: KafkaMessage['headers']): Record<string, string> {
  const text: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    const first = Array.isArray(value) ? value.at(-1) : value;
    if (first !== undefined) text[name] = first.toString();
  }
  return text;
}
