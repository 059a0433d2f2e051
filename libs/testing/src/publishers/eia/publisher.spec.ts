import type { EiaPublisher } from '.';
import { EIA_ROUTES, startEiaPublisher } from '.';
import { ask, bodyOf, everything, sorted } from './testing';

const NOW = new Date('2026-11-20T12:58:00Z');
let eia: EiaPublisher;
beforeAll(async () => {
  eia = await startEiaPublisher({ now: () => NOW });
});
afterAll(() => eia.stop());
afterEach(() => eia.forget());

const PJM = 'data[0]=value&facets[respondent][]=PJM&facets[type][]=D';
const KEY = { 'region-data': 'type', 'fuel-type-data': 'fueltype' } as const;

describe('rows', () => {
  it('are the truth, with both ends included and the publisher’s columns in order', async () => {
    const { response, apiVersion } = await bodyOf(
      ask(eia, 'region-data', `${PJM}&start=2026-11-10T00&end=2026-11-11T00&${sorted('period')}`),
    );
    expect(response.total).toBe('25');
    expect(response.data).toEqual(
      eia.truth('region-data', { respondent: 'PJM', type: 'D' }, '2026-11-10T00', '2026-11-11T00'),
    );
    expect(response.data[0]).toEqual({
      period: '2026-11-10T00',
      respondent: 'PJM',
      'respondent-name': 'PJM Interconnection, LLC',
      type: 'D',
      'type-name': 'Demand',
      value: expect.stringMatching(/^\d{5,6}$/),
      'value-units': 'megawatthours',
    });
    expect(apiVersion).toBe('2.1.14');
  });

  it.each([
    ['2026-11-10', '2026-11-11', 24, '2026-11-10T00', '2026-11-10T23'],
    ['2026-11-10T05', '2026-11-10T05', 1, '2026-11-10T05', '2026-11-10T05'],
    ['2026-11-11T00', '2026-11-10T00', 0, undefined, undefined],
    ['2026-11-01', '2026-11', 0, undefined, undefined],
    ['2018', '2019-01-01T03', 3, '2019-01-01T01', '2019-01-01T03'],
  ])('from %s to %s, compared as texts: %d', async (start, end, rows, first, last) => {
    const { response } = await bodyOf(ask(eia, 'region-data', `${PJM}&start=${start}&end=${end}&${sorted('period')}`));
    expect([response.total, response.data.length]).toEqual([String(rows), rows]);
    expect([response.data[0]?.period, response.data.at(-1)?.period]).toEqual([first, last]);
  });

  it.each(Object.entries(KEY))('of %s fill pages that fit together', async (route, code) => {
    const query = `data[]=value&facets[respondent][]=PJM&facets[respondent][1]=CISO&start=2025-11-01T00&end=2025-11-20T07&${sorted('period', 'respondent', code)}`;
    const pages = await everything(eia, route, query, 777);
    const truth = eia.truth(route as 'region-data', { respondent: ['PJM', 'CISO'] }, '2025-11-01T00', '2025-11-20T07');
    expect(pages).toEqual(truth);
    expect(pages.length).toBeGreaterThan(464 * 8 - 1);
  });

  it('come in any order that is asked for', async () => {
    const query = `${PJM}&facets[respondent][]=CISO&start=2026-11-10T00&end=2026-11-10T23`;
    const of = async (sort: string) => (await bodyOf(ask(eia, 'region-data', `${query}&${sort}`))).response.data;
    const latest = await of('sort[0][column]=period&sort[0][direction]=desc&sort[1][column]=respondent');
    expect(latest.slice(0, 3).map(({ period, respondent }) => [period, respondent])).toEqual([
      ['2026-11-10T23', 'CISO'],
      ['2026-11-10T23', 'PJM'],
      ['2026-11-10T22', 'CISO'],
    ]);
    const highest = (await of('sort[0][column]=value&sort[0][direction]=desc')).map(({ value }) => Number(value));
    expect(highest).toEqual([...highest].sort((a, b) => b - a));
    const grouped = await of(sorted('respondent', 'period'));
    expect(grouped[23]).toMatchObject({ respondent: 'CISO', period: '2026-11-10T23' });
    expect(grouped[24]).toMatchObject({ respondent: 'PJM', period: '2026-11-10T00' });
  });

  it('without an order differ from one request to the next, so that pages do not fit together', async () => {
    const query = `${PJM}&start=2026-10-01T00&end=2026-10-20T23`;
    const rows = await everything(eia, 'region-data', query, 100);
    expect(rows).toHaveLength(480);
    expect(new Set(rows.map(({ period }) => period)).size).toBeLessThan(480);
  });

  it('have no value when no data column is asked for', async () => {
    const { response } = await bodyOf(
      ask(eia, 'region-data', 'facets[respondent][]=PJM&start=2026-11-10T00&end=2026-11-10T00'),
    );
    expect(response.data).not.toHaveLength(0);
    for (const row of response.data) expect(Object.keys(row)).not.toContain('value');
  });

  it('are never more than 5000, with both warnings', async () => {
    const { response, warnings } = await bodyOf(ask(eia, 'region-data', `${PJM}&length=6000&${sorted('period')}`));
    expect(response.data).toHaveLength(5000);
    expect(warnings?.map(({ warning }) => warning)).toEqual(['parameter out of range: length', 'incomplete return']);
    expect(warnings?.[1]?.description).toBe(
      'The API can only return 5000 rows in JSON format.  Please consider constraining your request with facet, start, or end, or using offset to paginate results.',
    );
    const { response: none } = await bodyOf(ask(eia, 'region-data', `${PJM}&length=0`));
    expect([none.data.length, none.total]).toEqual([0, response.total]);
  });

  it('are given for a year in no time', async () => {
    const began = performance.now();
    const rows = await everything(
      eia,
      'fuel-type-data',
      `data[]=value&facets[respondent][]=PJM&start=2025-01-01T01&end=2026-01-01T00&${sorted('period', 'fueltype')}`,
      5000,
    );
    expect(rows).toHaveLength(8760 * 8);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

describe('keys and parameters', () => {
  it('may come in headers, as JSON', async () => {
    const parameters = {
      frequency: 'hourly',
      data: ['value'],
      facets: { respondent: ['PJM'], type: ['D'] },
      start: '2026-11-10T00',
      end: '2026-11-10T01',
      sort: [{ column: 'period', direction: 'asc' }],
      offset: 0,
      length: 5000,
    };
    const { response, request } = await bodyOf(
      ask(eia, 'region-data', '', { headers: { 'X-Api-Key': 'secret', 'X-Params': JSON.stringify(parameters) } }),
    );
    expect(response.data).toEqual(
      eia.truth('region-data', { respondent: 'PJM', type: 'D' }, '2026-11-10T00', '2026-11-10T01'),
    );
    expect(request.params).toEqual(parameters);
    expect(eia.requests).toEqual([
      expect.objectContaining({ style: 'header', status: 200, rows: 2, total: 2, params: parameters, fault: null }),
    ]);
    expect(JSON.stringify(eia.requests)).not.toContain('secret');
  });

  it('are refused by the gate where keys are known', async () => {
    const other = await startEiaPublisher({ now: () => NOW, keys: ['good'] });
    try {
      const missing = await ask(other, 'region-data', PJM);
      expect([missing.status, await missing.json()]).toEqual([
        403,
        {
          error: {
            code: 'API_KEY_MISSING',
            message: 'No api_key was supplied.  Please register for one at https://www.eia.gov/opendata/register.php',
          },
        },
      ]);
      const wrong = await ask(other, 'region-data', `${PJM}&api_key=bad`);
      expect([wrong.status, await wrong.json()]).toMatchObject([403, { error: { code: 'API_KEY_INVALID' } }]);
      expect((await ask(other, 'region-data', `${PJM}&length=1&api_key=good`)).status).toBe(200);
      expect((await ask(other, 'region-data', `${PJM}&length=1`, { headers: { 'x-api-key': 'good' } })).status).toBe(
        200,
      );
      expect(other.requests.map(({ style }) => style)).toEqual(['none', 'query', 'query', 'header']);
    } finally {
      await other.stop();
    }
  });
});

describe('errors', () => {
  it.each([
    [
      'frequency=yearly',
      "Invalid frequency 'yearly' provided. The only valid frequencies are 'hourly', and 'local-hourly'.",
    ],
    ['data[]=price', "Invalid data 'price' provided. The only valid data are 'value'."],
    ['facets[state][]=TX', "Invalid facet 'state' provided. The only valid facets are 'respondent', and 'type'."],
    ['sort[0][column]=fueltype', "Invalid sort 'fueltype' provided."],
    ['start=20261110', "Invalid date format '20261110' provided."],
    ['end=2026-02-30', "Invalid date format '2026-02-30' provided."],
    ['frequency=local-hourly&start=2026-11-10T00', "Invalid date format '2026-11-10T00' provided."],
  ])('%s: 400 with a text', async (query, error) => {
    const answer = await ask(eia, 'region-data', query);
    expect([answer.status, await answer.json()]).toEqual([400, { error, code: 400 }]);
  });

  it('an unknown code of a known facet is no error: 200, total 0', async () => {
    const { response } = await bodyOf(ask(eia, 'region-data', 'data[]=value&facets[respondent][]=CAISO'));
    expect([response.total, response.data]).toEqual(['0', []]);
  });

  it.each([
    '/v2/electricity/rto/regional-data/data',
    '/v2/electricity/retail-sales',
    '/v2/electricity/rto/region-data/x',
  ])('%s is not found', async (path) => {
    const answer = await fetch(eia.url + path);
    expect([answer.status, await answer.json()]).toEqual([404, { error: 'Not found.', code: 404 }]);
  });
});

describe('metadata', () => {
  it.each(EIA_ROUTES)('of %s name its facets, their values and the newest hour', async (route) => {
    const get = async <T>(path: string): Promise<T> =>
      ((await (await fetch(`${eia.url}/v2/electricity/rto/${route}${path}`)).json()) as { response: T }).response;
    const { startPeriod, endPeriod, facets } = await get<{
      startPeriod: string;
      endPeriod: string;
      facets: ReadonlyArray<{ id: string }>;
    }>('');
    expect(startPeriod).toBe('2019-01-01T00');
    expect(eia.truth(route, {}, endPeriod, '2026-12-31T00').map(({ period }) => period)).toContain(endPeriod);
    for (const { id } of facets) {
      const { totalFacets, facets: values } = await get<{ totalFacets: number; facets: readonly unknown[] }>(
        `/facet/${id}`,
      );
      expect(totalFacets).toBe(values.length);
      const published = new Set(eia.truth(route, {}, '2026-10-01T12', '2026-10-01T12').map((row) => row[id]));
      const known = (values as Array<{ id: string }>).map((value) => value.id);
      expect([...published].filter((code) => !known.includes(String(code)))).toEqual([]);
    }
  });
});

describe('the old dialect', () => {
  it('has numbers, timings, warnings in the response, and the key in the echo', async () => {
    const old = await startEiaPublisher({ now: () => NOW, dialect: 'old' });
    try {
      const { response, request, warnings, apiVersion } = await bodyOf(
        ask(old, 'region-data', `${PJM}&length=2&api_key=mine&${sorted('period')}`),
      );
      expect(typeof response.total).toBe('number');
      expect(response.data.map(({ value }) => typeof value)).toEqual(['number', 'number']);
      expect(response['query execution']).toEqual(expect.any(Number));
      expect([warnings, response.warnings?.[0]?.warning]).toEqual([undefined, 'incomplete return']);
      expect(request.params['api_key']).toBe('mine');
      expect(apiVersion).toBe('2.0.3');
    } finally {
      await old.stop();
    }
  });
});
