import type { EiaPublisher } from '.';
import { startEiaPublisher } from '.';
import { RateCounter } from './limit';
import { ask } from './testing';

describe('the counter', () => {
  it('lets a window slide: what is as old as the window no longer counts', () => {
    const counter = new RateCounter({ perSecond: 3 });
    const over = [0, 400, 800, 999, 1000, 1400].map((at) => counter.count('key', at) !== undefined);
    // At 1000 ms: 400, 800, 999, 1000 are within; refused ones count too.
    expect(over).toEqual([false, false, false, true, true, true]);
    expect(counter.count('key', 5000)).toBeUndefined();
  });

  it('counts each key for itself, and both windows', () => {
    const counter = new RateCounter({ perSecond: 5, perHour: 2 });
    expect([counter.count('a', 0), counter.count('b', 0), counter.count('a', 1000)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(counter.count('a', 3_599_999)).toEqual({ window: 'hour', requests: 3 });
    expect(counter.count('b', 3_600_000)).toBeUndefined();
  });
});

describe('a publisher with a limit', () => {
  let eia: EiaPublisher;
  beforeAll(async () => {
    eia = await startEiaPublisher({ limit: { perHour: 2 } });
  });
  afterAll(() => eia.stop());

  it('answers 429 over it, sometimes with a page, and writes it down', async () => {
    const statuses: Array<[number, string | null]> = [];
    for (let i = 0; i < 5; i++) {
      const answer = await ask(eia, 'region-data', 'length=1', { headers: { 'x-api-key': 'mine' } });
      statuses.push([answer.status, answer.headers.get('content-type')]);
      await answer.text();
    }
    expect(statuses).toEqual([
      [200, 'application/json'],
      [200, 'application/json'],
      [429, 'application/json'],
      [429, 'application/json'],
      [429, 'text/html'],
    ]);
    expect(eia.violations.map(({ window, requests }) => [window, requests])).toEqual([
      ['hour', 3],
      ['hour', 4],
      ['hour', 5],
    ]);
    expect(eia.violations[0]?.key).toBe(eia.requests[0]?.key);
    expect((await ask(eia, 'region-data', 'length=1', { headers: { 'x-api-key': 'another' } })).status).toBe(200);
  });
});
