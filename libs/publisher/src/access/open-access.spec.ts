import type { AccessWay } from '@freshet/domain';
import { HttpClient } from '../http/client';
import { classify } from '../payload/classify';
import { findLink } from '../portal/find-link';
import { serve, type TestServer } from '../testing/serve';
import { openAccess } from './open-access';

const ZIP = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(2000, 1)]);
const row = (file: string, stamp: string): string =>
  `<tr class="dxgvDataRow"><td>Layout</td><td>${file}</td><td>${stamp}</td><td>daily</td><td><a class="dxeHyperlink" href="/Well/Files/${file}">Delimited</a></td></tr>`;
const PAGE = `<html><table>${row('OtherRawData.zip', '1/1/2026')}${row('APDRawData.zip', '8/2/2026 4:49:00 AM')}</table></html>`;
const NOT_FOUND = '<!DOCTYPE html><html><head><title>Data Center 404 Error</title></head></html>';

let server: TestServer;
let http: HttpClient;
let pages: Record<string, { status?: number; body?: string | Buffer; headers?: Record<string, string> }>;
beforeEach(async () => {
  pages = { '/portal': { body: PAGE }, '/Well/Files/APDRawData.zip': { body: ZIP } };
  server = await serve((request, response) => {
    const { status = 200, body = '', headers = {} } = pages[request.url ?? ''] ?? { body: NOT_FOUND };
    response.writeHead(status, headers).end(body);
  });
  http = new HttpClient({ timeouts: { connectMs: 2000, stallMs: 2000 }, allowPrivateHosts: [server.host] });
});
afterEach(async () => {
  http.close();
  await server.close();
});

const ways = (): AccessWay[] => [
  { kind: 'api', url: `${server.url}/api/apd` },
  { kind: 'portal', page: `${server.url}/portal`, file: 'apdrawdata.ZIP' },
  { kind: 'url', url: `${server.url}/Well/Files/APDRawData.zip` },
];

describe('reaching a payload', () => {
  it('uses the first way that delivers, and says why earlier ones did not', async () => {
    const { report, body } = await openAccess(http, ways());
    expect(report).toMatchObject({
      kind: 'portal',
      url: `${server.url}/Well/Files/APDRawData.zip`,
      stamp: '8/2/2026 4:49:00 AM',
      skipped: [{ kind: 'api', reason: expect.stringContaining('Data Center 404 Error') }],
    });
    const pieces: Buffer[] = [];
    for await (const piece of body) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(ZIP)).toBe(true);
  });

  it('falls back to the declared address when the page fails or has no such link', async () => {
    pages['/portal'] = { status: 500 };
    expect((await openAccess(http, ways())).report).toMatchObject({
      kind: 'url',
      skipped: [{ kind: 'api' }, { kind: 'portal' }],
    });
    pages['/portal'] = { body: '<html></html>' };
    const { report } = await openAccess(http, ways());
    expect(report.skipped[1]?.reason).toContain('no link to apdrawdata.ZIP');
  });

  it('prefers an API once there is one', async () => {
    pages['/api/apd'] = { body: ZIP };
    expect((await openAccess(http, ways())).report).toMatchObject({ kind: 'api', skipped: [] });
  });

  it.each([
    [{ body: NOT_FOUND }, 'payload_html'],
    [{ body: '' }, 'payload_empty'],
    [{ body: 'hello' }, 'payload_unknown'],
    [{ status: 404 }, 'not_found'],
    [{ status: 503 }, 'http_server_error'],
  ])('fails by name when no way delivers an archive: %j', async (page, code) => {
    pages['/Well/Files/APDRawData.zip'] = page;
    await expect(openAccess(http, ways())).rejects.toMatchObject({ code });
    expect(server.requests.filter((request) => request.url === '/Well/Files/APDRawData.zip')).toHaveLength(1);
  });

  it('tries nothing else when asked to slow down', async () => {
    pages['/api/apd'] = { status: 429, headers: { 'retry-after': '30' } };
    await expect(openAccess(http, ways())).rejects.toMatchObject({
      code: 'rate_limited',
      attributes: { retryAfterMs: 30_000 },
    });
    expect(server.requests).toHaveLength(1);
  });
});

describe('a portal page', () => {
  it('is searched by file name, never by position', () => {
    const find = (html: string, file = 'A.zip'): unknown => findLink(html, 'https://h/Main/RawData.aspx', file);
    expect(find('<a href="../Well/a.ZIP?x=1">Delimited</a>')).toEqual({ url: 'https://h/Well/a.ZIP?x=1' });
    expect(find('<a href="/x/a.zip">1</a><a href="/y/A.zip">2</a>')).toEqual({ url: 'https://h/y/A.zip' });
    expect(find('<table><tr><td>Updated&nbsp;8/2/2026</td><td><b><a href="A.zip">z</a></b></td></tr></table>')).toEqual(
      {
        url: 'https://h/Main/A.zip',
        stamp: '8/2/2026',
      },
    );
    expect(find('<a href="javascript:A.zip">z</a><a href="xA.zip">z</a><a href="ftp://h/A.zip">z</a>')).toBeNull();
    expect(find('<!-- <a href="/old/A.zip">z</a> --><a href="/new/A.zip">z</a>')).toEqual({
      url: 'https://h/new/A.zip',
    });
  });

  it.each(['<div>', '<!-- '])('takes no hours over a damaged page of %s', (piece) => {
    const began = performance.now();
    expect(findLink(piece.repeat(40_000), 'https://h/', 'A.zip')).toBeNull();
    expect(performance.now() - began).toBeLessThan(3_000);
  });
});

describe('classification', () => {
  it.each<[string, Buffer | string, string, string]>([
    ['an archive', ZIP, '', 'zip'],
    ['an archive without entries', 'PK\x05\x06', '', 'zip'],
    ['a page', '\r\n <!DOCTYPE html><html>', '', 'html'],
    ['a page with a mark and a comment', '\xef\xbb\xbf<!-- x --><HTML>', '', 'html'],
    ['an odd page by its type', '<div>', 'text/html; charset=utf-8', 'html'],
    ['nothing', '', 'application/zip', 'empty'],
    ['something else', '{"error":1}', 'application/zip', 'unknown'],
  ])('knows %s', (_, bytes, type, expected) => {
    expect(classify(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes, 'latin1'), type)).toBe(expected);
  });

  it('takes no longer over a payload of comments than over any other', () => {
    const began = performance.now();
    for (const count of [24, 146]) expect(classify(Buffer.from(`${'<!---->'.repeat(count)}x`))).toBe('unknown');
    expect(classify(Buffer.from('<!-- a --> <!----><!-- <b> -->\n<html>'))).toBe('html');
    expect(performance.now() - began).toBeLessThan(50);
  });
});
