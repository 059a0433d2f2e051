import { randomUUID } from 'node:crypto';
import { HEADERS } from '@freshet/contracts';
import { FreshetError, type FailureCode } from '@freshet/domain';
import type { Messaging, SubscribeOptions } from '../port';
import { collector, eventually, latch } from './collect';

export interface ContractTopics {
  readonly work: string;
  readonly other: string;
  readonly deadLetter: string;
}

/** How the contract gets a transport to try. */
export interface ContractTransport {
  /** A started transport with these topics, which nobody has used. The contract stops it. */
  open(topics: ContractTopics): Promise<Messaging>;
}

const RETRY = { initial: 1, max: 5 };

const failing = (code: FailureCode): FreshetError =>
  new FreshetError(code, { message: `it failed with ${code}`, nextStep: 'nothing' });

/**
 * What every transport promises (see `Messaging`), as tests. Run it inside a `describe` of the transport.
 * Tests that follow a message through several deliveries use retry delays of milliseconds.
 */
export function messagingContract(transport: () => ContractTransport): void {
  let topics: ContractTopics;
  let messaging: Messaging;

  beforeEach(async () => {
    const id = randomUUID().slice(0, 8);
    topics = { work: `test.work.${id}`, other: `test.other.${id}`, deadLetter: `test.dead.${id}` };
    messaging = await transport().open(topics);
  });
  afterEach(() => messaging.stop());

  const publish = (value: string, key: string | null = null, headers?: Record<string, string>): Promise<void> =>
    messaging.publish({ topic: topics.work, key, value: Buffer.from(value), headers });
  const options = (more: Partial<SubscribeOptions> = {}): SubscribeOptions => ({
    topic: topics.work,
    group: 'group',
    maxInFlight: 4,
    retryDelayMs: RETRY,
    ...more,
  });
  const deadLetters = async () => {
    const letters = collector();
    await messaging.subscribe(options({ topic: topics.deadLetter, group: 'letters' }), letters.handler);
    return letters;
  };

  describe('delivery', () => {
    it('brings key, bytes and headers as they were published', async () => {
      const seen = collector();
      await messaging.subscribe(options(), seen.handler);
      const value = Buffer.from(Array.from({ length: 512 }, (_, i) => i % 256));
      await messaging.publish({ topic: topics.work, key: 'k', value, headers: { colour: 'grün' } });
      await seen.received(1);
      expect(seen.messages[0]).toMatchObject({
        topic: topics.work,
        key: 'k',
        delivery: 1,
        headers: { colour: 'grün' },
      });
      expect(seen.messages[0]?.value.equals(value)).toBe(true);
      expect(seen.messages[0]?.signal.aborted).toBe(false);
    });

    it('brings a message of half a mebibyte and an empty one', async () => {
      const seen = collector();
      await messaging.subscribe(options(), seen.handler);
      const value = Buffer.from(Array.from({ length: 512 * 1024 }, (_, i) => (i * 7919) % 251));
      await messaging.publish({ topic: topics.work, key: 'k', value });
      await messaging.publish({ topic: topics.work, key: 'k', value: Buffer.alloc(0) });
      await seen.received(2);
      expect(seen.messages[0]?.value.equals(value)).toBe(true);
      expect(seen.messages[1]?.value).toHaveLength(0);
    });

    it('keeps what is published before anyone subscribes', async () => {
      await publish('early');
      const seen = collector();
      await messaging.subscribe(options(), seen.handler);
      await seen.received(1);
      expect(seen.texts()).toEqual(['early']);
    });

    it('gives every message to each group', async () => {
      const [one, two] = [collector(), collector()];
      await Promise.all([
        messaging.subscribe(options({ group: 'one' }), one.handler),
        messaging.subscribe(options({ group: 'two' }), two.handler),
      ]);
      for (const text of ['a', 'b', 'c']) await publish(text, text);
      await Promise.all([one.received(3), two.received(3)]);
      expect(one.texts().sort()).toEqual(['a', 'b', 'c']);
      expect(two.texts().sort()).toEqual(['a', 'b', 'c']);
    });

    it('names each message by topic, partition and offset, once', async () => {
      const seen = collector();
      await messaging.subscribe(options(), seen.handler);
      for (let i = 0; i < 20; i += 1) await publish(`${i}`, `key-${i}`);
      await seen.received(20);
      expect(new Set(seen.messages.map(({ partition, offset }) => `${partition}/${offset}`)).size).toBe(20);
    });
  });

  describe('order and concurrency', () => {
    it('handles the messages of a key in order and one at a time, failures included', async () => {
      let running = 0;
      let overlapped = false;
      const done: string[] = [];
      const seen = collector(async (message) => {
        overlapped ||= running > 0;
        running += 1;
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        if (message.delivery === 1 && Number(message.value.toString()) % 3 === 0) throw failing('internal');
        done.push(message.value.toString());
      });
      await messaging.subscribe(options({ maxInFlight: 8 }), seen.handler);
      await Promise.all(Array.from({ length: 12 }, (_, i) => publish(`${i}`, 'same')));
      await eventually('all handled', () => done.length === 12);
      expect(done).toEqual(Array.from({ length: 12 }, (_, i) => `${i}`));
      expect(overlapped).toBe(false);
    });

    it('handles unrelated keys at the same time, never more than maxInFlight', async () => {
      const gate = latch();
      const seen = collector(() => gate.opened);
      await messaging.subscribe(options({ maxInFlight: 3 }), seen.handler);
      await Promise.all(Array.from({ length: 24 }, (_, i) => publish(`${i}`, `key-${i}`)));
      await seen.received(3);
      gate.open();
      await seen.received(24);
      expect(seen.mostRunning()).toBe(3);
    });

    it('shares the work between the members of a group', async () => {
      const [one, two] = [collector(), collector()];
      await messaging.subscribe(options(), one.handler);
      await messaging.subscribe(options(), two.handler);
      await Promise.all(Array.from({ length: 40 }, (_, i) => publish(`${i}`, `key-${i}`)));
      const texts = () => new Set([...one.texts(), ...two.texts()]);
      await eventually('all handled', () => texts().size === 40);
    });
  });

  describe('failure', () => {
    it('redelivers after a transient failure and counts the deliveries', async () => {
      const seen = collector((message) => {
        if (message.value.toString() === 'again' && message.delivery < 3) throw failing('internal');
      });
      await messaging.subscribe(options(), seen.handler);
      await publish('again', 'k');
      await publish('next', 'k');
      await seen.received(4);
      expect(seen.messages.map(({ delivery }) => delivery)).toEqual([1, 2, 3, 1]);
      expect(seen.texts()).toEqual(['again', 'again', 'again', 'next']);
    });

    it('writes a dead letter at once for a terminal failure, and goes on', async () => {
      const letters = await deadLetters();
      const seen = collector((message) => {
        if (message.value.toString() === 'bad') throw failing('message_invalid');
      });
      await messaging.subscribe(options(), seen.handler);
      await publish('bad', 'k', { colour: 'red' });
      await publish('good', 'k');
      await seen.received(2);
      await letters.received(1);
      expect(seen.texts()).toEqual(['bad', 'good']);
      const [bad] = seen.messages;
      expect(letters.messages[0]).toMatchObject({
        key: 'k',
        headers: {
          colour: 'red',
          [HEADERS.deadLetterCode]: 'message_invalid',
          [HEADERS.deadLetterReason]: 'it failed with message_invalid',
          [HEADERS.deadLetterStep]: 'group',
          [HEADERS.deadLetterTopic]: topics.work,
          [HEADERS.deadLetterPartition]: String(bad?.partition),
          [HEADERS.deadLetterOffset]: bad?.offset,
          [HEADERS.attempt]: '1',
        },
      });
      expect(letters.texts()).toEqual(['bad']);
    });

    it('writes a dead letter after maxDeliveries transient failures', async () => {
      const letters = await deadLetters();
      const seen = collector(() => {
        throw new Error('unknown trouble');
      });
      await messaging.subscribe(options({ maxDeliveries: 3 }), seen.handler);
      await publish('stubborn', 'k');
      await letters.received(1);
      expect(seen.messages.map(({ delivery }) => delivery)).toEqual([1, 2, 3]);
      expect(letters.messages[0]?.headers).toMatchObject({
        [HEADERS.deadLetterCode]: 'internal',
        [HEADERS.attempt]: '3',
      });
    });

    it('waits for a missing dependency without bound and without taking in more', async () => {
      let down = true;
      const letters = await deadLetters();
      const seen = collector(() => {
        if (down) throw failing('dependency_unavailable');
      });
      await messaging.subscribe(options({ maxInFlight: 1, maxDeliveries: 2 }), seen.handler);
      for (let i = 0; i < 5; i += 1) await publish(`${i}`, `key-${i}`);
      await seen.received(8);
      expect(new Set(seen.texts()).size).toBe(1);
      down = false;
      await eventually('the rest', () => new Set(seen.texts()).size === 5);
      expect(letters.messages).toHaveLength(0);
    });

    it('never dead-letters a dead letter', async () => {
      const seen = collector((message) => {
        if (message.delivery < 4) throw failing('message_invalid');
      });
      await messaging.subscribe(
        options({ topic: topics.deadLetter, group: 'letters', maxDeliveries: 1 }),
        seen.handler,
      );
      await messaging.publish({ topic: topics.deadLetter, key: null, value: Buffer.from('letter') });
      await seen.received(4);
      expect(seen.texts()).toEqual(['letter', 'letter', 'letter', 'letter']);
    });
  });

  describe('leaving', () => {
    it('waits for running handlers, and does not redeliver what they finished', async () => {
      const gate = latch();
      const first = collector(() => gate.opened);
      const subscription = await messaging.subscribe(options(), first.handler);
      await publish('slow', 'k');
      await first.received(1);
      let closed = false;
      const closing = subscription.close().then(() => (closed = true));
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(closed).toBe(false);
      gate.open();
      await closing;

      const second = collector();
      await messaging.subscribe(options(), second.handler);
      await publish('later', 'k');
      await second.received(1);
      expect(second.texts()).toEqual(['later']);
    });

    it('leaves a message that was not handled to the next member', async () => {
      const first = collector(() => {
        throw failing('internal');
      });
      const subscription = await messaging.subscribe(
        options({ retryDelayMs: { initial: 60_000, max: 60_000 } }),
        first.handler,
      );
      await publish('unlucky', 'k');
      await publish('behind', 'k');
      await first.received(1);
      await subscription.close();
      expect(first.messages).toHaveLength(1);

      const second = collector();
      await messaging.subscribe(options(), second.handler);
      await second.received(2);
      expect(second.texts()).toEqual(['unlucky', 'behind']);
    });

    it('stops in order: a handler may finish, and publish, before the transport is gone', async () => {
      const gate = latch();
      const seen = collector(async () => {
        await gate.opened;
        await messaging.publish({ topic: topics.other, key: null, value: Buffer.from('made while stopping') });
      });
      await messaging.subscribe(options(), seen.handler);
      expect(messaging.health()).toMatchObject({ live: true });
      await eventually('readiness', () => messaging.health().ready);
      await publish('last', 'k');
      await seen.received(1);
      const stopping = messaging.stop();
      gate.open();
      await stopping;
      expect(messaging.health().ready).toBe(false);
      await expect(publish('too late')).rejects.toMatchObject({ code: 'dependency_unavailable' });
    });
  });

  describe('context', () => {
    it('gives messages a correlation id, which those made while handling them inherit', async () => {
      const seen = collector();
      await messaging.subscribe(options({ topic: topics.other, group: 'after' }), seen.handler);
      await messaging.subscribe(options(), (message) =>
        messaging.publish({ topic: topics.other, key: message.key, value: message.value }),
      );
      await publish('given', 'k', { [HEADERS.correlationId]: 'abc' });
      await publish('made', 'k');
      await seen.received(2);
      expect(seen.messages[0]?.headers[HEADERS.correlationId]).toBe('abc');
      expect(seen.messages[1]?.headers[HEADERS.correlationId]).toMatch(/^[0-9a-f-]{36}$/);
    });

    it('carries the trace context on, even where no tracing is set up', async () => {
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const seen = collector();
      await messaging.subscribe(options({ topic: topics.other, group: 'after' }), seen.handler);
      await messaging.subscribe(options(), (message) =>
        messaging.publish({ topic: topics.other, key: null, value: message.value }),
      );
      await publish('traced', 'k', { [HEADERS.traceparent]: traceparent, [HEADERS.tracestate]: 'a=b' });
      await seen.received(1);
      expect(seen.messages[0]?.headers).toMatchObject({
        [HEADERS.traceparent]: traceparent,
        [HEADERS.tracestate]: 'a=b',
      });
    });
  });
}
