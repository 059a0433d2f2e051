import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalog } from '@freshet/catalog';
import { probe, renderProbe, type PagedFinding, type ProbeReport } from '@freshet/publisher';
import { writeSimulatedDefinitions } from '@freshet/testing/processes';
import { startEiaPublisher, type EiaPublisher, type EiaPublisherOptions } from '@freshet/testing/publishers';
import { freshet as run } from './freshet';

const KEY = 'a-key-of-forty-characters-0123456789abcd';
const NOW = new Date('2026-11-20T12:58:00Z');

/** Doctor asks every publisher: nobody outside of this machine. */
const NOBODY = { url: 'http://127.0.0.1:9', hosts: ['127.0.0.1:9'] };

describe('freshet probe, on the simulated EIA', () => {
  jest.setTimeout(60_000);
  let eia: EiaPublisher;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'freshet-probe-eia-'));
  });
  afterEach(async () => {
    await eia.stop();
    rmSync(folder, { recursive: true });
  });

  async function start(options: EiaPublisherOptions = {}): Promise<void> {
    eia = await startEiaPublisher({ keys: [KEY], now: () => NOW, ...options });
    writeSimulatedDefinitions(folder, { url: eia.url, hosts: eia.hosts, source: 'eia' });
    writeSimulatedDefinitions(folder, { ...NOBODY, source: 'bsee' });
  }

  /** Without the pauses between questions; `waited` gets them. */
  async function probed(name: string, key: string | null = KEY, waited: number[] = []): Promise<ProbeReport> {
    const definitions = loadCatalog({ extraFolder: folder }).find(name);
    const secrets = new Map(key === null ? [] : [['EIA_API_KEY', key]]);
    return probe(definitions, { secrets, clock: { now: () => NOW }, sleep: async (ms) => void waited.push(ms) });
  }
  /** The command, on the clock of the publisher. */
  const freshet = (line: string, secrets = {}): ReturnType<typeof run> =>
    run(line, { FRESHET_DATASETS_DIR: folder }, secrets, () => NOW);
  const pagedOf = ({ datasets }: ProbeReport): PagedFinding | null | undefined => datasets[0]?.paged;

  it('says what would be used and why, in four small questions', async () => {
    await start();
    const report = await probed('eia.demand');
    expect(report.datasets).toMatchObject([
      {
        access: { kind: 'api', url: `${eia.url}/v2/electricity/rto/region-data/data`, skipped: [] },
        failure: null,
        paged: {
          withoutKey: '403 API_KEY_MISSING',
          key: { variable: 'EIA_API_KEY', header: 'X-Api-Key', verdict: 'accepted', repeated: false },
          metadata: {
            start: '2019-01-01T00',
            frequencies: ['hourly', 'local-hourly'],
            version: '2.1.14',
            failure: null,
          },
          sample: {
            ...{ value: 'PJM', from: '2026-11-17T13:00:00.000Z', totalAs: 'text', valueAs: 'text' },
            ...{
              missing: [],
              unknown: [],
              warnings: [{ at: 'warnings', said: expect.stringMatching(/^incomplete return/) }],
            },
          },
          styles: [
            { style: 'query', verdict: 'works' },
            { style: 'header', verdict: 'works' },
          ],
        },
      },
    ]);
    const { metadata, sample, answeredMs } = pagedOf(report) ?? {};
    // The newest hour of the route is a forecast.
    expect(metadata?.ageSeconds).toBeLessThan(0);
    expect(sample?.total).toBe(
      eia.truth('region-data', { respondent: 'PJM', type: 'D' }, '2026-11-17T14', '2026-11-20T13').length,
    );
    expect(answeredMs).toHaveLength(4);
    expect(eia.requests.map(({ rows }) => rows)).toEqual([0, 0, 1, 1]);
    expect(eia.requests.map(({ key }) => key !== null)).toEqual([false, true, true, true]);
    const text = renderProbe(report);
    expect(text).toContain('API: named by the definitions, so none is looked for');
    expect(text).toMatch(
      /would use +api: http.*region-data\/data, parameters in the URL, key in the header X-Api-Key$/m,
    );
    expect(text).toMatch(/key +accepted \(EIA_API_KEY, in the header X-Api-Key\)$/m);
    expect(text).not.toContain(KEY);
  });

  it('notices the older dialect', async () => {
    await start({ dialect: 'old' });
    expect(pagedOf(await probed('eia.fuel-mix'))).toMatchObject({
      metadata: { version: '2.0.3', ageSeconds: expect.any(Number) },
      sample: { totalAs: 'number', valueAs: 'number', warnings: [{ at: 'response.warnings' }] },
    });
  });

  it('asks evenly, below the limit of the definition', async () => {
    await start();
    const waited: number[] = [];
    const report = await probed('eia', KEY, waited);
    expect(report.datasets).toHaveLength(6);
    expect(report.datasets.every(({ access }) => access !== null)).toBe(true);
    // Every question but the first would come too early.
    expect(waited).toHaveLength(eia.requests.length - 1);
  });

  it('says where a key is to be had when none is set, after the one question that needs none', async () => {
    await start();
    const { code, out, err } = await freshet('probe eia.demand');
    expect(code).toBe(1);
    expect(out).toMatch(/fails +api_key_refused: eia\.demand needs a key, and EIA_API_KEY is not set here$/m);
    expect(out).toMatch(/what to do +A key is to be had at https:.*register\.php\. Set EIA_API_KEY/m);
    expect(out).toMatch(/without key +403 API_KEY_MISSING$/m);
    expect(err + out).not.toMatch(/ at .*\.ts:|Error:/);
    expect(eia.requests).toHaveLength(1);
  });

  it('takes the key from the variable that the definition names, and never shows it', async () => {
    await start();
    const good = await freshet('probe eia.demand', { EIA_API_KEY: KEY });
    expect(good).toMatchObject({ code: 0, out: expect.stringMatching(/^ +key +accepted/m) });
    const wrong = 'not-a-key-of-anybody-0123456789abcdef';
    const refused = await freshet('probe eia.demand --json', { EIA_API_KEY: wrong });
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.out)).toMatchObject({
      datasets: [{ access: null, failure: { code: 'api_key_refused' }, paged: { key: { verdict: 'refused' } } }],
    });
    expect(good.out + good.err + refused.out + refused.err).not.toMatch(new RegExp(`${KEY}|${wrong}`));
  });

  it('leaves a publisher alone that has had enough', async () => {
    await start();
    eia.fault({ kind: 'suspended' });
    const report = await probed('eia');
    expect(report.datasets.map(({ failure }) => failure?.code)).toEqual(Array(6).fill('rate_limited'));
    expect(eia.requests).toHaveLength(3);
  });

  it.each([
    ['html', 'payload_html'],
    ['server-error', 'http_server_error'],
    ['error-in-200', 'api_error'],
    ['cut-json', 'payload_unknown'],
    ['total-missing', 'payload_unknown'],
    ['long-page', 'api_error'],
  ] as const)('reports %s as %s', async (kind, code) => {
    await start();
    eia.fault({ kind });
    const report = await probed('eia.demand');
    expect(report.datasets).toMatchObject([{ access: null, failure: { code } }]);
    expect(pagedOf(report)?.metadata?.failure).toBeNull();
  });

  it('says that a code has no rows, and which columns are not there', async () => {
    await start();
    eia.fault({ kind: 'no-values' });
    expect(pagedOf(await probed('eia.demand'))?.sample?.missing).toEqual(['value', 'value-units']);
    eia.reset();
    eia.gap({ respondent: 'PJM', type: 'D', from: '2026-11-01T00', to: '2026-12-01T00' });
    const { datasets } = await probed('eia.demand');
    expect(datasets[0]?.failure).toMatchObject({
      code: 'resource_empty',
      message: expect.stringContaining('nothing for PJM since 2026-11-17T13:00'),
    });
  });

  it('reports a publisher that cannot be reached', async () => {
    await start();
    await eia.stop();
    expect((await probed('eia.demand')).datasets[0]).toMatchObject({
      access: null,
      failure: { code: 'connect_failed' },
    });
  });

  it('is what doctor asks in short: one question for each dataset, and none that needs a key it does not have', async () => {
    await start();
    const of = (out: string): string[] =>
      out.split('\n').filter((line) => /^this machine +publisher of eia\./.test(line));
    const without = of((await freshet('doctor')).out);
    expect(without).toHaveLength(6);
    for (const line of without)
      expect(line).toMatch(/ ok +api http.*\/data, without the key: EIA_API_KEY is not set here$/);
    expect(eia.requests).toHaveLength(6);
    const good = of((await freshet('doctor', { EIA_API_KEY: KEY })).out);
    for (const line of good) expect(line).toMatch(/ ok +api http.*\/data$/);
    const wrong = await freshet('doctor', { EIA_API_KEY: 'wrong-0123456789' });
    expect(of(wrong.out)).toHaveLength(6);
    for (const line of of(wrong.out)) expect(line).toMatch(/ FAILED +api_key_refused: the publisher refuses the key/);
    expect(wrong.out).toMatch(
      /^publisher of eia\.demand, publisher of .*: A key is to be had at .*register\.php\. Set EIA_API_KEY/m,
    );
    expect(wrong.out + wrong.err).not.toContain('wrong-0123456789');
    eia.fault({ kind: 'suspended' });
    eia.forget();
    const suspended = await freshet('doctor', { EIA_API_KEY: KEY });
    expect(of(suspended.out)).toHaveLength(6);
    for (const line of of(suspended.out)) expect(line).toMatch(/ FAILED +rate_limited/);
    expect(eia.requests).toHaveLength(1);
  });
});
