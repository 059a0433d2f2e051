import { get as httpsGet } from 'node:https';
import { parse } from 'node-html-parser';
import type { BseePublisher } from '.';
import { BSEE_ARCHIVES, startBseePublisher } from '.';
import type { BseeFault } from './faults';

let bsee: BseePublisher;
beforeAll(async () => {
  bsee = await startBseePublisher();
});
afterAll(() => bsee.close());
afterEach(() => {
  for (const { dataset } of BSEE_ARCHIVES) bsee.set(dataset, null);
  bsee.setPortal({});
  bsee.forget();
});

const url = () => bsee.archiveUrl('bsee.well');
const body = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

describe('the portal page', () => {
  const link = async () => {
    const page = parse(await (await fetch(bsee.portalUrl)).text());
    const anchor = page.querySelectorAll('a').find((a) => a.getAttribute('href')?.endsWith('/APDRawData.zip'));
    const row = anchor?.closest('tr');
    return { anchor, row, cells: row?.querySelectorAll('td').map((cell) => cell.text.trim()) };
  };

  it('has a row per dataset with a relative "Delimited" link and the stamp in the third cell', async () => {
    const { anchor, row, cells } = await link();
    expect(anchor?.getAttribute('href')).toBe('/Well/Files/APDRawData.zip');
    expect(anchor?.text).toBe('Delimited');
    expect(row?.id).toMatch(/^ContentPlaceHolderBody_ASPxGridView1_DXDataRow\d+$/);
    expect(cells?.[2]).toMatch(/^\d+\/\d+\/\d{4} \d+:\d\d:\d\d AM$/);
  });

  it('moves its row numbers when datasets are added, and can lose or move a link', async () => {
    const before = (await link()).row?.id;
    bsee.setPortal({ drift: 3 });
    expect((await link()).row?.id).not.toBe(before);
    bsee.setPortal({ missing: ['bsee.well'] });
    expect((await link()).anchor).toBeUndefined();
    bsee.setPortal({ moved: { 'bsee.well': '/Other/Files/APDRawData.zip' } });
    expect((await link()).anchor?.getAttribute('href')).toBe('/Other/Files/APDRawData.zip');
  });

  it('answers a wrong path with status 200 and about 28 KB of HTML', async () => {
    const response = await fetch(`${bsee.url}/Well/Files/apdrawdata.zip`);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toContain('Data Center 404 Error');
    expect(text.length).toBeGreaterThan(26_000);
    expect(text.length).toBeLessThan(30_000);
  });
});

