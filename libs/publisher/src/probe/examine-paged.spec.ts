import { datasetId, type DatasetDefinition, type PagedJson } from '@freshet/domain';
import { serve, type TestServer } from '../testing/serve';
import { probe } from './probe';
import { renderProbe } from './render';
import type { DatasetFinding } from './report';

type Reply = (asked: Record<string, unknown>) => { status?: number; body: unknown };

/** An API that has nothing in common with the one the built-in definitions are for, but that it has pages. */
describe('probing an API of pages', () => {
  let server: TestServer;
  let reply: Reply;
  beforeEach(async () => {
    server = await serve((request, response) => {
      const url = new URL(request.url ?? '', 'http://x');
      const header = request.headers['x-query'];
      const asked = header === undefined ? Object.fromEntries(url.searchParams) : JSON.parse(String(header));
      const { status = 200, body } = reply({ ...asked, path: url.pathname, key: request.headers['x-token'] });
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  afterEach(() => server.close());

  function definition(paging: Partial<PagedJson> = {}, over: Partial<DatasetDefinition> = {}): DatasetDefinition {
    const paged: PagedJson = {
      parameters: [{ name: 'unit', value: 'mm' }],
      style: 'header',
      parametersHeader: 'X-Query',
      select: { name: 'gauge', parameter: 'gauge', column: 'gauge', values: ['G1'], codes: [] },
      window: { start: 'after', end: 'before', layout: 'YYYY-MM-DD' },
      sort: ['day'],
      offset: 'skip',
      length: 'take',
      pageSize: 100,
      records: ['items'],
      total: ['meta', 'count'],
      warnings: [['meta', 'notes']],
      maxPageBytes: 1_000_000,
      maxPages: 5,
      recordsPerHour: 1,
      metadata: null,
      ...paging,
    };
    const made: Partial<DatasetDefinition> = {
      id: datasetId('rain.daily'),
      source: 'rain',
      access: [{ kind: 'api', url: `${server.url}/v3/rain/readings` }],
      allowPrivateHosts: [server.host],
      timeouts: { connectMs: 1000, stallMs: 1000, totalMs: 5000, growth: 0 },
      resources: [
        {
          name: 'daily',
          format: { reader: 'json', encoding: 'utf-8', record: 'source' },
          columns: [{ name: 'day' }, { name: 'depth' }, { name: 'source' }],
        },
      ] as unknown as DatasetDefinition['resources'],
      paging: paged,
      timeseries: null,
      credential: null,
      rateLimit: null,
      ...over,
    };
    return made as DatasetDefinition;
  }
  const found = async (made: DatasetDefinition, secrets = new Map<string, string>()): Promise<DatasetFinding> => {
    const [dataset] = (await probe([made], { secrets, sleep: async () => undefined })).datasets;
    if (!dataset) throw new Error('nothing was found');
    return dataset;
  };
  const one = { items: [{ day: '2026-01-01', place: 'x' }], meta: { count: 7, notes: ['slow today'] } };

  it('asks as the definition says, and finds that the other style is not understood', async () => {
    const seen: Array<Record<string, unknown>> = [];
    reply = (asked) => {
      seen.push(asked);
      return { body: asked['take'] === 1 ? one : { ...one, items: [...one.items, ...one.items] } };
    };
    const dataset = await found(definition());
    expect(seen[0]).toMatchObject({ unit: 'mm', gauge: 'G1', skip: 0, take: 1 });
    expect(dataset).toMatchObject({
      access: { kind: 'api', url: `${server.url}/v3/rain/readings` },
      paged: {
        ...{ withoutKey: null, key: null, metadata: null },
        sample: { total: 7, totalAs: 'number', valueAs: null, missing: ['depth'], unknown: ['place'] },
        styles: [
          { style: 'header', verdict: 'works' },
          { style: 'query', verdict: 'ignored', detail: 'one record was asked for, 2 came' },
        ],
      },
    });
    const text = renderProbe(await probe([definition()]));
    expect(text).toMatch(/warning +slow today \(at meta\.notes\)/);
    expect(text).toMatch(/columns +missing: depth; not declared: place/);
    expect(text).toMatch(/other style +parameters in the URL: ignored/);
  });

  it('finds the description beside the data, wherever the definition says that it is', async () => {
    const described = { reach: { to: '2026-11-19' }, steps: [{ name: 'day' }, { name: 'week' }] };
    reply = ({ path }) => ({ body: path === '/v3/rain/about' ? described : one });
    const metadata = {
      path: 'about',
      start: ['reach', 'from'],
      end: ['reach', 'to'],
      frequencies: ['steps', 'name'],
      version: null,
    };
    expect((await found(definition({ metadata }))).paged?.metadata).toMatchObject({
      start: null,
      end: '2026-11-19',
      frequencies: ['day', 'week'],
      version: null,
      failure: null,
    });
    reply = ({ path }) => (path === '/v3/rain/about' ? { status: 404, body: {} } : { body: one });
    expect(await found(definition({ metadata }))).toMatchObject({
      access: { kind: 'api' },
      paged: { metadata: { end: null, failure: expect.stringContaining('404') } },
    });
  });

  it('takes an optional key along where there is one, and says that answers repeat it', async () => {
    const credential = { variable: 'RAIN_TOKEN', header: 'X-Token', required: false };
    reply = ({ key }) => ({ body: { ...one, you: key } });
    expect((await found(definition({}, { credential }))).paged?.key).toMatchObject({
      verdict: 'missing',
      repeated: false,
    });
    const secrets = new Map([['RAIN_TOKEN', 'sesame-open-up']]);
    const dataset = await found(definition({}, { credential }), secrets);
    expect(dataset.paged).toMatchObject({ withoutKey: '200, answered', key: { verdict: 'accepted', repeated: true } });
    expect(JSON.stringify(dataset)).not.toContain('sesame');
  });

  it('does not call an API fit whose answers have another shape, or that ignores what it is asked', async () => {
    reply = () => ({ body: { rows: [] } });
    expect(await found(definition())).toMatchObject({ access: null, failure: { code: 'payload_unknown' } });
    reply = () => ({ body: { ...one, items: [1, 2, 3] } });
    expect(await found(definition())).toMatchObject({
      access: null,
      failure: { code: 'api_error', message: expect.stringContaining('one record was asked for, 3 came') },
    });
    expect(await found(definition({}, { access: [] }))).toMatchObject({ failure: { code: 'definition_invalid' } });
  });
});
