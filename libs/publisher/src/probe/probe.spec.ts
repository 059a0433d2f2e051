import { datasetId, type AccessWay, type DatasetDefinition } from '@freshet/domain';
import { serve, type TestServer } from '../testing/serve';
import { apiCandidates } from './api-patterns';
import { probe } from './probe';
import { renderProbe } from './render';

const ZIP = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(3_000_000, 1)]);
const MODIFIED = 'Fri, 20 Nov 2020 09:00:00 GMT';
const MISSING = '<html><head><title>Data Center 404 Error</title></head></html>';

let server: TestServer;
let ranges: boolean;
let sent: number;
let extra: Record<string, { type: string; body: string }>;
beforeEach(async () => {
  ranges = true;
  sent = 0;
  extra = {
    '/portal': {
      type: 'text/html',
      body: '<table><tr><td>8/2/2026 4:49:00 AM</td><td><a href="/A.zip">Delimited</a></td></tr></table>',
    },
  };
  server = await serve((request, response) => {
    const page = extra[request.url ?? ''];
    if (page) return response.writeHead(200, { 'content-type': page.type }).end(page.body);
    if (request.url !== '/A.zip') return response.writeHead(200, { 'content-type': 'text/html' }).end(MISSING);
    const headers = { 'content-type': 'application/x-zip-compressed', 'last-modified': MODIFIED };
    if (request.headers['if-modified-since'] === MODIFIED) return response.writeHead(304).end();
    const part = /bytes=0-(\d+)/.exec(request.headers.range ?? '');
    if (part && ranges) {
      const end = Number(part[1]);
      const range = { 'content-range': `bytes 0-${end}/${ZIP.length}`, 'content-length': String(end + 1) };
      return response.writeHead(206, { ...headers, ...range }).end(ZIP.subarray(0, end + 1));
    }
    response.writeHead(200, { ...headers, 'content-length': String(ZIP.length) });
    response.on('close', () => (sent += request.socket.bytesWritten));
    return response.end(request.method === 'HEAD' ? undefined : ZIP);
  });
});
afterEach(() => server.close());

function definition(access?: AccessWay[]): DatasetDefinition {
  const ways = access ?? [
    { kind: 'portal', page: `${server.url}/portal`, file: 'A.zip' },
    { kind: 'url', url: `${server.url}/A.zip` },
  ];
  const timeouts = { connectMs: 1000, stallMs: 1000, totalMs: 5000, growth: 0 };
  const made: Partial<DatasetDefinition> = {
    id: datasetId('test.a'),
    source: 'test',
    access: ways,
    allowPrivateHosts: [server.host],
    timeouts,
  };
  return made as DatasetDefinition;
}

