import { monthTable, monthsBetween } from './months';

describe('months of observations', () => {
  it('are those that a window touches, in UTC', () => {
    const months = (from: string, to: string): string[] =>
      monthsBetween(new Date(from), new Date(to)).map((month) => month.toISOString().slice(0, 7));
    expect(months('2025-12-31T23:00:00Z', '2026-01-01T00:00:00Z')).toEqual(['2025-12']);
    expect(months('2025-12-31T23:00:00Z', '2026-01-01T00:00:00.001Z')).toEqual(['2025-12', '2026-01']);
    expect(months('2026-02-10T00:00:00Z', '2026-02-10T00:00:00Z')).toEqual(['2026-02']);
    expect(months('2026-03-01T00:00:00Z', '2026-03-01T00:00:00Z')).toEqual([]);
  });

  it('have tables that sort by time, and no year that nobody measured in', () => {
    expect(monthTable(new Date('2026-03-01T00:00:00Z'))).toBe('observation_2026_03');
    for (const stamp of ['+020266-01-01T00:00:00Z', '-000001-01-01T00:00:00Z'])
      expect(() => monthTable(new Date(stamp))).toThrow(expect.objectContaining({ code: 'type_mismatch' }));
  });
});
