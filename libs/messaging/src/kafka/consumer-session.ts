import type { Consumer, EachBatchPayload } from 'kafkajs';
import { settlesWithin } from '../delivery/wait';
import { kafkaClient } from './client';
import type { KafkaSettings } from './options';

export interface SessionEvents {
  /** These partitions are ours from now on, and no others. */
  onAssigned(partitions: readonly number[]): void;
  /** A rebalance begins: what is done should be committed now. */
  onRebalancing(): void;
  onBatch(payload: EachBatchPayload): Promise<void>;
}

export interface OffsetCommit {
  readonly partition: number;
  readonly offset: bigint;
}

const DISCONNECT_TIMEOUT_MS = 5_000;
const WATCH_INTERVAL_MS = 1_000;
const STALL_GRACE_MS = 30_000;

/**
 * One membership in a consumer group, from joining to its end, whatever ends it: a crash of kafkajs, a broker out of reach for
 * longer than the session, a member id that changed (our partitions may have been someone else's), a loop that stands still.
 * It is never revived; a new one takes its place. kafkajs may still be busy inside after the end; nothing of it counts then.
 */
export class ConsumerSession {
  private readonly consumer: Consumer;
  private memberId: string | null = null;
  private joining = true;
  private lastTick = Date.now();
  private lastContact = Date.now();
  private reason: string | null = null;
  private commitFrom: EachBatchPayload['commitOffsetsIfNecessary'] | null = null;
  private settle: (reason: string) => void = () => {};
  /** Resolves, with the reason, as soon as nothing of this session counts any more; its connections may still be closing. */
  readonly over = new Promise<string>((resolve) => (this.settle = resolve));

  constructor(
    private readonly settings: KafkaSettings,
    private readonly topic: string,
    groupId: string,
    private readonly concurrency: number,
    private readonly events: SessionEvents,
  ) {
    this.consumer = kafkaClient(settings).consumer({
      groupId,
      sessionTimeout: settings.sessionTimeoutMs,
      heartbeatInterval: settings.heartbeatIntervalMs,
      rebalanceTimeout: settings.rebalanceTimeoutMs,
      maxBytes: settings.fetchBytes,
      maxBytesPerPartition: settings.fetchBytesPerPartition,
      maxWaitTimeInMs: settings.fetchWaitMs,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5, restartOnFailure: async () => false },
    });
  }

  get joined(): boolean {
    return this.reason === null && !this.joining;
  }

  /** When the consume loop was last seen moving. */
  get tickedAt(): number {
    return this.lastTick;
  }

  /** Joins and consumes. Resolves, with the reason, when the session is over and its connections are closed. */
  async run(): Promise<string> {
    this.listen();
    const watch = setInterval(() => this.watch(), WATCH_INTERVAL_MS);
    try {
      const consuming = this.consume().catch((error: unknown) => this.end(String(error)));
      const reason = await this.over;
      await settlesWithin(Promise.all([consuming, this.consumer.disconnect()]), DISCONNECT_TIMEOUT_MS);
      return reason;
    } finally {
      clearInterval(watch);
    }
  }

  end(reason: string): void {
    if (this.reason !== null) return;
    this.reason = reason;
    this.settle(reason);
  }

  pause(): void {
    this.whileRunning(() => this.consumer.pause([{ topic: this.topic }]));
  }

  resume(): void {
    this.whileRunning(() => this.consumer.resume([{ topic: this.topic }]));
  }

  /** @throws when the broker refuses, for example because the group is rebalancing. */
  async commit(offsets: readonly OffsetCommit[]): Promise<void> {
    if (this.reason !== null || !this.commitFrom) throw new Error('the session is over');
    // Not consumer.commitOffsets: that retries, and a retry after a rebalance would commit what is not ours any more.
    await this.commitFrom({
      topics: [
        {
          topic: this.topic,
          partitions: offsets.map(({ partition, offset }) => ({ partition, offset: offset.toString() })),
        },
      ],
    });
    this.lastContact = Date.now();
  }

  private whileRunning(work: () => void): void {
    try {
      if (this.joined) work();
    } catch {
      // kafkajs is going down and has not said so yet; the next session starts unpaused.
    }
  }

  private async consume(): Promise<void> {
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [this.topic], fromBeginning: true });
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.concurrency,
      eachBatch: async (payload) => {
        if (this.reason !== null) throw new Error('the session is over');
        this.commitFrom = payload.commitOffsetsIfNecessary;
        await this.events.onBatch(payload);
      },
    });
  }

  private listen(): void {
    const { consumer } = this;
    const { CRASH, FETCH, FETCH_START, GROUP_JOIN, HEARTBEAT, REBALANCING } = consumer.events;
    const tick = (): void => void (this.lastTick = Date.now());
    consumer.on(FETCH_START, tick);
    consumer.on(FETCH, tick);
    consumer.on(HEARTBEAT, () => {
      tick();
      this.lastContact = Date.now();
    });
    consumer.on(REBALANCING, () => {
      tick();
      this.joining = true;
      if (this.reason === null) this.events.onRebalancing();
    });
    consumer.on(GROUP_JOIN, ({ payload }) => {
      tick();
      this.lastContact = Date.now();
      this.joining = false;
      this.assigned(payload.memberId, payload.memberAssignment[this.topic] ?? []);
    });
    consumer.on(CRASH, ({ payload }) => this.end(`${payload.error.name}: ${payload.error.message}`));
  }

  private assigned(memberId: string, partitions: readonly number[]): void {
    if (this.reason !== null) {
      // It joined after all, and would hold partitions that nobody handles.
      void this.consumer.disconnect().catch(() => undefined);
      return;
    }
    if (this.memberId !== null && this.memberId !== memberId) {
      this.end('the group had given this member up');
      return;
    }
    this.memberId = memberId;
    this.events.onAssigned(partitions);
  }

  private watch(): void {
    const now = Date.now();
    if (!this.joining && now - this.lastContact > this.settings.sessionTimeoutMs) {
      this.end(`no answer of the broker for ${now - this.lastContact} ms`);
    } else if (now - this.lastTick > this.settings.rebalanceTimeoutMs + STALL_GRACE_MS) {
      this.end(`the consume loop stands still since ${now - this.lastTick} ms`);
    }
  }
}
