import { dueTick } from '@freshet/domain';
import { cronCalendar } from './cron-calendar';

const at = (iso: string): Date => new Date(iso);

describe('a cron calendar', () => {
  const daily = cronCalendar(['30 6 * * *'], 'America/Chicago');

  it('reads expressions in the zone of the definition, over a change of daylight saving time', () => {
    // 2026-03-08: clocks go from 2:00 to 3:00 in Chicago.
    expect(daily.next(at('2026-03-07T13:00:00Z'))).toEqual(at('2026-03-08T11:30:00Z'));
    expect(daily.previous(at('2026-03-08T11:30:00Z'))).toEqual(at('2026-03-07T12:30:00Z'));
    expect(daily.previous(at('2026-11-20T00:00:00Z'))).toEqual(at('2026-11-19T12:30:00Z'));
  });

  it('is exclusive at both sides, to the millisecond', () => {
    const due = at('2026-11-20T12:30:00Z');
    expect(daily.previous(due)).toEqual(at('2026-11-19T12:30:00Z'));
    expect(daily.previous(new Date(due.getTime() + 1))).toEqual(due);
    expect(daily.next(due)).toEqual(at('2026-11-21T12:30:00Z'));
    expect(daily.next(new Date(due.getTime() - 1))).toEqual(due);
  });

  it('takes the nearest of several expressions', () => {
    const twice = cronCalendar(['0 9 1 * *', '0 9 16 * *'], 'UTC');
    expect(twice.next(at('2026-11-20T00:00:00Z'))).toEqual(at('2026-12-01T09:00:00Z'));
    expect(twice.previous(at('2026-11-20T00:00:00Z'))).toEqual(at('2026-11-16T09:00:00Z'));
  });

  it('is due once at its instant, and once for all it missed', () => {
    const last = at('2026-11-17T12:30:00Z');
    expect(dueTick(daily, last, at('2026-11-20T12:30:00Z')).due).toEqual(at('2026-11-20T12:30:00Z'));
    expect(dueTick(daily, at('2026-11-20T12:30:00Z'), at('2026-11-20T23:00:00Z')).due).toBeNull();
  });

  it('does not take an expression that means nothing', () => {
    expect(() => cronCalendar(['every day'], 'UTC')).toThrow();
  });
});
