import fc from 'fast-check';
import { catchUpFrom, givenWindow, rollingWindow, type StoredSeries, type WindowRule } from './window';

const HOUR = 3_600_000;
const at = (iso: string): Date => new Date(iso);
const rule: WindowRule = {
  windowSeconds: 72 * 3600,
  maxCatchUpSeconds: 7 * 86_400,
  since: '2019-01-01T00:00:00Z',
  time: { resolutionSeconds: 3600 },
};
const NOW = at('2026-11-20T12:15:30Z');
const texts = ({ from, to }: { from: Date; to: Date }): string[] => [from.toISOString(), to.toISOString()];
const roll = (stored: StoredSeries, now = NOW): string[] => texts(rollingWindow(rule, stored, now));

describe('the window of a refresh that was not told one', () => {
  const end = '2026-11-20T13:00:00.000Z';

  it('is the rolling window while everything is up to date, and at the first refresh', () => {
    const window = ['2026-11-17T12:00:00.000Z', end];
    expect(roll({ any: false, newest: null })).toEqual(window);
    expect(roll({ any: true, newest: at('2026-11-20T10:00:00Z') })).toEqual(window);
    expect(roll({ any: true, newest: at('2026-11-21T04:00:00Z') })).toEqual(window);
  });

  it('goes back to the newest complete hour of the series that is furthest behind', () => {
    expect(roll({ any: true, newest: at('2026-11-15T07:00:00Z') })).toEqual(['2026-11-15T07:00:00.000Z', end]);
  });

  it('goes back no further than the longest catch-up, nor before the publisher began', () => {
    expect(roll({ any: true, newest: null })).toEqual(['2026-11-13T13:00:00.000Z', end]);
    expect(texts(rollingWindow({ ...rule, since: '2026-11-19T00:00:00Z' }, { any: true, newest: null }, NOW))).toEqual([
      '2026-11-19T00:00:00.000Z',
      end,
    ]);
  });

  it('ends at a full hour when it is asked for at one', () => {
    expect(roll({ any: false, newest: null }, at('2026-11-20T12:00:00Z'))[1]).toBe('2026-11-20T12:00:00.000Z');
  });

  const instant = fc.date({ min: at('2019-01-02T00:00:00Z'), max: at('2030-01-01T00:00:00Z'), noInvalidDate: true });
  const rules = fc.record({
    windowSeconds: fc.integer({ min: 1, max: 40 * 86_400 }),
    maxCatchUpSeconds: fc.integer({ min: 3600, max: 90 * 86_400 }),
    since: fc.constant('2019-01-01T00:00:00Z'),
    time: fc.record({ resolutionSeconds: fc.constantFrom(900, 3600, 86_400) }),
  });

  it('holds whole intervals, the one of now among them, and everything it should', () => {
    fc.assert(
      fc.property(rules, instant, fc.option(fc.integer({ min: 0, max: 120 * 24 })), (given, now, hoursBehind) => {
        const limit = catchUpFrom(given, now);
        const behind = hoursBehind === null ? null : new Date(now.getTime() - hoursBehind * HOUR);
        const newest = behind && behind >= limit ? behind : null;
        const { from, to } = rollingWindow(given, { any: behind !== null, newest }, now);
        const step = given.time.resolutionSeconds * 1000;
        expect([from.getTime() % step, to.getTime() % step].map(Math.abs)).toEqual([0, 0]);
        expect(from.getTime()).toBeLessThan(to.getTime());
        expect(to.getTime() - now.getTime()).toBeGreaterThanOrEqual(0);
        expect(to.getTime() - now.getTime()).toBeLessThan(step);
        // Never further back than it may, except for the one interval that it always has.
        if (to.getTime() - from.getTime() > step) expect(from.getTime()).toBeGreaterThanOrEqual(limit.getTime());
        const wanted = Math.min(now.getTime() - given.windowSeconds * 1000, (newest ?? now).getTime());
        expect(from.getTime()).toBeLessThanOrEqual(Math.max(wanted, limit.getTime()));
        if (behind && !newest && to > limit) expect(from).toEqual(limit);
      }),
    );
  });
});

describe('a window somebody asked for', () => {
  it('is rounded outwards to whole hours', () => {
    const given = { from: at('2026-10-01T05:59:59Z'), to: at('2026-10-02T00:00:01Z') };
    expect(texts(givenWindow(rule, given, NOW))).toEqual(['2026-10-01T05:00:00.000Z', '2026-10-02T01:00:00.000Z']);
  });

  it('is completed where one end is left open', () => {
    expect(texts(givenWindow(rule, { from: at('2026-11-01T00:00:00Z'), to: null }, NOW))).toEqual([
      '2026-11-01T00:00:00.000Z',
      '2026-11-20T13:00:00.000Z',
    ]);
    expect(texts(givenWindow(rule, { from: null, to: at('2026-11-10T00:00:00Z') }, NOW))).toEqual([
      '2026-11-07T00:00:00.000Z',
      '2026-11-10T00:00:00.000Z',
    ]);
    expect(texts(givenWindow(rule, { from: null, to: at('2019-01-02T00:00:00Z') }, NOW))[0]).toBe(
      '2019-01-01T00:00:00.000Z',
    );
  });
});
