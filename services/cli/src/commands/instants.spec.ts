import { instantOf } from './instants';

describe('times on the command line', () => {
  it.each([
    ['2026-11-20', '2026-11-20'],
    ['2026-11-20T05', '2026-11-20T05:00:00Z'],
    ['2026-11-20 05:30', '2026-11-20T05:30:00Z'],
    ['2026-11-20T05:30:10Z', '2026-11-20T05:30:10Z'],
    ['2026-11-20T05-05:00', '2026-11-20T05:00:00-05:00'],
  ])('%s is %s', (typed, instant) => expect(instantOf('--from', typed)).toBe(instant));

  it.each(['yesterday', '2026-13-01', '20.11.2026', '2026-11-20T25', '', '2026-11-20Z'])('are not %j', (typed) =>
    expect(() => instantOf('--from', typed)).toThrow(`--from: ${JSON.stringify(typed)} is not a time`),
  );
});
