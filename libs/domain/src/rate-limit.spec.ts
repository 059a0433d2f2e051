import fc from 'fast-check';
import { LONGEST_PERMIT_WAIT_MS, decidePermit, paceOf, type Limit, type LimitState } from './rate-limit';

const START = 1_795_000_000_000_000;
const SECOND = 1_000_000;

/** Remembers what a database would. */
class Gate {
  private readonly tats = new Map<number, number>();
  coolUntil: number | null = null;

  ask(limits: readonly Limit[], now: number, priority: 'normal' | 'low' = 'normal') {
    const states: LimitState[] = limits.map((limit) => ({ ...limit, tat: this.tats.get(limit.perSeconds) ?? now }));
    const decision = decidePermit({ limits: states, now, coolUntil: this.coolUntil, priority });
    if (decision.granted)
      states.forEach(({ perSeconds }, index) => this.tats.set(perSeconds, decision.tats[index] ?? now));
    return decision;
  }
}

/** The largest number of instants in any window of that length, its end not included. */
function mostInWindow(instants: readonly number[], length: number): number {
  const sorted = [...instants].sort((a, b) => a - b);
  let first = 0;
  return sorted.reduce((most, instant, index) => {
    while (instant - (sorted[first] ?? instant) >= length) first += 1;
    return Math.max(most, index - first + 1);
  }, 0);
}

const limit = fc.record({ requests: fc.integer({ min: 1, max: 200 }), perSeconds: fc.integer({ min: 1, max: 60 }) });
const limits = fc.uniqueArray(limit, { minLength: 1, maxLength: 3, selector: ({ perSeconds }) => perSeconds });
/** Pauses between two who ask, in microseconds: bursts, trickles, long silences, and a clock that is set back. */
const pauses = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: SECOND }) },
    { weight: 1, arbitrary: fc.integer({ min: SECOND, max: 90 * SECOND }) },
    { weight: 1, arbitrary: fc.integer({ min: -SECOND, max: -1 }) },
  ),
  { minLength: 1, maxLength: 400 },
);

describe('the rate limit', () => {
  it('paces the limits of EIA', () => {
    expect(paceOf({ requests: 5, perSeconds: 1 })).toEqual({ burst: 1, interval: 250_000 });
    expect(paceOf({ requests: 4800, perSeconds: 3600 })).toEqual({ burst: 240, interval: 789_474 });
    expect(paceOf({ requests: 1, perSeconds: 60 })).toEqual({ burst: 1, interval: 60 * SECOND });
  });

  it('never has more than N requests in any window, whoever asks when and with which priority', () => {
    fc.assert(
      fc.property(limits, pauses, fc.infiniteStream(fc.boolean()), (given, gaps, low) => {
        const gate = new Gate();
        const sent: number[] = [];
        let now = START;
        for (const gap of gaps) {
          now += gap;
          const answer = gate.ask(given, now, low.next().value ? 'low' : 'normal');
          expect(answer.waitMs).toBeLessThanOrEqual(LONGEST_PERMIT_WAIT_MS);
          if (answer.granted) sent.push(now + answer.waitMs * 1000);
        }
        // A wait is rounded up to whole milliseconds, which moves a request by less than one of them.
        for (const { requests, perSeconds } of given)
          expect(mostInWindow(sent, perSeconds * SECOND - 1000)).toBeLessThanOrEqual(requests);
      }),
      { numRuns: 300 },
    );
  });

  it('lets nearly as many through as the limit allows', () => {
    const gate = new Gate();
    const given = [
      { requests: 5, perSeconds: 1 },
      { requests: 4800, perSeconds: 3600 },
    ];
    const sent: number[] = [];
    for (let now = START; now < START + 3600 * SECOND;) {
      const { granted, waitMs } = gate.ask(given, now);
      now += waitMs * 1000;
      if (granted) sent.push(now);
    }
    expect(sent.length).toBeGreaterThan(4780);
    expect(mostInWindow(sent, 3600 * SECOND)).toBeLessThanOrEqual(4800);
    expect(mostInWindow(sent, SECOND)).toBeLessThanOrEqual(5);
  });

  it('takes nothing when it refuses', () => {
    const gate = new Gate();
    const once = [{ requests: 1, perSeconds: 60 }];
    expect(gate.ask(once, START)).toMatchObject({ granted: true, waitMs: 0 });
    for (let again = 0; again < 50; again += 1)
      expect(gate.ask(once, START)).toEqual({ granted: false, waitMs: LONGEST_PERMIT_WAIT_MS });
    expect(gate.ask(once, START + 55 * SECOND)).toMatchObject({ granted: true, waitMs: 5_000 });
  });

  it('grants nothing in a cool-down, and says when to ask again', () => {
    const gate = new Gate();
    gate.coolUntil = START + 25 * SECOND;
    const given = [{ requests: 100, perSeconds: 1 }];
    expect(gate.ask(given, START)).toEqual({ granted: false, waitMs: LONGEST_PERMIT_WAIT_MS });
    expect(gate.ask(given, START + 16 * SECOND)).toMatchObject({ granted: true, waitMs: 9_000 });
    expect(gate.ask(given, START + 26 * SECOND)).toMatchObject({ granted: true, waitMs: 0 });
  });

  it('leaves a quarter of a large burst to those with normal priority', () => {
    const gate = new Gate();
    const given = [{ requests: 400, perSeconds: 7200 }];
    const at = (priority: 'normal' | 'low'): number => {
      let count = 0;
      for (;;) {
        const answer = gate.ask(given, START, priority);
        if (!answer.granted || answer.waitMs > 0) return count;
        count += 1;
      }
    };
    expect(paceOf({ requests: 400, perSeconds: 7200 }).burst).toBe(20);
    expect([at('low'), at('normal')]).toEqual([15, 5]);
  });
});
