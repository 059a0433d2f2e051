import type { Topic } from '@freshet/contracts';
import { KafkaMessaging, type OutboundMessage } from '@freshet/messaging';
import { seededRandom } from '../random';

const ECHO = 'test-echo';

export interface Echo {
  /** Messages that were sent once more. */
  readonly count: number;
  stop(): Promise<void>;
}

/**
 * A pipeline that goes wrong as at-least-once delivery may: every message of the topics comes once or twice more, a little later and in
 * another order.
 */
export async function startEcho(brokers: readonly string[], topics: readonly Topic[], seed: number): Promise<Echo> {
  const messaging = new KafkaMessaging({ brokers, clientId: ECHO });
  await messaging.start();
  const random = seededRandom(seed);
  let held: OutboundMessage[] = [];
  let count = 0;
  const flush = async (): Promise<void> => {
    const sending = held.map((message) => ({ message, at: random() })).sort((a, b) => a.at - b.at);
    held = [];
    for (const { message } of sending) await messaging.publish(message);
    count += sending.length;
  };
  let flushing = Promise.resolve();
  const timer = setInterval(() => void (flushing = flushing.then(flush)), 150);
  const subscriptions = await Promise.all(
    topics.map((topic) =>
      messaging.subscribe({ topic, group: ECHO, maxInFlight: 10 }, async ({ key, value, headers }) => {
        if (headers[ECHO]) return;
        const again: OutboundMessage = { topic, key, value: Buffer.from(value), headers: { ...headers, [ECHO]: '1' } };
        held.push(...Array.from({ length: 1 + Math.floor(random() * 2) }, () => again));
      }),
    ),
  );
  return {
    get count() {
      return count;
    },
    stop: async () => {
      clearInterval(timer);
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
      await flushing;
      await messaging.stop();
    },
  };
}
