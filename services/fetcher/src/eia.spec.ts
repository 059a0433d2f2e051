import { Catalog, loadCatalog } from '@freshet/catalog';
import { encodeMessage, TOPICS, type TaskSpec } from '@freshet/contracts';
import { silentLogger, type DatasetDefinition, type FailureCode } from '@freshet/domain';
import { startEiaPublisher, type EiaFault, type EiaPublisher, type EiaRoute } from '@freshet/testing/publishers';
import { FetchJobs } from './jobs/fetch-jobs';
import { DEFAULT_OPTIONS } from './options';
import { eventually, FakeBroker, FakeWorker, RUN, spec, TASK } from './testing/parts';

const NOW = new Date('2026-11-20T13:00:00Z');
const SECRET = 'simulated-key-0123456789';
const WINDOW = { from: '2026-11-10T00:00:00Z', to: '2026-11-13T00:00:00Z' };
const RESPONDENTS = ['PJM', 'CISO', 'MISO', 'ERCO', 'SWPP'];
const ROUTES: Readonly<Record<string, { route: EiaRoute; facets: Record<string, string | string[]> }>> = {
  'eia.demand': { route: 'region-data', facets: { respondent: RESPONDENTS, type: 'D' } },
  'eia.forecast': { route: 'region-data', facets: { respondent: RESPONDENTS, type: 'DF' } },
  'eia.net-generation': { route: 'region-data', facets: { respondent: RESPONDENTS, type: ['NG', 'TI'] } },
  'eia.fuel-mix': { route: 'fuel-type-data', facets: { respondent: RESPONDENTS } },
  'eia.interchange': { route: 'interchange-data', facets: { fromba: RESPONDENTS } },
};

const catalog = loadCatalog();
let eia: EiaPublisher;
beforeAll(async () => {
  eia = await startEiaPublisher({ now: () => NOW, keys: [SECRET] });
});
afterAll(() => eia.stop());
afterEach(() => {
  eia.reset();
  eia.dialect = 'new';
  eia.forget();
});

interface Fetched {
  readonly worker: FakeWorker;
  readonly rows: Array<Record<string, unknown>>;
}

