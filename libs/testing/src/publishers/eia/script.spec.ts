import type { EiaPublisher } from '.';
import { startEiaPublisher } from '.';
import { ask, bodyOf, everything, sorted } from './testing';

let now = new Date('2026-11-20T12:58:00Z');
let eia: EiaPublisher;
beforeAll(async () => {
  eia = await startEiaPublisher({ now: () => now });
});
afterAll(() => eia.stop());
afterEach(() => {
  eia.reset();
  now = new Date('2026-11-20T12:58:00Z');
});

const D = { respondent: 'AZPS', type: 'D' };
const hours = (selection: Record<string, string> = D) =>
  eia.truth('region-data', selection, '2026-11-10T00', '2026-11-10T05');
const periods = (selection?: Record<string, string>) => hours(selection).map(({ period }) => String(period).slice(-2));

describe('a revision', () => {
  it('is what is published from now on, once more if there is another', () => {
    const before = hours();
    for (const value of ['879', 6151, null, '4209']) {
      eia.revise({ ...D, period: '2026-11-10T03', value });
      expect(hours()).toEqual(before.with(3, { ...before[3], value: value === null ? null : String(value) }));
    }
  });

  it('waits for the publication clock when it is told to', () => {
    const before = hours()[3]?.value;
    eia.revise({ ...D, period: '2026-11-10T03', value: '1', at: new Date('2026-11-20T13:00:00Z') });
    expect(hours()[3]?.value).toBe(before);
    now = new Date('2026-11-20T13:00:00Z');
    expect(hours()[3]?.value).toBe('1');
  });

  it('is of one series', () => {
    const revision = { period: '2026-11-10T03', value: '1' };
    expect(() => eia.revise({ ...revision, respondent: 'PJM' })).toThrow(/means \d\d/);
    expect(() => eia.revise({ ...revision, respondent: 'CAISO', type: 'D' })).toThrow(/means 0/);
    expect(() => eia.revise({ ...revision, ...D, period: '2026-11-10' })).toThrow(/no hour/);
    eia.revise({ ...revision, respondent: 'PJM', fueltype: 'NG' });
    eia.revise({ ...revision, respondent: 'PJM', toba: 'MISO' });
    eia.revise({ ...revision, respondent: 'PJM', subba: 'AEP' });
  });
});

describe('a gap', () => {
  const gap = { from: '2026-11-10T01', to: '2026-11-10T03' };

  it('takes rows away and gives them back, a part of them if told so', () => {
    eia.gap({ ...D, ...gap });
    expect(periods()).toEqual(['00', '04', '05']);
    expect(hours({ respondent: 'AZPS', type: 'DF' })).toHaveLength(6);
    eia.fillGap({ ...D, from: '2026-11-10T02', to: '2026-11-10T02' });
    expect(periods()).toEqual(['00', '02', '04', '05']);
    eia.fillGap({ respondent: 'AZPS' });
    expect(hours()).toHaveLength(6);
    eia.gap({ ...D, ...gap });
    expect(hours()).toHaveLength(3);
  });

  it('without a type is of everything a respondent reports', () => {
    eia.gap({ respondent: 'AZPS', ...gap });
    expect(periods({ respondent: 'AZPS', type: 'TI' })).toEqual(['00', '04', '05']);
    expect(eia.truth('fuel-type-data', { respondent: 'AZPS' }, gap.from, gap.to)).toEqual([]);
    expect(eia.truth('interchange-data', { fromba: 'AZPS' }, gap.from, gap.to)).toEqual([]);
    expect(eia.truth('interchange-data', { toba: 'AZPS' }, gap.from, gap.to)).not.toEqual([]);
  });

  it('can begin and end by the publication clock', () => {
    eia.gap({ ...D, ...gap, at: new Date('2026-11-20T13:00:00Z'), until: new Date('2026-11-20T14:00:00Z') });
    const rows = ['12:59', '13:00', '13:59', '14:00'].map((time) => {
      now = new Date(`2026-11-20T${time}:00Z`);
      return hours().length;
    });
    expect(rows).toEqual([6, 3, 3, 6]);
  });

  it('of nobody is a mistake of the test', () => {
    expect(() => eia.gap({ respondent: 'CAISO', ...gap })).toThrow(/no series/);
  });

  it('leaves pages that fit together, wherever they are cut', async () => {
    eia.gap({ respondent: 'PJM', type: 'D', from: '2026-11-10T05', to: '2026-11-11T02' });
    eia.gap({ respondent: 'CISO', from: '2026-11-10T20', to: '2026-11-12T01' });
    eia.anomaly({ kind: 'duplicate-rows', respondent: 'PJM', from: '2026-11-10T03', to: '2026-11-10T08' });
    const truth = eia.truth('region-data', { respondent: ['PJM', 'CISO'] }, '2026-11-09T00', '2026-11-22T00');
    for (const order of [
      ['period', 'respondent', 'type'],
      ['respondent', 'type', 'period'],
    ]) {
      for (const length of [61, 397]) {
        const rows = await everything(
          eia,
          'region-data',
          `data[]=value&facets[respondent][]=PJM&facets[respondent][]=CISO&start=2026-11-09T00&${sorted(...order)}`,
          length,
        );
        const key = (row: object) => JSON.stringify(row);
        expect(rows.map(key).sort()).toEqual(truth.map(key).sort());
      }
    }
  });
});

it('local hours repeat in autumn and have a hole in spring, with the offset telling them apart', async () => {
  const local = async (start: string, end: string) =>
    (
      await bodyOf(
        ask(
          eia,
          'region-data',
          `frequency=local-hourly&data[]=value&facets[respondent][]=PJM&facets[type][]=D&start=${start}&end=${end}&${sorted('period')}`,
        ),
      )
    ).response.data.map(({ period }) => period);
  expect(await local('2026-11-01T01-04:00', '2026-11-01T03-05:00')).toEqual([
    '2026-11-01T01-04',
    '2026-11-01T02-04',
    '2026-11-01T02-05',
    '2026-11-01T03-05',
  ]);
  expect(await local('2026-03-08T01-05:00', '2026-03-08T04-04:00')).toEqual([
    '2026-03-08T01-05',
    '2026-03-08T02-05',
    '2026-03-08T04-04',
  ]);
});
