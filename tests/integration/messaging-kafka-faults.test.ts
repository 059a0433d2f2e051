import { randomUUID } from 'node:crypto';
import { describeWithKafka } from '@freshet/testing';
import { KafkaMessaging, type InboundMessage, type KafkaMessagingOptions } from '@freshet/messaging';
import { collector, eventually, latch } from '../../libs/messaging/src/testing/collect';

jest.setTimeout(180_000);

describeWithKafka('KafkaMessaging, when things go wrong', (kafka) => {
  let topic: string;
  const opened: KafkaMessaging[] = [];

  const open = async (options: Partial<KafkaMessagingOptions> = {}): Promise<KafkaMessaging> => {
    const messaging = new KafkaMessaging({
      brokers: kafka().brokers,
      topics: [topic, `${topic}.dead`],
      deadLetterTopic: `${topic}.dead`,
      partitions: 4,
      ...options,
    });
    opened.push(messaging);
    await messaging.start();
    return messaging;
  };
  const send = (messaging: KafkaMessaging, key: string, text: string): Promise<void> =>
    messaging.publish({ topic, key, value: Buffer.from(text) });
  const subscription = (maxInFlight = 4) => ({ topic, group: 'g', maxInFlight, retryDelayMs: { initial: 1, max: 5 } });

  beforeEach(() => (topic = `test.${randomUUID().slice(0, 8)}`));
  afterEach(() => Promise.all(opened.splice(0).map((messaging) => messaging.stop())));

  /** Texts are `<key>:<n>`; a redelivery repeats one, but never brings a later one before an earlier one. */
  const firstSeen = (messages: readonly InboundMessage[]): Map<string, number[]> => {
    const keys = new Map<string, number[]>();
    for (const text of new Set(messages.map(({ value }) => value.toString()))) {
      const [key = '', n] = text.split(':');
      keys.set(key, [...(keys.get(key) ?? []), Number(n)]);
    }
    return keys;
  };
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

  it('comes back by itself when the broker is killed and started again; nothing is lost and order is kept', async () => {
    if (!kafka().ownsBroker) return;
    const [producing, consuming] = [await open(), await open()];
    const seen = collector(() => new Promise((resolve) => setTimeout(resolve, 2)));
    await consuming.subscribe(subscription(), seen.handler);
    const [keys, perKey] = [10, 100];
    const publishing = Promise.all(
      upTo(keys).map(async (key) => {
        for (let n = 0; n < perKey; n += 1) await send(producing, `k${key}`, `k${key}:${n}`);
      }),
    );
    await seen.received(100);
    await kafka().kill();
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    expect(consuming.health()).toMatchObject({ ready: false, live: true });
    const restarted = Date.now();
    await kafka().restart();
    await publishing;
    await eventually('all messages', () => new Set(seen.texts()).size === keys * perKey, 90_000);
    process.stdout.write(
      `all messages ${Date.now() - restarted} ms after the restart began, ${seen.messages.length - keys * perKey} came twice\n`,
    );
    for (const [key, numbers] of firstSeen(seen.messages)) expect([key, numbers]).toEqual([key, upTo(perKey)]);
    // Readiness follows the next probe of the connection, not the last message.
    await eventually('both are ready again', () => producing.health().ready && consuming.health().ready, 30_000);
  });

  it('keeps its membership while a handler takes longer than the session', async () => {
    const messaging = await open({ sessionTimeoutMs: 6_000, heartbeatIntervalMs: 1_000 });
    const seen = collector(() => new Promise((resolve) => setTimeout(resolve, 9_000)));
    await messaging.subscribe(subscription(), seen.handler);
    await send(messaging, 'k', 'slow');
    await seen.received(1);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    expect(seen.messages).toHaveLength(1);
    expect(seen.messages[0]?.signal.aborted).toBe(false);
    expect(messaging.health().ready).toBe(true);
  });

  it('fences what runs on a partition that goes to another member, and commits nothing for it', async () => {
    const first = await open();
    const gate = latch();
    const held = collector(() => gate.opened);
    await first.subscribe(subscription(64), held.handler);
    await Promise.all(upTo(40).map((n) => send(first, `k${n}`, `k${n}:0`)));
    await held.received(40);

    const second = await open();
    const taken = collector();
    await second.subscribe(subscription(64), taken.handler);
    await eventually('the second member works', () => taken.messages.length > 0, 60_000);
    const gone = new Set(taken.messages.map(({ partition }) => partition));
    await eventually('everything on lost partitions is aborted', () =>
      held.messages.filter(({ partition }) => gone.has(partition)).every(({ signal }) => signal.aborted),
    );
    const kept = held.messages.filter(({ partition }) => !gone.has(partition));
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.every(({ signal }) => !signal.aborted)).toBe(true);
    gate.open();
    const lost = held.messages.filter(({ partition }) => gone.has(partition)).map(({ value }) => value.toString());
    await eventually('the second member has all of them', () => lost.every((text) => taken.texts().includes(text)));
    // Kept partitions went on where they were: nothing of them came again.
    expect(held.messages).toHaveLength(40);
  });

  it('hands over what is not done when members come and go', async () => {
    const producing = await open();
    const all = new Set<string>();
    const behave = async (message: InboundMessage): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (!message.signal.aborted) all.add(message.value.toString());
    };
    const publishing = Promise.all(
      upTo(20).map(async (key) => {
        for (let n = 0; n < 50; n += 1) await send(producing, `k${key}`, `k${key}:${n}`);
      }),
    );
    const members = [await open(), await open(), await open()];
    for (const member of members) {
      await member.subscribe(subscription(), behave);
      await eventually('some progress', () => all.size > 50);
    }
    await members[0]?.stop();
    await members[1]?.stop();
    await publishing;
    await eventually('all messages', () => all.size === 1_000, 60_000);
  });

  it('lets several processes create the same topics at once', async () => {
    const started = await Promise.all(upTo(4).map(() => open()));
    const seen = collector();
    await started[0]?.subscribe(subscription(), seen.handler);
    await Promise.all(started.map((messaging, n) => send(messaging, `k${n}`, `k${n}:0`)));
    await seen.received(4);
  });

  it('refuses a message that is too large, and only that one', async () => {
    const messaging = await open({ maxMessageBytes: 100_000 });
    const lenient = await open({ compression: 'none' });
    const value = Buffer.alloc(3 * 1024 * 1024, 'x');
    await expect(messaging.publish({ topic, key: 'k', value })).rejects.toMatchObject({ code: 'message_invalid' });
    const results = await Promise.allSettled([
      send(lenient, 'k', 'k:0'),
      lenient.publish({ topic, key: 'k', value }),
      send(lenient, 'k', 'k:1'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 'message_invalid' } });
  });

  it('says so when no broker answers', async () => {
    const messaging = new KafkaMessaging({ brokers: ['127.0.0.1:1'], startTimeoutMs: 1_000 });
    await expect(messaging.start()).rejects.toMatchObject({ code: 'dependency_unavailable' });
    expect(messaging.health()).toMatchObject({ live: true, ready: false });
    await messaging.stop();
  });
});