describe('an archive', () => {
  it('comes with its length, a Last-Modified and no ETag', async () => {
    const response = await fetch(url());
    const bytes = await body(response);
    expect(response.headers.get('content-type')).toBe('application/x-zip-compressed');
    expect(Number(response.headers.get('content-length'))).toBe(bytes.length);
    expect(response.headers.get('last-modified')).toMatch(/GMT$/);
    expect(response.headers.get('etag')).toBeNull();
    expect(bytes.subarray(0, 4).toString('latin1')).toBe('PK\x03\x04');
  });

  it('answers 304 to its own Last-Modified, and 200 after a rebuild', async () => {
    const lastModified = (await fetch(url(), { method: 'HEAD' })).headers.get('last-modified') as string;
    const again = () => fetch(url(), { headers: { 'if-modified-since': lastModified } });
    expect((await again()).status).toBe(304);
    bsee.rebuild('bsee.well');
    expect((await again()).status).toBe(200);
  });

  it('gives ranges that fit together, under If-Range only while nothing changed', async () => {
    const whole = await fetch(url());
    const bytes = await body(whole);
    const lastModified = whole.headers.get('last-modified') as string;
    const rest = await fetch(url(), { headers: { range: 'bytes=1000-', 'if-range': lastModified } });
    expect(rest.status).toBe(206);
    expect(rest.headers.get('content-range')).toBe(`bytes 1000-${bytes.length - 1}/${bytes.length}`);
    expect((await body(rest)).equals(bytes.subarray(1000))).toBe(true);
    bsee.rebuild('bsee.well');
    expect((await fetch(url(), { headers: { range: 'bytes=1000-', 'if-range': lastModified } })).status).toBe(200);
    expect((await fetch(url(), { headers: { range: `bytes=${bytes.length}-` } })).status).toBe(416);
  });

  it('can have a strong or a weak ETag, and no ranges', async () => {
    const other = await startBseePublisher({ etag: 'weak', ranges: false });
    try {
      const first = await fetch(other.archiveUrl('bsee.well'), { headers: { range: 'bytes=5-' } });
      await body(first);
      expect(first.status).toBe(200);
      const etag = first.headers.get('etag') as string;
      expect(etag).toMatch(/^W\/"/);
      expect((await fetch(other.archiveUrl('bsee.well'), { headers: { 'if-none-match': etag } })).status).toBe(304);
    } finally {
      await other.close();
    }
  });

  it('keeps a log of what was asked', async () => {
    await body(await fetch(url()));
    expect(bsee.requests).toEqual([
      expect.objectContaining({ method: 'GET', dataset: 'bsee.well', fault: null, path: '/Well/Files/APDRawData.zip' }),
    ]);
  });
});

describe('faults', () => {
  const statuses: ReadonlyArray<readonly [BseeFault, number]> = [
    [{ kind: 'html' }, 200],
    [{ kind: 'not-modified' }, 304],
    [{ kind: 'not-found' }, 404],
    [{ kind: 'server-error', status: 503 }, 503],
    [{ kind: 'rate-limited', retryAfterSeconds: 7 }, 429],
    [{ kind: 'redirect', to: 'http://169.254.169.254/latest' }, 302],
    [{ kind: 'redirect-loop' }, 302],
    [{ kind: 'untrusted-tls' }, 302],
  ];
  it.each(statuses)('%j answers %d, for as many requests as asked for', async (fault, status) => {
    bsee.set('bsee.well', fault, { requests: 1 });
    expect((await fetch(url(), { redirect: 'manual' })).status).toBe(status);
    expect((await fetch(url())).status).toBe(200);
  });

  it('Retry-After is in seconds or a date', async () => {
    bsee.set('bsee.well', { kind: 'rate-limited', retryAfterSeconds: 7 });
    expect((await fetch(url())).headers.get('retry-after')).toBe('7');
    bsee.set('bsee.well', { kind: 'rate-limited', retryAfterSeconds: 7, asDate: true });
    expect(Date.parse((await fetch(url())).headers.get('retry-after') as string)).toBeGreaterThan(Date.now() + 5_000);
  });

  it('a dropped connection can be resumed', async () => {
    const bytes = await body(await fetch(url()));
    bsee.set('bsee.well', { kind: 'drop', atByte: 1_500 }, { requests: 1 });
    const parts: Buffer[] = [];
    const response = await fetch(url());
    await expect(
      (async () => {
        for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) parts.push(Buffer.from(part));
      })(),
    ).rejects.toThrow();
    const first = Buffer.concat(parts);
    expect(first.length).toBe(1_500);
    const rest = await body(await fetch(url(), { headers: { range: `bytes=${first.length}-` } }));
    expect(Buffer.concat([first, rest]).equals(bytes)).toBe(true);
  });

  it('an archive that changes in the middle no longer fits its validator', async () => {
    bsee.set('bsee.well', { kind: 'changed-mid-resume', atByte: 1_500 }, { requests: 1 });
    const response = await fetch(url());
    await expect(response.arrayBuffer()).rejects.toThrow();
    const resumed = await fetch(url(), {
      headers: { range: 'bytes=1500-', 'if-range': response.headers.get('last-modified') as string },
    });
    expect(resumed.status).toBe(200);
  });

  it('a stall sends a part and then nothing', async () => {
    bsee.set('bsee.well', { kind: 'stall', atByte: 900 });
    const response = await fetch(url(), { signal: AbortSignal.timeout(400) });
    await expect(response.arrayBuffer()).rejects.toThrow(/timeout/);
    expect(bsee.requests[0]).toMatchObject({ status: 200, fault: 'stall' });
  });

  it('a wrong length ends the connection early', async () => {
    bsee.set('bsee.well', { kind: 'wrong-length', delta: 100 });
    await expect((await fetch(url())).arrayBuffer()).rejects.toThrow();
  });

  it('truncation is exact to the byte', async () => {
    const length = (await body(await fetch(url()))).length;
    bsee.set('bsee.well', { kind: 'truncate', bytes: 22 });
    expect((await body(await fetch(url()))).length).toBe(length - 22);
  });

  it('a certificate nobody vouches for is refused, and accepted where the check is off', async () => {
    await expect(fetch(`${bsee.tlsUrl}/Well/Files/APDRawData.zip`)).rejects.toThrow();
    const status = await new Promise((resolve, reject) => {
      httpsGet(`${bsee.tlsUrl}/Well/Files/APDRawData.zip`, { rejectUnauthorized: false }, (response) =>
        resolve(response.resume().statusCode),
      ).on('error', reject);
    });
    expect(status).toBe(200);
  });

  const contents: readonly BseeFault[] = [
    { kind: 'extra-column', member: 'mv_apd_main_all' },
    { kind: 'renamed-column', member: 'mv_apd_main_all', from: 'WATER_DEPTH', to: 'WTR_DEPTH' },
    { kind: 'missing-column', member: 'mv_apd_main_all' },
    { kind: 'bad-values', every: 5 },
    { kind: 'ragged-record' },
    { kind: 'unclosed-quote' },
    { kind: 'duplicate-keys', member: 'mv_apd_main_all' },
    { kind: 'fewer-rows' },
    { kind: 'empty-member' },
    { kind: 'header-only' },
  ];
  it.each(contents)('%j changes the member it names and nothing else', async (fault) => {
    const before = await bsee.truth('bsee.well');
    bsee.set('bsee.well', fault);
    const after = await bsee.truth('bsee.well');
    const named = 'member' in fault && fault.member ? fault.member : 'mv_apddata_all';
    expect(after.filter(({ sha256 }, i) => sha256 !== before[i]?.sha256).map(({ resource }) => resource)).toEqual([
      named,
    ]);
  });

  const archives: readonly BseeFault[] = [
    { kind: 'corrupt-crc' },
    { kind: 'corrupt-data' },
    { kind: 'missing-member' },
    { kind: 'no-members' },
    { kind: 'unsafe-entry' },
    { kind: 'encrypted' },
    { kind: 'bomb', megabytes: 8 },
    { kind: 'truncate-share', keep: 0.5 },
  ];
  it.each(archives)('%j changes the archive and leaves the members as they are', async (fault) => {
    const before = await body(await fetch(url()));
    const truth = await bsee.truth('bsee.well');
    bsee.set('bsee.well', fault);
    const after = await body(await fetch(url()));
    expect(after.equals(before)).toBe(false);
    expect(await bsee.truth('bsee.well')).toEqual(truth);
  });
});
