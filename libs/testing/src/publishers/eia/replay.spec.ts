import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { EiaPublisher, EiaRoute, EiaRow } from '.';
import { startEiaPublisher } from '.';
import { ask, bodyOf, sorted } from './testing';

const FOLDER = join(__dirname, '../../../fixtures/eia');
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.csv'));
const [FROM, TO] = ['2022-07-10T00', '2022-07-11T00'] as const;

let over: EiaPublisher;
let only: EiaPublisher;
beforeAll(async () => {
  over = await startEiaPublisher({ replay: true });
  only = await startEiaPublisher({ replay: 'only' });
});
afterAll(() => Promise.all([over.stop(), only.stop()]));

it.each(files)('%s comes back to the last digit, and nothing beside it', async (file) => {
  const [, route, respondent] = /^(.+)-([A-Z]+)_/.exec(file) as unknown as [string, EiaRoute, string];
  const real = (parse(readFileSync(join(FOLDER, file)), { columns: true }) as EiaRow[]).map(
    ({ '': _number, ...row }) => row,
  );
  const by = route === 'interchange-data' ? 'fromba' : 'respondent';
  const types = route === 'region-data' ? '&facets[type][]=D&facets[type][]=NG&facets[type][]=TI' : '';
  const query = `data[]=value&facets[${by}][]=${respondent}${types}&start=${FROM}&end=${TO}&${sorted('period', 'value')}`;
  const inOrder = (rows: readonly EiaRow[]) => rows.map((row) => JSON.stringify(row)).sort();
  for (const eia of [over, only]) {
    const { response } = await bodyOf(ask(eia, route, query));
    expect(inOrder(response.data)).toEqual(inOrder(real));
  }
});

it('the hours around are those of the curves, or nothing at all', () => {
  const rows = (eia: EiaPublisher) => eia.truth('region-data', { respondent: 'PJM' }, '2022-07-09T23', '2022-07-11T01');
  expect(rows(over)).toHaveLength(27 * 4);
  expect(rows(only)).toHaveLength(25 * 3);
  expect(only.truth('region-data', { respondent: 'ISNE' }, '2022-07-01T00', '2022-08-01T00')).toEqual([]);
});

it('an anomaly of all hours touches the real ones too, and only those there are', () => {
  only.anomaly({ kind: 'duplicate-rows', respondent: 'PJM', type: 'D', from: '2022-07-09T00', to: '2022-07-10T01' });
  const rows = only.truth('region-data', { respondent: 'PJM', type: 'D' }, '2022-07-01T00', '2022-07-10T02');
  expect(rows.map(({ value }) => value)).toEqual(['101048', '101048', '97752', '97752', '95248']);
  only.reset();
});
