import { freshness, staleFrom } from './freshness';

const at = (iso: string): Date => new Date(iso);

describe('freshness', () => {
  it('is never before the first confirmation', () => {
    expect(freshness(null, 60, at('2026-11-20T10:00:00Z'))).toBe('never');
  });

  it.each([
    ['2026-11-20T10:00:59.999Z', 'fresh'],
    ['2026-11-20T10:01:00Z', 'stale'],
    ['2026-11-20T09:59:00Z', 'fresh'],
  ])('of a dataset confirmed at 10:00 with maxAge 60 s is, at %s, %s', (now, expected) => {
    expect(freshness(at('2026-11-20T10:00:00Z'), 60, at(now))).toBe(expected);
  });

  it('says from when it is stale', () => {
    expect(staleFrom(at('2026-11-20T10:00:00Z'), 90).toISOString()).toBe('2026-11-20T10:01:30.000Z');
  });
});
