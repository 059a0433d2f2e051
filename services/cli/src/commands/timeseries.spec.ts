import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckResultView, LineageView, ObservationView, SeriesView } from '@freshet/contracts';
import { runCli } from '../program';
import { BSEE, runId } from '../testing/fake-coordinator';
import { fakeWorld } from '../testing/fake-world';

interface Asked {
  readonly path: string;
  readonly query: Record<string, string>;
  readonly accept: string;
}
interface Answer {
  readonly status?: number;
  readonly json?: unknown;
  readonly body?: Uint8Array;
  readonly type?: string;
  readonly next?: string;
}

const observation = (hour: number, over: Partial<ObservationView> = {}): ObservationView => ({
  series: 'PJM.demand',
  startsAt: `2026-11-19T0${hour}:00:00.000Z`,
  endsAt: `2026-11-19T0${hour + 1}:00:00.000Z`,
  value: '90000.50',
  unit: 'MWh',
  quality: 'good',
  correctedStartsAt: null,
  firstSeen: '2026-11-19T12:15:00.000Z',
  revisions: 0,
  ...over,
});
const series = (name: string, aggregate = false): SeriesView => ({
  dataset: 'eia.demand',
  name,
  respondent: name.split('.')[0] ?? '',
  aggregate,
  kind: 'demand',
  unit: 'MWh',
  codes: {},
  resolutionSeconds: 3600,
  firstStartsAt: '2026-11-01T00:00:00.000Z',
  lastEndsAt: '2026-11-20T09:00:00.000Z',
});

