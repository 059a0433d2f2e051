import fc from 'fast-check';
import type { TimeRange } from './backfill';
import { planGapPartitions, type SensorRules } from './gap-sensing';
import { isGivenUp, pauseAfterTries, piecesOf, triesOf, type GapTry } from './gap-tries';

const HOUR = 3_600_000;
const at = (hours: number): Date => new Date(Date.UTC(2026, 10, 1) + hours * HOUR);
const range = (from: number, to: number): TimeRange => ({ from: at(from), to: at(to) });
const gap = (from: number, to: number, respondent = 'PJM') => ({ respondent, ...range(from, to) });
const tried = (from: number, to: number, endedAt: number | null, selected = 'PJM'): GapTry => ({
  selected,
  ...range(from, to),
  endedAt: endedAt === null ? null : at(endedAt),
});
const RULES: SensorRules = { maxTries: 3, budget: 10, windowSeconds: 100 * 3600, mergeSeconds: 24 * 3600 };
const plan = (
  gaps: ReadonlyArray<ReturnType<typeof gap>>,
  tries: readonly GapTry[] = [],
  now = 500,
  rules: Partial<SensorRules> = {},
) =>
  planGapPartitions(gaps, tries, { ...RULES, ...rules }, at(now)).map(({ selected, from, to }) => [
    selected,
    (from.getTime() - at(0).getTime()) / HOUR,
    (to.getTime() - at(0).getTime()) / HOUR,
  ]);

describe('the gap sensor', () => {
  it('asks once for what several series of a respondent miss, and for neighbouring gaps', () => {
    expect(plan([gap(10, 12), gap(11, 14), gap(20, 21), gap(60, 61), gap(10, 11, 'CISO')])).toEqual([
      ['CISO', 10, 11],
      ['PJM', 10, 21],
      ['PJM', 60, 61],
    ]);
  });

  it('cuts long gaps into windows, oldest first, as many as the budget bears', () => {
    expect(plan([gap(0, 250), gap(120, 130, 'CISO')], [], 500, { budget: 3 })).toEqual([
      ['PJM', 0, 100],
      ['PJM', 100, 200],
      ['CISO', 120, 130],
    ]);
    expect(plan([gap(0, 250)], [], 500, { budget: 0 })).toEqual([]);
  });

  it('asks first for what was tried least', () => {
    const tries = [tried(0, 100, 300), tried(200, 250, 300), tried(200, 250, 302)];
    expect(plan([gap(0, 250)], tries, 500, { maxTries: 9 })).toEqual([
      ['PJM', 100, 200],
      ['PJM', 0, 100],
      ['PJM', 200, 250],
    ]);
  });

  it('leaves alone what is under way', () => {
    expect(plan([gap(10, 30)], [tried(10, 20, null)])).toEqual([['PJM', 20, 30]]);
    expect(plan([gap(10, 30)], [tried(0, 100, null, 'CISO')])).toEqual([['PJM', 10, 30]]);
  });

  it('waits longer after every try, and gives up', () => {
    const after = (...ends: number[]): GapTry[] => ends.map((end) => tried(10, 20, end));
    expect(plan([gap(10, 20)], after(100), 100.9)).toEqual([]);
    expect(plan([gap(10, 20)], after(100), 101)).toHaveLength(1);
    expect(plan([gap(10, 20)], after(100, 101), 106.9)).toEqual([]);
    expect(plan([gap(10, 20)], after(100, 101), 107)).toHaveLength(1);
    expect(plan([gap(10, 20)], after(100, 101, 107), 1_000_000)).toEqual([]);
    expect([1, 2, 3, 4, 5, 6].map((tries) => pauseAfterTries(tries) / HOUR)).toEqual([1, 6, 24, 72, 216, 648]);
  });

  it('does not ask again for hours it gave up on because of new ones beside them', () => {
    const given = [tried(10, 20, 100), tried(10, 20, 101), tried(10, 20, 107)];
    expect(plan([gap(5, 25)], given)).toEqual([
      ['PJM', 5, 10],
      ['PJM', 20, 25],
    ]);
    expect(plan([gap(5, 8), gap(10, 20), gap(22, 25)], given)).toEqual([
      ['PJM', 5, 8],
      ['PJM', 22, 25],
    ]);
  });

  it('counts for a gap what is true of all of it', () => {
    const tries = [tried(10, 20, 100), tried(15, 20, 100), tried(12, 13, null)];
    expect(piecesOf(range(10, 25), tries).map((piece) => piece.tries)).toEqual([1, 2, 1, 2, 0]);
    expect(triesOf(range(10, 20), tries)).toBe(1);
    expect(triesOf(range(10, 25), tries)).toBe(0);
    expect(isGivenUp(range(15, 20), tries, 2)).toBe(true);
    expect(isGivenUp(range(10, 20), tries, 2)).toBe(false);
    expect(isGivenUp(range(12, 13), tries, 2)).toBe(false);
  });

  it('does not take every further hour of a publisher that stopped for a new gap', () => {
    const tries: GapTry[] = [];
    let asked = 0;
    for (let hour = 1; hour <= 60 * 24; hour += 1) {
      const partitions = planGapPartitions(
        [gap(0, hour)],
        tries,
        { ...RULES, maxTries: 5, windowSeconds: 9e6 },
        at(hour),
      );
      asked += partitions.length;
      for (const partition of partitions) tries.push({ ...partition, endedAt: at(hour) });
    }
    expect(asked).toBeGreaterThan(5);
    expect(asked).toBeLessThan(40);
  });

  it('in the end gives up on every hour of a permanent gap, whatever the budget', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 3 }),
        (hours, windowHours, budget, maxTries) => {
          const tries: GapTry[] = [];
          let now = at(1000);
          let quiet = 0;
          for (let day = 0; day < 400 && quiet < 40; day += 1) {
            const rules = { maxTries, budget, windowSeconds: windowHours * 3600, mergeSeconds: 86_400 };
            const asked = planGapPartitions([gap(0, hours)], tries, rules, now);
            expect(asked.length).toBeLessThanOrEqual(budget);
            for (const partition of asked) tries.push({ ...partition, endedAt: now });
            quiet = asked.length === 0 ? quiet + 1 : 0;
            now = new Date(now.getTime() + 24 * HOUR);
          }
          expect(isGivenUp(range(0, hours), tries, maxTries)).toBe(true);
          expect(Math.max(...piecesOf(range(0, hours), tries).map((piece) => piece.tries))).toBe(maxTries);
        },
      ),
      { numRuns: 30 },
    );
  });
});
