import type { EiaPublisher } from '.';
import { startEiaPublisher } from '.';

let now = new Date('2026-11-20T12:58:00Z');
let eia: EiaPublisher;
beforeAll(async () => {
  eia = await startEiaPublisher({ now: () => now });
});
afterAll(() => eia.stop());
beforeEach(() => {
  now = new Date('2026-11-20T12:58:00Z');
});

const FIVE = ['PJM', 'CISO', 'MISO', 'ERCO', 'SWPP'];
const periods = (route: 'region-data' | 'fuel-type-data', facets: Record<string, string | string[]>) =>
  eia.truth(route, facets, '2026-11-18T00', '2026-11-24T00').map(({ period }) => String(period));

it('has all rows of an hour once the lag of their kind has passed', () => {
  for (const respondent of FIVE) {
    const last = (type: string) => periods('region-data', { respondent, type });
    expect(last('D')).toContain('2026-11-20T11');
    expect(last('D')).toHaveLength(60 + Number(last('D').includes('2026-11-20T12')));
    expect(last('NG')).toContain('2026-11-19T12');
    expect(last('NG').at(-1)?.localeCompare('2026-11-19T15')).toBeLessThanOrEqual(0);
  }
});

it('has forecasts to the end of the next local day from the morning on, and to the end of this one before', () => {
  const last = () => periods('region-data', { respondent: 'PJM', type: 'DF' }).at(-1);
  expect(last()).toBe('2026-11-21T05');
  now = new Date('2026-11-20T15:01:00Z');
  expect(last()).toBe('2026-11-22T05');
});

it('has holes among the newest hours, which fill as time goes by, and nothing is ever taken back', () => {
  const ragged = (): Set<string> => {
    const counts = new Map<string, number>();
    for (const period of periods('fuel-type-data', { respondent: FIVE }))
      counts.set(period, (counts.get(period) ?? 0) + 1);
    return new Set([...counts].filter(([, rows]) => rows < 5 * 8 - 3).map(([period]) => period));
  };
  const before = periods('fuel-type-data', { respondent: FIVE });
  const holes = ragged();
  expect(holes.size).toBeGreaterThan(0);
  now = new Date('2026-11-20T16:00:00Z');
  for (const period of holes) expect(ragged()).not.toContain(period);
  const after = periods('fuel-type-data', { respondent: FIVE });
  expect(before.every((period) => after.includes(period))).toBe(true);
  expect(after.length).toBeGreaterThan(before.length);
});

it('keeps to other lags when told to', async () => {
  const slow = await startEiaPublisher({ now: () => now, lagHours: { D: 30 }, raggedHours: 0 });
  try {
    const rows = slow.truth('region-data', { respondent: 'PJM', type: 'D' }, '2026-11-18T00', '2026-11-24T00');
    expect(rows.at(-1)?.period).toBe('2026-11-19T06');
  } finally {
    await slow.stop();
  }
});