describe('probing a publisher', () => {
  it('finds what it offers and says what would be used', async () => {
    const clock = { now: () => new Date('2026-11-20T10:00:00Z') };
    const report = await probe([definition()], { clock });
    expect(report).toMatchObject({ source: 'test', at: '2026-11-20T10:00:00.000Z' });
    expect(report.apis.length).toBeGreaterThan(5);
    expect(
      report.apis.every(({ verdict, detail }) => verdict === 'none' && detail.includes('Data Center 404 Error')),
    ).toBe(true);
    expect(report.datasets).toMatchObject([
      {
        access: { kind: 'portal', skipped: [] },
        portal: { link: `${server.url}/A.zip`, stamp: '8/2/2026 4:49:00 AM', asDeclared: true },
        payload: {
          ...{ class: 'zip', status: 206, bytes: ZIP.length, ranges: true, resumable: true, head: 200 },
          ...{ ifNoneMatch: 'not_offered', ifModifiedSince: 'not_modified', etag: null, lastModified: MODIFIED },
        },
      },
    ]);
    const text = renderProbe(report);
    expect(text).toContain('API: none found');
    expect(text).toContain(`would use   portal: ${server.url}/A.zip`);
    expect(text).toContain('a lost connection is resumed');
  });

  it('reads little of what it asks for', async () => {
    await probe([definition()], { apis: [] });
    expect(sent).toBeLessThan(ZIP.length * 2);
    expect(server.requests.length).toBeLessThan(10);
  });

  it('says what a publisher lacks', async () => {
    ranges = false;
    extra['/portal'] = { type: 'text/html', body: '<html></html>' };
    const [dataset] = (await probe([definition()], { apis: [] })).datasets;
    expect(dataset).toMatchObject({
      access: { kind: 'url', skipped: [{ kind: 'portal' }] },
      portal: { link: null, detail: expect.stringContaining('no link to A.zip') },
      payload: { ranges: false, resumable: false, bytes: ZIP.length },
    });
  });

  it('finds an API that should appear, and a link that moved', async () => {
    extra['/api/v1'] = { type: 'application/json', body: '{"datasets":[]}' };
    extra['/data.json'] = { type: 'application/json', body: '{"dataset":[]}' };
    extra['/portal'] = { type: 'text/html', body: '<a href="/moved/A.zip">z</a>' };
    const report = await probe([definition()]);
    expect(report.apis.filter(({ verdict }) => verdict !== 'none')).toMatchObject([
      { url: `${server.url}/api/v1`, verdict: 'api' },
      { url: `${server.url}/data.json`, verdict: 'catalogue' },
    ]);
    expect(report.datasets[0]?.portal).toMatchObject({ asDeclared: false });
    expect(renderProbe(report)).toMatch(/answer with data[\s\S]*correct the definition/);
  });

  it('looks for endpoints behind the pages where people query the data', async () => {
    extra['/Well/APD/Default.aspx'] = {
      type: 'text/html',
      body: `<title>APD Online Query</title><form><input name="__VIEWSTATE" value="/wEPDw8"></form><img src="/a.png">`,
    };
    extra['/Production/Default.aspx'] = {
      type: 'text/html',
      body: `<script>$.ajax("Lookup.asmx/Leases"); fetch('/api/v2/production?lease=1'); fetch("/public/data");</script>`,
    };
    const pages = ['/Well/APD/Default.aspx', '/Production/Default.aspx', '/Well/Gone.aspx'];
    const queryPages = pages.map((path) => server.url + path);
    const report = await probe(
      [
        { ...definition(), queryPages },
        { ...definition(), queryPages },
      ],
      { apis: [] },
    );
    expect(report.queryPages).toMatchObject([
      { endpoints: [], detail: '200 a form that sends its state back and gets a page “APD Online Query”' },
      {
        endpoints: [
          `${server.url}/Production/Lookup.asmx/Leases`,
          `${server.url}/api/v2/production?lease=1`,
          `${server.url}/public/data`,
        ],
        detail: '200 a page',
      },
      { endpoints: [], detail: '200, no such page “Data Center 404 Error”' },
    ]);
    expect(renderProbe(report)).toMatch(/Query pages: 3 address\(es\) they call[^]*! http.*Lookup\.asmx/);
  });

  it('reports a publisher that cannot be reached', async () => {
    await server.close();
    const report = await probe([definition()]);
    expect(report.apis[0]).toMatchObject({ verdict: 'none', detail: 'connect_failed' });
    expect(report.datasets[0]).toMatchObject({ access: null, payload: null, failure: { code: 'connect_failed' } });
    expect(renderProbe(report)).toContain('fails');
  });
});

describe('where an API is looked for', () => {
  it('is a bounded list of well-known paths and hosts', () => {
    const found = apiCandidates(
      ['https://www.data.bsee.gov/Main/RawData.aspx', 'https://www.data.bsee.gov/Well/Files/A.zip'],
      'bsee',
    );
    expect(found).toEqual(
      expect.arrayContaining([
        'https://www.data.bsee.gov/api',
        'https://www.data.bsee.gov/developer',
        'https://www.data.bsee.gov/docs',
        'https://www.data.bsee.gov/v1',
        'https://api.data.bsee.gov/',
        'https://api.bsee.gov/',
        'https://catalog.data.gov/api/3/action/package_search?q=bsee&rows=5',
      ]),
    );
    expect(found.length).toBeLessThan(20);
    expect(
      apiCandidates(['http://127.0.0.1:8080/x'], 's').every((url) => url.startsWith('http://127.0.0.1:8080/')),
    ).toBe(true);
  });
});
