import { FreshetError, type RateLimit } from '@freshet/domain';
import { Pace } from './pace';

const limit = (key: string): RateLimit => ({
  key,
  limits: [
    { requests: 4800, perSeconds: 3600 },
    { requests: 5, perSeconds: 1 },
  ],
  coolDownMs: 1000,
});

describe('the pace of a probe', () => {
  let now = 0;
  const slept: number[] = [];
  const paceAt = (): Pace =>
    new Pace(
      async (ms) => {
        slept.push(ms);
        now += ms;
      },
      () => now,
    );
  beforeEach(() => {
    now = 1000;
    slept.length = 0;
  });

  it('is even, by the limit of the shortest period, for each key', async () => {
    const pace = paceAt();
    for (let n = 0; n < 3; n += 1) await pace.turn(limit('a'));
    await pace.turn(limit('b'));
    expect(slept).toEqual([200, 200]);
    now += 150;
    await pace.turn(limit('a'));
    now += 500;
    await pace.turn(limit('a'));
    expect(slept).toEqual([200, 200, 50]);
  });

  it('is no matter without a limit', async () => {
    const pace = paceAt();
    for (let n = 0; n < 3; n += 1) await pace.turn(null);
    expect(slept).toEqual([]);
  });

  it('ends for a key that was suspended', () => {
    const pace = paceAt();
    const why = new FreshetError('rate_limited', { message: 'm', nextStep: 'n', attributes: {} });
    pace.stop(limit('a'), why);
    expect([pace.stoppedBy(limit('a')), pace.stoppedBy(limit('b')), pace.stoppedBy(null)]).toEqual([why, null, null]);
  });
});
