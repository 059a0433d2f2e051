import fc from 'fast-check';
import {
  cutWindows,
  dueUntil,
  estimatedSeconds,
  partitionSeconds,
  planPartitions,
  requestsOf,
  roundOutwards,
} from './backfill';
import type { PagedJson } from './paging';
import type { TimeSeries } from './timeseries';

const HOUR = 3_600_000;
const at = (hours: number): Date => new Date(Date.UTC(2026, 0, 1) + hours * HOUR);

/** What of a definition decides how a backfill is cut. */
const definition = (over: {
  windowHours?: number;
  recordsPerHour?: number;
  pageSize?: number;
  resolutionSeconds?: number;
}): Parameters<typeof planPartitions>[0] => ({
  timeseries: {
    time: { column: 'period', stamp: 'end', resolutionSeconds: over.resolutionSeconds ?? 3600 },
    backfill: {
      windowSeconds: (over.windowHours ?? 2160) * 3600,
      automatic: true,
      maxTries: 5,
      maxPartitionsPerDay: 9,
    },
    lagSeconds: 3600,
  } as unknown as TimeSeries,
  paging: { recordsPerHour: over.recordsPerHour ?? 1, pageSize: over.pageSize ?? 5000 } as unknown as PagedJson,
});

describe('a backfill', () => {
  it('covers the interval exactly and never twice, whatever the definition says', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -5000, max: 5000 }),
        fc.integer({ min: 1, max: 9000 }),
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
        fc.record({
          windowHours: fc.integer({ min: 1, max: 3000 }),
          recordsPerHour: fc.double({ min: 0.01, max: 9000, noNaN: true }),
          pageSize: fc.integer({ min: 1, max: 10_000 }),
          resolutionSeconds: fc.constantFrom(300, 900, 1800, 3600),
        }),
        (start, hours, codes, over) => {
          const range = { from: at(start), to: at(start + Math.min(hours, over.windowHours * 20)) };
          const sized = definition(over);
          fc.pre(hours * 3600 < partitionSeconds(sized) * 200);
          const partitions = planPartitions(sized, codes, range);
          for (const code of codes) {
            const own = partitions.filter(({ selected }) => selected === code);
            expect(own[0]?.from).toEqual(range.from);
            expect(own.at(-1)?.to).toEqual(range.to);
            own.slice(1).forEach(({ from }, index) => expect(from).toEqual(own[index]?.to));
            for (const { from, to } of own) {
              expect(to.getTime()).toBeGreaterThan(from.getTime());
              expect(to.getTime() - from.getTime()).toBeLessThanOrEqual(over.windowHours * HOUR);
            }
          }
          expect(partitions).toHaveLength(codes.length * partitions.filter((one) => one.selected === codes[0]).length);
        },
      ),
    );
  });

  it('cuts windows that a page holds, so that a partition is one request', () => {
    const mix = definition({ recordsPerHour: 10 });
    expect(partitionSeconds(mix)).toBe(500 * 3600);
    const partitions = planPartitions(mix, ['PJM', 'CISO'], { from: at(0), to: at(8760) });
    expect(partitions).toHaveLength(2 * 18);
    expect(partitions.every((partition) => requestsOf(mix, partition) === 1)).toBe(true);
    expect(partitions.slice(0, 3).map(({ selected, from }) => [selected, from])).toEqual([
      ['PJM', at(0)],
      ['CISO', at(0)],
      ['PJM', at(500)],
    ]);
  });

  it('asks for one interval at least, in as many requests as it takes', () => {
    const fat = definition({ recordsPerHour: 12_000 });
    expect(partitionSeconds(fat)).toBe(3600);
    expect(requestsOf(fat, { from: at(0), to: at(1) })).toBe(3);
  });

  it('rounds outwards to whole intervals', () => {
    const rounded = roundOutwards(
      { from: new Date('2026-11-01T00:59:59Z'), to: new Date('2026-11-02T00:00:01Z') },
      3600,
    );
    expect(rounded).toEqual({ from: new Date('2026-11-01T00:00:00Z'), to: new Date('2026-11-02T01:00:00Z') });
    expect(roundOutwards(rounded, 3600)).toEqual(rounded);
  });

  it('expects an interval once its lag is over', () => {
    const { timeseries } = definition({});
    expect(dueUntil({ timeseries }, new Date('2026-11-20T12:59:59Z'))).toEqual(new Date('2026-11-20T11:00:00Z'));
    expect(dueUntil({ timeseries }, new Date('2026-11-20T13:00:00Z'))).toEqual(new Date('2026-11-20T12:00:00Z'));
  });

  it('is estimated by the narrowest limit', () => {
    const limits = [
      { requests: 5, perSeconds: 1 },
      { requests: 4800, perSeconds: 3600 },
    ];
    expect(estimatedSeconds({ limits }, 1)).toBe(0);
    expect(estimatedSeconds({ limits }, 41)).toBe(10);
    // Of 240 that may come at once 60 are left to others; those after that take 3600 s / 4560 each.
    expect(Math.round(estimatedSeconds({ limits }, 5040))).toBe(3837);
    expect(estimatedSeconds({ limits: [{ requests: 1, perSeconds: 60 }] }, 3)).toBe(120);
    expect(estimatedSeconds(null, 1000)).toBe(0);
  });

  it('has nothing to do for an empty interval', () => {
    expect(cutWindows({ from: at(5), to: at(5) }, 3600)).toEqual([]);
  });
});