describe('freshet on time series', () => {
  let server: Server;
  let url: string;
  let folder: string;
  let asked: Asked[];
  let answers: Record<string, (asked: Asked) => Answer>;

  beforeEach(async () => {
    asked = [];
    answers = { datasets: () => ({ json: [...BSEE, { ...BSEE[0], id: 'eia.demand', mode: 'timeseries' }] }) };
    folder = mkdtempSync(join(tmpdir(), 'freshet-cli-'));
    server = createServer((request, response) => {
      const at = new URL(request.url ?? '', 'http://x');
      const path = at.pathname.replace('/api/v1/', '');
      const one = { path, query: Object.fromEntries(at.searchParams), accept: request.headers.accept ?? '' };
      asked.push(one);
      const answer = answers[path]?.(one) ?? { status: 404, json: { error: `no such thing: ${path}` } };
      response.writeHead(answer.status ?? 200, {
        'content-type': answer.type ?? 'application/json',
        ...(answer.next === undefined ? {} : { 'freshet-next-cursor': answer.next }),
      });
      response.end(answer.body ?? JSON.stringify(answer.json));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  const run = async (...argv: string[]): Promise<{ code: number; out: string; err: string }> => {
    const world = fakeWorld({ FRESHET_URL: url, FRESHET_TOKEN: 't' }, { cwd: folder });
    return { code: await runCli(argv, world), out: world.out(), err: world.err() };
  };
  const last = (): Asked | undefined => asked.at(-1);

  it('lists series until when they have data, page by page', async () => {
    answers['series'] = ({ query }) =>
      query['cursor'] === undefined
        ? { json: { items: [series('CISO.demand')], next: 'c' } }
        : { json: { items: [series('US48.demand', true)], next: null } };
    const { code, out } = await run('series', 'eia.demand', '--respondent', 'CAISO');
    expect(code).toBe(0);
    expect(out).toMatch(/CISO\.demand +eia\.demand +CISO +demand +MWh +2026-11-01 00:00:00Z +2026-11-20 09:00:00Z/);
    expect(out).toContain('US48 (a sum over others)');
    expect(last()?.query).toEqual({ dataset: 'eia.demand', respondent: 'CAISO', cursor: 'c' });
    const { out: json } = await run('series', '--json');
    expect(JSON.parse(json)).toMatchObject({ items: [{ name: 'CISO.demand' }, { name: 'US48.demand' }], next: null });
    expect((await run('series', 'eia.demnd')).code).toBe(2);
  });

  describe('observations', () => {
    it('shows the last 48 hours when no window is named, and says when it cuts', async () => {
      const items = [observation(0), observation(1, { value: null, quality: 'missing', revisions: 2 })];
      answers['observations'] = () => ({ json: { items, next: 'c' } });
      const { out, err } = await run('observations', 'PJM.demand', 'CAISO.demand', '--limit', '2');
      expect(last()?.query).toEqual({
        series: 'PJM.demand,CAISO.demand',
        from: '2026-11-18T10:00:00.000Z',
        limit: '2',
      });
      expect(out).toMatch(/PJM\.demand +2026-11-19 00:00:00Z +2026-11-19 01:00:00Z +90000\.50 +MWh +good/);
      expect(out).toMatch(/- +MWh +missing +2×/);
      expect(err).toContain('The last 48 hours');
      expect(err).toContain('Cut after 2 rows');
    });

    it('takes times as people write them', async () => {
      answers['observations'] = () => ({ json: { items: [], next: null } });
      const { out } = await run(
        ...['observations', '--dataset', 'eia.demand', '--from', '2026-11-19T05', '--to', '2026-11-20'],
        ...['--as-of', '2026-11-20 01:00'],
      );
      expect(last()?.query).toEqual({
        dataset: 'eia.demand',
        from: '2026-11-19T05:00:00Z',
        to: '2026-11-20',
        'as-of': '2026-11-20T01:00:00Z',
        limit: '1000',
      });
      expect(out).toContain('Nothing is stored in this window.');
      expect((await run('observations', 'PJM.demand', '--from', 'monday')).code).toBe(2);
      expect((await run('observations')).err).toContain('which series?');
    });

    it('gives the page of the API with --json', async () => {
      answers['observations'] = () => ({ json: { items: [observation(0)], next: null } });
      const { out } = await run('observations', 'PJM.demand', '--from', '2026-11-19', '--json');
      expect(JSON.parse(out)).toEqual({ items: [observation(0)], next: null });
    });

    const csvPages = (): void => {
      answers['observations'] = ({ query, accept }) => ({
        type: accept,
        body: Buffer.from(`series,value\r\nPJM.demand,${query['cursor'] === undefined ? '1.50' : '2.50'}\r\n`),
        next: query['cursor'] === undefined ? 'c' : undefined,
      });
    };

    it('writes all pages as one CSV, to standard output or a file', async () => {
      csvPages();
      const whole = 'series,value\r\nPJM.demand,1.50\r\nPJM.demand,2.50\r\n';
      expect((await run('observations', 'PJM.demand', '--format', 'csv')).out).toBe(whole);
      expect(last()?.query).toEqual({ series: 'PJM.demand', cursor: 'c' });
      const { code, out } = await run('observations', 'PJM.demand', '--out', 'x.csv');
      expect({ code, out }).toEqual({ code: 0, out: `${join(folder, 'x.csv')}  (${whole.length} B)\n` });
      expect(readFileSync(join(folder, 'x.csv'), 'utf8')).toBe(whole);
    });

    it('writes a JSON array of all pages', async () => {
      answers['observations'] = ({ query }) =>
        query['cursor'] === undefined
          ? { json: { items: [observation(0), observation(1)], next: 'c' } }
          : { json: { items: [observation(2)], next: null } };
      const { out } = await run('observations', 'PJM.demand', '--format', 'json');
      expect(JSON.parse(out)).toEqual([observation(0), observation(1), observation(2)]);
      answers['observations'] = () => ({ json: { items: [], next: null } });
      expect((await run('observations', 'PJM.demand', '--format', 'json')).out).toBe('[]\n');
    });

    it('writes a binary file a page', async () => {
      answers['observations'] = ({ query, accept }) => ({
        type: accept,
        body: Uint8Array.from([80, 65, 255, query['cursor'] === undefined ? 1 : 2]),
        next: query['cursor'] === undefined ? 'c' : undefined,
      });
      const { code, err } = await run('observations', 'PJM.demand', '--out', 'x.parquet');
      expect(code).toBe(0);
      expect(last()?.accept).toBe('application/vnd.apache.parquet');
      expect(err).toContain('read all 2 as one table');
      expect(readdirSync(folder).sort()).toEqual(['x-2.parquet', 'x.parquet']);
      expect([...readFileSync(join(folder, 'x-2.parquet'))]).toEqual([80, 65, 255, 2]);
      expect((await run('observations', 'PJM.demand', '--format', 'arrow')).err).toContain('Add --out');
      expect((await run('observations', 'PJM.demand', '--out', 'x.xls')).code).toBe(2);
    });

    it('leaves nothing half-written behind', async () => {
      answers['observations'] = ({ query }) =>
        query['cursor'] === undefined
          ? { type: 'text/csv', body: Buffer.from('series\r\nPJM.demand\r\n'), next: 'c' }
          : { status: 500, json: { error: 'something went wrong here' } };
      expect((await run('observations', 'PJM.demand', '--out', 'x.csv')).code).toBe(1);
      expect(readdirSync(folder)).toEqual([]);
      csvPages();
      expect(await run('observations', 'PJM.demand', '--out', 'no/such/folder/x.csv')).toMatchObject({
        code: 1,
        err: expect.stringContaining('cannot be written: ENOENT'),
      });
    });
  });

  const step = (value: string, over: Partial<LineageView['steps'][number]> = {}): LineageView['steps'][number] => ({
    value,
    quality: 'good',
    seenAt: '2026-11-20T05:15:03.000Z',
    runId: runId(7),
    taskId: runId(8),
    attempt: 1,
    contentVersion: 'abcdef0123456789',
    chunk: 3,
    row: 17,
    request: {
      url: 'https://api.eia.gov/v2/electricity/rto/region-data/data?frequency=hourly&facets%5Btype%5D%5B%5D=D',
      at: '2026-11-20T05:15:03.000Z',
      ms: 412,
      status: 200,
      bytes: 12_345,
      sha256: 'cd'.repeat(32),
      records: 72,
      chunks: [3, 3],
      warnings: ['incomplete return'],
    },
    source: `{"value":"${value}"}`,
    late: false,
    ...over,
  });

  it('tells where a value came from, and what it replaced', async () => {
    const view: LineageView = {
      dataset: 'eia.demand',
      series: 'PJM.demand',
      startsAt: '2026-11-19T05:00:00.000Z',
      endsAt: '2026-11-19T06:00:00.000Z',
      steps: [step('90000.50'), step('879', { request: null, late: true })],
      lastConfirmed: { at: '2026-11-20T09:15:02.000Z', runId: runId(9) },
    };
    answers['lineage'] = () => ({ json: view });
    const { code, out } = await run('lineage', 'PJM.demand', '2026-11-19T05');
    expect(code).toBe(0);
    expect(last()?.query).toEqual({ series: 'PJM.demand', time: '2026-11-19T05:00:00Z' });
    expect(out).toBe(`PJM.demand, 2026-11-19 05:00:00Z to 2026-11-19 06:00:00Z (eia.demand)
  value        90000.50 (good)
  seen         2026-11-20 05:15:03Z
  run          ${runId(7)}, task ${runId(8)}, attempt 1
  request      https://api.eia.gov/v2/electricity/rto/region-data/data?frequency=hourly&facets[type][]=D
  answered     2026-11-20 05:15:03Z, HTTP 200 after 412 ms, 12.3 kB
  sha256       ${'cd'.repeat(32)}
  warning      incomplete return
  position     chunk 3, row 17
  definition   abcdef0123456789
  as received  {"value":"90000.50"}
  confirmed    2026-11-20 09:15:02Z by run ${runId(9)}

Earlier values, newest first

  value        879 (good)
  seen         2026-11-20 05:15:03Z, in an answer older than the one stored
  run          ${runId(7)}, task ${runId(8)}, attempt 1
  position     chunk 3, row 17
  definition   abcdef0123456789
  as received  {"value":"879"}
`);
    expect(JSON.parse((await run('lineage', 'PJM.demand', '2026-11-19T05', '--json')).out)).toEqual(view);
  });

  it('stand in the status with until when there is data, and what checks found', async () => {
    const extent = { series: 5, dataUntil: '2026-11-20T08:00:00.000Z' };
    const demand = (checks: object | null) => ({
      ...BSEE[0],
      id: 'eia.demand',
      generation: null,
      timeseries: { ...extent, checks },
    });
    answers['datasets'] = () => ({ json: [...BSEE, demand({ made: 9, noted: 3, suspect: 2, held: 0 })] });
    const { out } = await run('status');
    expect(out).toMatch(/dataset +freshness +generation +rows +data until +checks +confirmed/);
    expect(out).toMatch(/eia\.demand +fresh +- +1,234,567 +2026-11-20 08:00:00Z +2 suspect, 3 noted +1 h ago/);
    answers['datasets'] = () => ({ json: [demand({ made: 9, noted: 0, suspect: 0, held: 0 }), demand(null)] });
    expect((await run('status')).out).toMatch(/Z +9 passed +1 h.*\n.*Z +- +1 h/);
    answers['datasets'] = () => ({ json: BSEE });
    expect((await run('status')).out).not.toContain('data until');
  });

  it('passes on what the coordinator says about a name it does not know', async () => {
    answers['lineage'] = () => ({
      status: 404,
      json: {
        error: 'there is no series "PJM.demnd"; did you mean PJM.demand?',
        nextStep: 'freshet series lists them.',
      },
    });
    expect(await run('lineage', 'PJM.demnd', '2026-11-19')).toEqual({
      code: 2,
      out: '',
      err: 'freshet: there is no series "PJM.demnd"; did you mean PJM.demand?\nfreshet series lists them.\n',
    });
  });

  it('shows what checks found, with examples of one run', async () => {
    const result: CheckResultView = {
      dataset: 'eia.demand',
      runId: runId(7),
      name: 'balance',
      kind: 'balance',
      severity: 'note',
      from: '2026-11-17T00:00:00.000Z',
      to: '2026-11-20T00:00:00.000Z',
      evaluated: 1325,
      failed: 197,
      examples: [
        { series: 'PJM.demand', startsAt: '2026-11-19T05:00:00.000Z', value: '90000', detail: 'NG - TI is 89990' },
      ],
      checkedAt: '2026-11-20T05:15:04.000Z',
    };
    const passed = { ...result, name: 'spike', kind: 'spike', failed: 0, examples: [] };
    answers['checks'] = () => ({ json: { items: [result, passed], next: null } });
    const { out, err } = await run('checks', 'eia.demand');
    expect(last()?.query).toEqual({ dataset: 'eia.demand', limit: '50' });
    expect(out).toMatch(/eia\.demand +00000000-0000-4000-8000-000000000007 +balance +197 of 1,325 +note/);
    expect(out).toMatch(/spike +0 of 1,325 {2,}2026/);
    expect(err).toContain('freshet checks --run');
    const ofRun = await run('checks', '--run', runId(7));
    expect(ofRun.out).toContain('balance: 197 failed, for example');
    expect(ofRun.out).toContain('NG - TI is 89990');
    expect((await run('checks', '--run', 'seven')).code).toBe(2);
  });

  it('has the checks of a dataset look at its last days', async () => {
    answers['datasets/eia.demand/health-check'] = () => ({
      json: { dataset: 'eia.demand', from: '2026-11-13T12:00:00.000Z', to: '2026-11-20T12:00:00.000Z' },
    });
    const { out, code } = await run('checks', 'eia.demand', '--now');
    expect(out).toContain('2026-11-13 12:00:00Z to 2026-11-20 12:00:00Z');
    expect(code).toBe(0);
    expect((await run('checks', '--now')).code).toBe(2);
  });
});
