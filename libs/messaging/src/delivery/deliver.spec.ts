import { FreshetError, silentLogger } from '@freshet/domain';
import type { Handler, OutboundMessage } from '../port';
import { eventually } from '../testing/collect';
import { deliver, type DeliveryHost } from './deliver';
import { IntakeGate } from './intake-gate';
import { deliveryPolicy } from './policy';

const message = { topic: 't', key: 'k', value: Buffer.from('v'), headers: {}, partition: 0, offset: '7' };
const failed = (code: 'internal' | 'message_invalid' | 'dependency_unavailable') =>
  new FreshetError(code, { message: code, nextStep: '' });

describe('deliver', () => {
  const setup = (handler: Handler, publish: (letter: OutboundMessage) => Promise<void> = async () => {}) => {
    const closing = new AbortController();
    const lost = new AbortController();
    const gate = new IntakeGate();
    const host: DeliveryHost = {
      system: 'test',
      policy: deliveryPolicy({
        topic: 't',
        group: 'g',
        maxInFlight: 1,
        maxDeliveries: 3,
        retryDelayMs: { initial: 1, max: 2 },
      }),
      handler,
      deadLetterTopic: 'dead',
      publish,
      gate,
      closing: closing.signal,
      logger: silentLogger,
      random: () => 0.5,
    };
    return { closing, lost, gate, run: () => deliver(host, message, { deliveries: 0 }, lost.signal) };
  };

  it('does not acknowledge before the dead letter is durable, and holds intake until then', async () => {
    let broken = true;
    let tries = 0;
    const { run, gate } = setup(
      () => Promise.reject(failed('message_invalid')),
      async () => {
        tries += 1;
        if (broken) throw new Error('no broker');
      },
    );
    let acknowledged: boolean | null = null;
    const running = run().then((result) => (acknowledged = result));
    await eventually('several tries', () => tries > 3);
    expect(acknowledged).toBeNull();
    expect(gate.open).toBe(false);
    broken = false;
    expect(await running).toBe(true);
    expect(gate.open).toBe(true);
  });

  it('leaves the message unacknowledged when it is told to close before the dead letter is durable', async () => {
    let tries = 0;
    const { run, closing } = setup(
      () => Promise.reject(failed('message_invalid')),
      async () => {
        tries += 1;
        throw new Error('no broker');
      },
    );
    const running = run();
    await eventually('a try', () => tries > 0);
    closing.abort();
    expect(await running).toBe(false);
  });

  it.each([
    ['succeeded', () => Promise.resolve()],
    ['failed', () => Promise.reject(failed('message_invalid'))],
  ])(
    'does not acknowledge, nor write a dead letter, when the partition went away while the handler %s',
    async (_, outcome) => {
      const letters: OutboundMessage[] = [];
      const { run, lost } = setup(
        async () => {
          lost.abort();
          await outcome();
        },
        async (letter) => void letters.push(letter),
      );
      expect(await run()).toBe(false);
      expect(letters).toEqual([]);
    },
  );

  it('does not count waiting for a dependency against the message', async () => {
    let deliveries = 0;
    const letters: OutboundMessage[] = [];
    const { run } = setup(
      async () => {
        deliveries += 1;
        throw failed(deliveries <= 10 ? 'dependency_unavailable' : 'internal');
      },
      async (letter) => void letters.push(letter),
    );
    expect(await run()).toBe(true);
    expect(deliveries).toBe(13);
    expect(letters).toHaveLength(1);
  });
});
