import { dueTick, tickKey, type Calendar } from './schedule';

/** Every full hour. */
const hourly: Calendar = {
  previous: (instant) => new Date(Math.ceil(instant.getTime() / 3_600_000 - 1) * 3_600_000),
  next: (instant) => new Date(Math.floor(instant.getTime() / 3_600_000 + 1) * 3_600_000),
};
const at = (time: string): Date => new Date(`2026-11-20T${time}Z`);

describe('a schedule', () => {
  it('runs nothing when it is seen for the first time, and remembers where it stands', () => {
    expect(dueTick(hourly, null, at('10:30:00'))).toEqual({ due: null, baseline: at('10:00:00') });
  });

  it('is due at its very instant, and not before', () => {
    expect(dueTick(hourly, at('10:00:00'), at('10:59:59.999')).due).toBeNull();
    expect(dueTick(hourly, at('10:00:00'), at('11:00:00')).due).toEqual(at('11:00:00'));
  });

  it('runs once for all the ticks missed', () => {
    expect(dueTick(hourly, at('02:00:00'), at('10:30:00'))).toEqual({ due: at('10:00:00'), baseline: null });
  });

  it('does nothing twice', () => {
    expect(dueTick(hourly, at('10:00:00'), at('10:00:00')).due).toBeNull();
  });

  it('gives everyone who starts a tick the same key', () => {
    expect(tickKey('bsee.well', at('10:00:00'))).toBe('schedule:bsee.well:2026-11-20T10:00:00.000Z');
  });
});
