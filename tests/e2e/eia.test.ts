/**
 * EIA-930 as a person meets it: separate processes over Kafka, two fetchers with one key, and a publisher that counts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  describeWithKafka,
  observedContent,
  startCluster,
  startEiaPublisher,
  startPostgres,
  type EiaPublisher,
  type RunningDeployment,
  type RunningPostgres,
} from '@freshet/testing';
import { TOPICS, type RunView } from '@freshet/contracts';
import { startEcho } from './echo';

const KEY = 'a-key-of-the-simulator';
const NOW = new Date('2026-11-20T12:10:00Z');
const HOUR_WINDOW = { from: '2026-11-17T00:00:00Z', to: '2026-11-17T12:00:00Z' };
const DAY_BEFORE = { from: '2026-11-09T00:00:00Z', to: '2026-11-10T00:00:00Z' };
const SIX = ['demand', 'forecast', 'fuel-mix', 'interchange', 'net-generation', 'sub-ba-demand'].map(
  (name) => `eia.${name}`,
);

describeWithKafka('EIA-930 over Kafka', (kafka) => {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-eia-'));
  let publisher: EiaPublisher;
  let postgres: RunningPostgres;
  let freshet: RunningDeployment;

  beforeAll(async () => {
    [publisher, postgres] = await Promise.all([
      startEiaPublisher({ keys: [KEY], limit: { perSecond: 5, perHour: 4_800 }, now: () => NOW }),
      startPostgres(),
    ]);
    freshet = await startCluster({
      kafka: kafka(),
      postgres,
      publisher,
      folder,
      replicas: { fetcher: 2, loader: 2 },
      definitions: {
        '*': {
          retry: { maxAttempts: 4, initialDelay: '200ms', maxDelay: '2s' },
          concurrency: 'queue',
          // Small pages, so that there are many requests to limit.
          paging: { pageSize: 300 },
          timeseries: { backfill: { automatic: false } },
        },
      },
      env: { EIA_API_KEY: KEY },
    });
  }, 300_000);

  afterAll(async () => {
    await freshet?.stop();
    await publisher?.stop();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  const all = async (runs: readonly RunView[]): Promise<RunView[]> =>
    Promise.all(runs.map(({ id }) => freshet.client.waitForRun(id, { signal: AbortSignal.timeout(240_000) })));

  it('holds the limit of the key over two fetchers', async () => {
    const ended = await all(
      await freshet.client.startRefresh({ datasets: SIX, from: '2026-11-10T00:00:00Z', to: '2026-11-17T00:00:00Z' }),
    );
    expect(ended.map(({ dataset, state, failure }) => [dataset, state, failure?.message ?? null])).toEqual(
      SIX.map((dataset) => [dataset, 'published', null]),
    );
    expect(publisher.violations).toEqual([]);
    expect(publisher.requests.length).toBeGreaterThan(30);
    // Tasks go by chance: six of them may all meet the same fetcher.
    const workersOf = (runs: readonly RunView[]) =>
      new Set(runs.flatMap(({ attempts }) => attempts.map(({ worker }) => worker?.split('/')[0])));
    const runs = [...ended];
    for (let round = 0; round < 5 && workersOf(runs).size < 2; round++)
      runs.push(...(await all(await freshet.client.startRefresh({ datasets: SIX, ...DAY_BEFORE }))));
    expect(workersOf(runs).size).toBe(2);
    expect(publisher.violations).toEqual([]);
    for (const { path } of publisher.requests) expect(path).not.toContain(KEY);
  }, 300_000);

  it('stores the same hours ten times, asked for at once and delivered in disorder, as if it had been once', async () => {
    const refresh = () => freshet.client.startRefresh({ datasets: ['eia.fuel-mix'], ...HOUR_WINDOW });
    const [first] = await all(await refresh());
    expect(first?.state).toBe('published');
    const once = await observedContent(postgres.url, 'eia.fuel-mix');
    expect(once).toMatchObject({ revisions: 0 });
    expect(once.observations).toBeGreaterThan(12 * 5);
    const echo = await startEcho(
      kafka().brokers,
      [TOPICS.fetchRequested, TOPICS.chunkFetched, TOPICS.batchParsed, TOPICS.batchValidated, TOPICS.loadCommanded],
      1,
    );
    try {
      const runs = (await Promise.all(Array.from({ length: 10 }, refresh))).flat();
      expect(new Set(runs.map(({ id }) => id)).size).toBe(10);
      expect((await all(runs)).map(({ state }) => state)).toEqual(Array.from({ length: 10 }, () => 'unchanged'));
    } finally {
      await echo.stop();
    }
    // At least one copy of each chunk on each of its ways.
    expect(echo.count).toBeGreaterThan(30);
    expect(await observedContent(postgres.url, 'eia.fuel-mix')).toEqual(once);
    expect(await freshet.client.deadLetters()).toEqual([]);
  }, 300_000);
});
