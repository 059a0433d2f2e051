import { TOPICS } from '@freshet/contracts';
import { collector, eventually, latch } from '../testing/collect';
import { messagingContract } from '../testing/messaging-contract';
import { InProcessMessaging } from './in-process-messaging';

describe('InProcessMessaging', () => {
  messagingContract(() => ({
    open: async ({ deadLetter }) => {
      const messaging = new InProcessMessaging({ deadLetterTopic: deadLetter, drainTimeoutMs: 2_000 });
      await messaging.start();
      return messaging;
    },
  }));

  const topic = TOPICS.chunkFetched;
  const value = Buffer.alloc(100);
  const started = async (options: ConstructorParameters<typeof InProcessMessaging>[0]) => {
    const messaging = new InProcessMessaging(options);
    await messaging.start();
    return messaging;
  };

  it.each([
    ['messages', { messages: 3 }],
    ['bytes', { bytes: 350 }],
  ])(
    'makes publishers wait when the topic is full by %s, and lets them on as messages are handled',
    async (_, maxQueued) => {
      const messaging = await started({ maxQueued });
      let published = 0;
      const all = Promise.all(
        Array.from({ length: 8 }, () => messaging.publish({ topic, key: null, value }).then(() => (published += 1))),
      );
      await new Promise((resolve) => setImmediate(resolve));
      expect(published).toBe(3);
      const seen = collector();
      await messaging.subscribe({ topic, group: 'g', maxInFlight: 1 }, seen.handler);
      await all;
      await seen.received(8);
      await messaging.stop();
    },
  );

  it('holds a message until the slowest group has handled it', async () => {
    const messaging = await started({ maxQueued: { messages: 1 } });
    const gate = latch();
    const quick = collector();
    await messaging.subscribe({ topic, group: 'quick', maxInFlight: 1 }, quick.handler);
    await messaging.subscribe({ topic, group: 'slow', maxInFlight: 1 }, () => gate.opened);
    await messaging.publish({ topic, key: null, value });
    let second = false;
    const publishing = messaging.publish({ topic, key: null, value }).then(() => (second = true));
    await quick.received(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(second).toBe(false);
    gate.open();
    await publishing;
    await messaging.stop();
  });

  it('takes a message larger than the limit when the topic is empty', async () => {
    const messaging = await started({ maxQueued: { bytes: 10 } });
    await messaging.publish({ topic, key: null, value });
    await messaging.stop();
  });

  it('gives a declared group everything, although it subscribes after another group handled it', async () => {
    const messaging = await started({ groups: { [topic]: ['late'] } });
    const [early, late] = [collector(), collector()];
    await messaging.subscribe({ topic, group: 'early', maxInFlight: 1 }, early.handler);
    await messaging.publish({ topic, key: null, value });
    await early.received(1);
    await messaging.subscribe({ topic, group: 'late', maxInFlight: 1 }, late.handler);
    await late.received(1);
    await messaging.stop();
  });

  it('aborts the signal of a handler that does not end within the drain time', async () => {
    const messaging = await started({ drainTimeoutMs: 20 });
    let aborted = false;
    const seen = collector(
      (message) =>
        new Promise((resolve) =>
          message.signal.addEventListener('abort', () => resolve((aborted = true) && undefined)),
        ),
    );
    await messaging.subscribe({ topic, group: 'g', maxInFlight: 1 }, seen.handler);
    await messaging.publish({ topic, key: null, value });
    await seen.received(1);
    await messaging.stop();
    expect(aborted).toBe(true);
  });

  it('refuses publishers that wait when it stops, with a failure that names it', async () => {
    const messaging = await started({ maxQueued: { messages: 1 } });
    await messaging.publish({ topic, key: null, value });
    const waiting = messaging.publish({ topic, key: null, value });
    const refused = expect(waiting).rejects.toMatchObject({ code: 'dependency_unavailable' });
    await messaging.stop();
    await refused;
  });

  it('gives offsets that another process cannot give', async () => {
    const offsets = new Set<string>();
    for (let i = 0; i < 2; i += 1) {
      const messaging = await started({});
      const seen = collector();
      await messaging.subscribe({ topic, group: 'g', maxInFlight: 1 }, seen.handler);
      await messaging.publish({ topic, key: 'k', value });
      await eventually('delivery', () => seen.messages.length === 1);
      offsets.add(seen.messages[0]?.offset ?? '');
      await messaging.stop();
    }
    expect(offsets.size).toBe(2);
  });
});
