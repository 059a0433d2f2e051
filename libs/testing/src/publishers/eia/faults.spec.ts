import type { EiaFaultKind, EiaPublisher } from '.';
import { EIA_FAULTS, startEiaPublisher } from '.';
import { ask, bodyOf, sorted } from './testing';

const NOW = new Date('2026-11-20T12:58:00Z');
let eia: EiaPublisher;
beforeAll(async () => {
  eia = await startEiaPublisher({ now: () => NOW });
});
afterAll(() => eia.stop());
afterEach(() => {
  eia.reset();
  eia.forget();
});

const QUERY = `data[]=value&facets[respondent][]=PJM&facets[type][]=D&start=2026-11-01T00&end=2026-11-02T23&${sorted('period')}`;
const page = (offset = 0, length = 24) => ask(eia, 'region-data', `${QUERY}&offset=${offset}&length=${length}`);
const truth = () => eia.truth('region-data', { respondent: 'PJM', type: 'D' }, '2026-11-01T00', '2026-11-02T23');
const read = async (offset?: number) => {
  const { response } = await bodyOf(page(offset));
  return { total: response.total, rows: response.data };
};
const plain = async () => {
  const answer = await page();
  return [answer.status, answer.headers.get('content-type'), await answer.text()] as const;
};

/** Every name of the list is here, so that none can be added without a test. */
const EXPECTED: Readonly<Record<EiaFaultKind, () => Promise<void>>> = {
  'server-error': async () => expect(await plain()).toEqual([500, 'text/plain', 'Something unexpected happened.']),
  html: async () => expect(await plain()).toEqual([200, 'text/html', expect.stringContaining('<html')]),
  'rate-limited': async () =>
    expect(await plain()).toEqual([429, 'application/json', expect.stringContaining('"code":"OVER_RATE_LIMIT"')]),
  'rate-limited-html': async () => expect(await plain()).toEqual([429, 'text/html', expect.stringContaining('<html')]),
  suspended: async () => {
    expect(await plain()).toEqual([403, 'application/json', expect.stringContaining('"code":"OVER_RATE_LIMIT"')]);
    expect((await plain())[0]).toBe(403);
  },
  'key-refused': async () =>
    expect(await plain()).toEqual([403, 'application/json', expect.stringContaining('"code":"API_KEY_INVALID"')]),
  'error-in-200': async () => {
    const answer = await page();
    expect([answer.status, await answer.json()]).toEqual([200, { error: expect.any(String), code: 400 }]);
  },
  'gate-error-in-200': async () => {
    const answer = await page();
    expect([answer.status, await answer.json()]).toMatchObject([200, { error: { code: 'OVER_RATE_LIMIT' } }]);
  },
  'total-changes': async () => expect([(await read(0)).total, (await read(24)).total]).toEqual(['48', '49']),
  'total-missing': async () => expect((await read(0)).total).toBeUndefined(),
  'short-page': async () => expect(await read(0)).toEqual({ total: '48', rows: truth().slice(0, 23) }),
  'long-page': async () => expect(await read(0)).toEqual({ total: '48', rows: truth().slice(0, 25) }),
  'empty-page': async () => {
    expect((await read(0)).rows).toHaveLength(24);
    expect(await read(24)).toEqual({ total: '48', rows: [] });
  },
  'wrong-order': async () => {
    const { rows } = await read(0);
    expect(rows).not.toEqual(truth().slice(0, 24));
    expect([...rows].sort((a, b) => (String(a.period) < String(b.period) ? -1 : 1))).toEqual(truth().slice(0, 24));
  },
  'cut-body': () => expect(plain()).rejects.toThrow(),
  'cut-json': async () => {
    const [status, , text] = await plain();
    expect(status).toBe(200);
    expect(() => JSON.parse(text) as unknown).toThrow();
  },
  'slow-body': async () => {
    const began = performance.now();
    expect((await read(0)).rows).toEqual(truth().slice(0, 24));
    expect(performance.now() - began).toBeGreaterThan(15);
  },
  stall: async () => {
    const answer = await ask(eia, 'region-data', QUERY, { signal: AbortSignal.timeout(300) });
    await expect(answer.text()).rejects.toThrow(/timeout/);
  },
  'no-values': async () => {
    for (const row of (await read(0)).rows) expect(Object.keys(row)).not.toContain('value');
  },
  drop: () => expect(page()).rejects.toThrow(),
};

it.each(Object.keys(EIA_FAULTS) as EiaFaultKind[])('%s', async (kind) => {
  const before = truth();
  eia.fault({ kind, everyMs: 1 });
  await EXPECTED[kind]();
  expect(truth()).toEqual(before);
  eia.clearFaults();
  expect((await read(24)).rows).toEqual(before.slice(24));
  expect(eia.requests.map(({ fault }) => fault)).toContain(kind);
});

it('a fault is for as many requests as told, after as many as told, of the route as told', async () => {
  eia.fault({ kind: 'server-error', times: 2, after: 1, route: 'region-data' });
  const statuses: number[] = [];
  for (let i = 0; i < 4; i++) {
    await (await ask(eia, 'fuel-type-data', 'length=1')).text();
    statuses.push((await plain())[0]);
  }
  expect(statuses).toEqual([200, 500, 500, 200]);
  expect(eia.requests.filter(({ route }) => route === 'fuel-type-data').map(({ status }) => status)).toEqual([
    200, 200, 200, 200,
  ]);
});

it('a fault that is for a while goes by itself', async () => {
  eia.fault({ kind: 'suspended', forMs: 0 });
  expect((await plain())[0]).toBe(200);
});
