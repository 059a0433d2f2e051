import type { EiaAnomaly, EiaAnomalyKind, EiaPublisher } from '.';
import { EIA_ANOMALIES, startEiaPublisher } from '.';
import { ask, bodyOf, everything, sorted } from './testing';

const NOW = new Date('2026-11-20T12:58:00Z');
let eia: EiaPublisher;
beforeAll(async () => {
  eia = await startEiaPublisher({ now: () => NOW });
});
afterAll(() => eia.stop());
afterEach(() => eia.reset());

const [FROM, TO] = ['2026-11-10T00', '2026-11-11T23'] as const;
const demand = () => eia.truth('region-data', { respondent: 'PJM', type: 'D' }, FROM, TO).map(({ value }) => value);
const fuels = () => eia.truth('fuel-type-data', { respondent: 'PJM' }, FROM, FROM);
const pair = (fromba: string, toba: string) =>
  eia.truth('interchange-data', { fromba, toba }, FROM, FROM).map(({ value }) => Number(value));

const D = { respondent: 'PJM', type: 'D' };
/** The third hour shows something else; all others stay. */
const third = (kind: EiaAnomalyKind, expected: (usual: number) => string | null, more: Partial<EiaAnomaly> = {}) => {
  const before = demand();
  eia.anomaly({ kind, ...D, from: '2026-11-10T02', ...more });
  expect(demand()).toEqual(before.with(2, expected(Number(before[2]))));
};

/** Every name of the list is here, so that none can be added without a test. */
const EXPECTED: Readonly<Record<EiaAnomalyKind, () => void>> = {
  'duplicate-rows': () => {
    const before = demand();
    eia.anomaly({ kind: 'duplicate-rows', ...D, from: FROM, to: '2026-11-10T01' });
    expect(demand()).toEqual([before[0], before[0], before[1], before[1], ...before.slice(2)]);
  },
  'repeated-day': () => {
    const before = demand();
    eia.anomaly({ kind: 'repeated-day', ...D, from: '2026-11-11T00', to: '2026-11-11T23' });
    expect(demand()).toEqual([...before.slice(0, 24), ...before.slice(0, 24)]);
  },
  spike: () => third('spike', (usual) => String(usual * 12)),
  implausible: () => {
    third('implausible', () => '0');
    eia.reset();
    third('implausible', () => '1', { value: '1' });
  },
  'unknown-fuel': () => {
    const before = fuels();
    eia.anomaly({ kind: 'unknown-fuel', respondent: 'PJM', from: FROM });
    expect(fuels().filter(({ fueltype }) => fueltype !== 'XYZ')).toEqual(before);
    expect(fuels()).toHaveLength(before.length + 1);
  },
  'null-value': () => third('null-value', () => null),
  'blank-value': () => third('blank-value', () => ''),
  fraction: () => third('fraction', () => '.3'),
  'negative-fraction': () => third('negative-fraction', () => '-.21'),
  'four-decimals': () => third('four-decimals', () => '1263.6001'),
  negative: () => third('negative', () => '-3'),
  'identical-run': () => {
    const before = demand();
    eia.anomaly({ kind: 'identical-run', ...D, from: FROM, to: '2026-11-10T05' });
    expect(demand()).toEqual([...Array<unknown>(6).fill(before[0]), ...before.slice(6)]);
  },
  'wrong-hour': () => {
    const before = demand();
    eia.anomaly({ kind: 'wrong-hour', ...D, from: '2026-11-10T01', to: '2026-11-10T04' });
    expect(demand().slice(0, 6)).toEqual([before[0], ...before.slice(0, 4), before[5]]);
  },
  'missing-reverse': () => {
    eia.anomaly({ kind: 'missing-reverse', respondent: 'PJM', toba: 'MISO', from: FROM });
    expect([pair('PJM', 'MISO').length, pair('MISO', 'PJM').length]).toEqual([1, 0]);
  },
  'asymmetric-pair': () => {
    eia.anomaly({ kind: 'asymmetric-pair', respondent: 'PJM', toba: 'MISO', from: FROM });
    expect((pair('MISO', 'PJM')[0] ?? NaN) + (pair('PJM', 'MISO')[0] ?? NaN)).toBe(250);
  },
  'off-balance': () => third('off-balance', (usual) => String(usual + 500)),
  'partial-fuels': () => {
    eia.anomaly({ kind: 'partial-fuels', respondent: 'PJM', from: FROM });
    expect(fuels().map(({ fueltype }) => fueltype)).toEqual(['COL']);
  },
  'dst-seam': () => {
    const around = (from: string, to: string) =>
      eia.truth('region-data', D, from, to).map(({ period, value }) => ({ period, value }));
    eia.anomaly({ kind: 'dst-seam', ...D, from: '2026-01-01T00', to: '2026-12-31T23' });
    expect(around('2026-03-08T06', '2026-03-08T09').map(({ period }) => period)).toEqual([
      '2026-03-08T06',
      '2026-03-08T07',
      '2026-03-08T09',
    ]);
    const autumn = around('2026-11-01T06', '2026-11-01T08');
    expect(autumn.map(({ period }) => period)).toEqual([
      '2026-11-01T06',
      '2026-11-01T07',
      '2026-11-01T07',
      '2026-11-01T08',
    ]);
    expect(autumn[1]?.value).not.toBe(autumn[2]?.value);
  },
  'type-name-case': () => {
    eia.anomaly({ kind: 'type-name-case', respondent: 'PJM', from: FROM });
    expect(fuels().find(({ fueltype }) => fueltype === 'NG')?.['type-name']).toBe('Natural Gas');
  },
};

it.each(Object.keys(EIA_ANOMALIES) as EiaAnomalyKind[])('%s', async (kind) => {
  const before = [demand(), fuels(), pair('MISO', 'PJM')];
  EXPECTED[kind]();
  const query = `data[]=value&facets[respondent][]=PJM&start=${FROM}&end=${TO}&${sorted('period', 'respondent', 'fueltype')}`;
  const pages = await everything(eia, 'fuel-type-data', query, 101);
  expect(pages).toEqual(eia.truth('fuel-type-data', { respondent: 'PJM' }, FROM, TO));
  eia.clearAnomalies(kind);
  expect([demand(), fuels(), pair('MISO', 'PJM')]).toEqual(before);
});

it('the old dialect makes numbers of odd texts, and null of a blank one', async () => {
  const kinds = ['null-value', 'blank-value', 'fraction', 'negative-fraction', 'four-decimals'] as const;
  kinds.forEach((kind, i) => eia.anomaly({ kind, ...D, from: `2026-11-10T0${i}` }));
  eia.dialect = 'old';
  const { response } = await bodyOf(
    ask(
      eia,
      'region-data',
      `data[]=value&facets[respondent][]=PJM&facets[type][]=D&start=${FROM}&length=5&${sorted('period')}`,
    ),
  );
  eia.dialect = 'new';
  expect(response.data.map(({ value }) => value)).toEqual([null, null, 0.3, -0.21, 1263.6001]);
});

it('an anomaly of nobody is a mistake of the test', () => {
  expect(() => eia.anomaly({ kind: 'spike', respondent: 'CAISO', from: FROM })).toThrow(/no series/);
});