/** One attempt at a built-in dataset, at the simulated publisher. */
async function fetchDataset(
  id: string,
  over: Partial<DatasetDefinition> = {},
  asked: Partial<TaskSpec> = {},
): Promise<Fetched> {
  const built = catalog.get(id);
  const definition: DatasetDefinition = {
    ...built,
    access: [{ kind: 'api', url: eia.dataUrl(ROUTES[id]?.route ?? 'region-data') }],
    allowPrivateHosts: eia.hosts,
    retry: { maxAttempts: 2, initialDelayMs: 1, maxDelayMs: 2 },
    timeouts: { connectMs: 2000, stallMs: 300, totalMs: 20_000, growth: 0 },
    ...over,
  };
  const { contentVersion } = definition;
  const worker = new FakeWorker();
  worker.spec = spec({ dataset: id, contentVersion, window: WINDOW, ...asked });
  const broker = new FakeBroker();
  const options = { ...DEFAULT_OPTIONS, chunkBytes: 16_384, secrets: new Map([['EIA_API_KEY', SECRET]]) };
  const who = { service: 'fetcher', instance: 'x' };
  const jobs = new FetchJobs(worker, broker, new Catalog([definition]), options, who, silentLogger);
  const meta = { type: 'fetch.requested', dataset: id, runId: RUN, taskId: TASK, attempt: 1, contentVersion } as const;
  const place = { partition: 0, offset: '0', delivery: 1, headers: {}, signal: new AbortController().signal };
  await jobs.handle({ topic: TOPICS.fetchRequested, key: TASK, value: encodeMessage(meta), ...place });
  await eventually('the job to end', () => jobs.downloads === 0, 15_000);
  await jobs.stop();
  const chunks = broker.chunks.sort((a, b) => a.meta.chunk - b.meta.chunk);
  const lines = chunks.flatMap(({ body }) => body.toString('utf8').split('\n').slice(0, -1));
  expect(JSON.stringify([worker.completed, worker.failed, lines])).not.toContain(SECRET);
  return { worker, rows: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('datasets of the EIA', () => {
  it.each(Object.entries(ROUTES))('%s is exactly what was published, page by page', async (id, { route, facets }) => {
    const built = catalog.get(id);
    const paging = built.paging && { ...built.paging, pageSize: 500 };
    const { worker, rows } = await fetchDataset(id, { paging });
    expect(worker.failed).toEqual([]);
    const truth = eia.truth(route, facets, '2026-11-10T01', '2026-11-13T00');
    const key = (row: Record<string, unknown>): string => JSON.stringify(row);
    expect(rows.map(key).sort()).toEqual(truth.map((row) => key({ ...row })).sort());
    expect(rows.length).toBeGreaterThan(300);
    const [manifest] = worker.completed;
    expect(manifest).toMatchObject({ selected: RESPONDENTS, window: WINDOW, resources: [{ records: rows.length }] });
    expect(manifest?.requests?.reduce((sum, request) => sum + request.records, 0)).toBe(rows.length);
    expect(worker.permits).toBe(manifest?.requests?.length);
    expect(eia.requests.every((request) => request.key !== null && !('api_key' in request.params))).toBe(true);
  });

  it.each(['new', 'old'] as const)('are read in the %s dialect, with parameters in a header too', async (dialect) => {
    eia.dialect = dialect;
    const built = catalog.get('eia.fuel-mix');
    const paging = built.paging && { ...built.paging, style: 'header' as const };
    const { worker, rows } = await fetchDataset('eia.fuel-mix', { paging });
    expect(worker.failed).toEqual([]);
    expect(rows).toHaveLength(
      eia.truth('fuel-type-data', { respondent: RESPONDENTS }, '2026-11-10T01', '2026-11-13T00').length,
    );
    expect(eia.requests.map(({ style }) => style)).toEqual(eia.requests.map(() => 'header'));
  });

  it('are asked for in one request where a page can hold them', async () => {
    await fetchDataset('eia.demand');
    expect(eia.requests).toHaveLength(1);
  });

  it('have a name for a respondent that published nothing', async () => {
    eia.gap({ route: 'region-data', respondent: 'SWPP', type: 'D', from: '2026-11-01T00', to: '2026-11-19T00' });
    const { worker } = await fetchDataset('eia.demand');
    expect(worker.completed[0]?.requests?.at(-1)?.warnings).toContain('no rows for SWPP');
    const nothing = await fetchDataset('eia.demand', {}, { only: ['SPP'] });
    expect(nothing.worker.failed).toMatchObject([{ failure: { code: 'resource_empty' } }]);
    expect(nothing.worker.failed[0]?.failure.message).toContain('SWPP');
  });
});

/** Every fault of the simulated publisher, and what must become of it. */
const FAULTS: ReadonlyArray<readonly [EiaFault, FailureCode | 'fetched']> = [
  [{ kind: 'server-error', times: 3 }, 'fetched'],
  [{ kind: 'server-error' }, 'http_server_error'],
  [{ kind: 'html' }, 'payload_html'],
  [{ kind: 'rate-limited' }, 'rate_limited'],
  [{ kind: 'rate-limited-html' }, 'rate_limited'],
  [{ kind: 'suspended' }, 'rate_limited'],
  [{ kind: 'key-refused' }, 'api_key_refused'],
  [{ kind: 'error-in-200' }, 'api_error'],
  [{ kind: 'gate-error-in-200' }, 'rate_limited'],
  [{ kind: 'total-changes', after: 1 }, 'total_changed'],
  [{ kind: 'total-missing' }, 'payload_unknown'],
  [{ kind: 'short-page', times: 1 }, 'fetched'],
  [{ kind: 'long-page', times: 1 }, 'fetched'],
  [{ kind: 'empty-page' }, 'payload_incomplete'],
  [{ kind: 'wrong-order' }, 'fetched'],
  [{ kind: 'cut-body', times: 2 }, 'fetched'],
  [{ kind: 'cut-body' }, 'connection_lost'],
  [{ kind: 'cut-json', times: 2 }, 'fetched'],
  [{ kind: 'cut-json' }, 'payload_incomplete'],
  [{ kind: 'slow-body', everyMs: 5 }, 'fetched'],
  [{ kind: 'stall', times: 1 }, 'fetched'],
  [{ kind: 'no-values' }, 'fetched'],
  [{ kind: 'drop', times: 2 }, 'fetched'],
  [{ kind: 'drop' }, 'connection_lost'],
];

describe('a fault of the EIA', () => {
  it.each(FAULTS)('%j ends as %s', async (fault, ending) => {
    const built = catalog.get('eia.demand');
    // Several pages, one question: the estimate is told to be low.
    const paging = built.paging && { ...built.paging, pageSize: 150, recordsPerHour: 0.1 };
    eia.fault(fault);
    const { worker, rows } = await fetchDataset('eia.demand', { paging });
    const [failed] = worker.failed;
    expect(failed?.failure.code ?? worker.completed[0]?.outcome).toBe(ending);
    if (failed) expect(failed.failure.nextStep.length).toBeGreaterThan(20);
    else expect(rows).toHaveLength(360);
    expect(worker.coolDowns.length).toBe(ending === 'rate_limited' ? 1 : 0);
    expect(worker.permits).toBe(eia.requests.length);
  });
});
