import fc from 'fast-check';
import { NATION, REGIONS, SUB_AREAS } from './codes';
import { Curves, lifetimeOf } from './curves';
import { hourOf } from './period';
import { PROFILES } from './profiles';
import type { Series } from './series';
import { HISTORY_BEGINS, seriesOf } from './series';

const curves = new Curves(1);
const [region, fuel, pair, part] = (
  ['region-data', 'fuel-type-data', 'interchange-data', 'region-sub-ba-data'] as const
).map((route) => seriesOf(route, curves)) as [Series[], Series[], Series[], Series[]];

const value = (list: readonly Series[], id: string, hour: number): number =>
  list.find((series) => series.id === id)?.value(hour) ?? 0;
const sum = (numbers: readonly number[]): number => numbers.reduce((before, each) => before + each, 0);
const lives = (code: string, hour: number): boolean => hour >= lifetimeOf(code).from && hour <= lifetimeOf(code).to;

const hours = fc.integer({ min: HISTORY_BEGINS, max: hourOf('2026-11-20T12') });
const codes = fc.constantFrom(...[...PROFILES.values()].map(({ code }) => code));
const check = (property: (code: string, hour: number) => void): void =>
  fc.assert(
    fc.property(codes, hours, (code, hour) => {
      fc.pre(lives(code, hour));
      property(code, hour);
    }),
    { numRuns: 400, seed: 7 },
  );

it('demand is net generation less interchange', () => {
  check((code, hour) => {
    const [d, ng, ti] = ['D', 'NG', 'TI'].map((type) => value(region, `${code}.${type}`, hour)) as [
      number,
      number,
      number,
    ];
    if (PROFILES.get(code)?.demand) expect(d).toBe(ng - ti);
    else expect(ng).toBe(ti);
    expect(ng).toBeGreaterThanOrEqual(0);
  });
});

it('fuels add up to net generation, and only stores take power in', () => {
  check((code, hour) => {
    const own = fuel.filter(({ columns }) => columns['respondent'] === code);
    const values = own.map((series) => [series.columns['fueltype'], series.value(hour)] as const);
    expect(sum(values.map(([, each]) => each))).toBe(value(region, `${code}.NG`, hour));
    expect(values.filter(([name, each]) => each < 0 && name !== 'BAT' && name !== 'PS')).toEqual([]);
  });
});

it('neighbours say the opposite of each other, and all of them make the interchange', () => {
  check((code, hour) => {
    const own = pair.filter(({ columns, from, to }) => columns['fromba'] === code && hour >= from && hour <= to);
    expect(sum(own.map((series) => series.value(hour)))).toBe(value(region, `${code}.TI`, hour));
    for (const { id, columns } of own) {
      const back = `${columns['toba']}-${columns['fromba']}`;
      if (PROFILES.has(columns['toba'] ?? '')) expect(value(pair, id, hour)).toBe(0 - value(pair, back, hour));
    }
  });
});

it('the sums are of their members', () => {
  for (const hour of [hourOf('2020-02-10T09'), hourOf('2026-07-01T22')]) {
    const demand = (code: string): number =>
      lives(code, hour) && PROFILES.get(code)?.demand ? value(region, `${code}.D`, hour) : 0;
    for (const code of ['CAL', 'NW', 'TEX'])
      expect(value(region, `${code}.D`, hour)).toBe(sum((REGIONS[code] ?? []).map(demand)));
    expect(value(region, `${NATION}.D`, hour)).toBe(sum([...PROFILES.keys()].map(demand)));
    for (const [parent, areas] of Object.entries(SUB_AREAS).filter(([code]) => lives(code, hour)))
      expect(sum(areas.map(({ id }) => value(part, `${parent}.${id}`, hour)))).toBe(demand(parent));
  }
});

it('curves are those of days and years: nights without sun, peaks by day, forecasts close to what came', () => {
  const at = (id: string, stamp: string): number => value(id.includes('SUN') ? fuel : region, id, hourOf(stamp));
  expect(at('CISO.SUN', '2026-06-21T08')).toBe(0);
  expect(at('CISO.SUN', '2026-06-21T20')).toBeGreaterThan(5_000);
  expect(at('PJM.D', '2026-07-21T21')).toBeGreaterThan(at('PJM.D', '2026-07-21T08') * 1.2);
  const year = Array.from({ length: 1752 }, (_, i) => hourOf('2025-01-01T01') + i * 5);
  for (const code of ['PJM', 'CISO', 'MISO', 'ERCO', 'SWPP', 'ISNE', 'NYIS', 'BPAT']) {
    const demand = year.map((hour) => value(region, `${code}.D`, hour));
    const mean = sum(demand) / year.length;
    expect(Math.min(...demand)).toBeGreaterThan(mean * 0.5);
    expect(Math.max(...demand)).toBeLessThan(mean * 1.9);
    year.slice(0, 200).forEach((hour, i) => {
      expect(Math.abs(value(region, `${code}.DF`, hour) / (demand[i] ?? 0) - 1)).toBeLessThan(0.04);
    });
  }
});

it('the seed makes the values, and nothing else does', () => {
  const first = (seed: number) =>
    seriesOf('region-data', new Curves(seed)).map((series) => series.value(HISTORY_BEGINS));
  expect(first(3)).toEqual(first(3));
  expect(first(3)).not.toEqual(first(4));
});
