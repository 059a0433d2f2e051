import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { observedContent, startEiaPublisher, startStandaloneProcess, type RunningPostgres } from '@freshet/testing';
import { round } from './floor';

const DATASETS = ['eia.demand', 'eia.forecast', 'eia.fuel-mix', 'eia.interchange'];
const LATENCY_MS = 50;
const KEY = 'a-key-of-the-simulator';
const NOW = new Date('2026-11-20T12:10:00Z');
const DAY = { from: '2026-11-15T00:00:00Z', to: '2026-11-16T00:00:00Z' };
const YEAR = { from: '2025-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z', only: ['PJM'] };

interface Figures {
  readonly seconds: number;
  readonly requests: number;
  readonly observations: number;
}

export interface EiaFigures {
  readonly latencyMs: number;
  /** 24 hours, five respondents, four datasets, from the request to the last publication. */
  readonly day: Figures;
  /** A year of one respondent, the same four datasets, one after the other as the rate limit lets them. */
  readonly backfill: Figures & { readonly partitions: number; readonly observationsPerSecond: number };
  /** Requests over the publisher's limit: none. */
  readonly violations: number;
  readonly peakRssBytes: Readonly<Record<string, number>>;
}

/** End to end against a simulated EIA that takes its time and counts, in one process, with the rate limit of the definitions. */
export async function measureEia(postgres: RunningPostgres, say: (line: string) => void): Promise<EiaFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-bench-eia-'));
  const limit = { perSecond: 5, perHour: 4_800 };
  const publisher = await startEiaPublisher({ latencyMs: LATENCY_MS, keys: [KEY], limit, now: () => NOW });
  const url = await postgres.createDatabase('bench_eia');
  const freshet = await startStandaloneProcess({
    postgres: { url },
    publisher,
    folder,
    definitions: { '*': { timeseries: { backfill: { automatic: false } } } },
    env: { EIA_API_KEY: KEY },
  });
  const stored = async (): Promise<number> => {
    const contents = await Promise.all(DATASETS.map((dataset) => observedContent(url, dataset)));
    return contents.reduce((sum, { observations }) => sum + observations, 0);
  };
  try {
    let began = performance.now();
    const runs = await freshet.client.startRefresh({ datasets: DATASETS, ...DAY });
    const ended = await Promise.all(
      runs.map(({ id }) => freshet.client.waitForRun(id, { minPollMs: 50, maxPollMs: 100 })),
    );
    const failed = ended.find(({ state }) => state !== 'published');
    if (failed) throw new Error(`${failed.dataset} ended ${failed.state}: ${failed.failure?.message}`);
    const day = { seconds: since(began), requests: publisher.requests.length, observations: await stored() };
    say(`eia: a day of five respondents in ${day.seconds} s, ${day.requests} requests`);

    publisher.forget();
    began = performance.now();
    const backfills = await Promise.all(DATASETS.map((dataset) => freshet.client.startBackfill(dataset, YEAR)));
    let partitions = 0;
    for (const { id } of backfills) {
      let backfill = await freshet.client.backfill(id);
      for (; backfill.state === 'running'; backfill = await freshet.client.backfill(id)) await pause(100);
      if (backfill.state !== 'done') throw new Error(`the backfill of ${backfill.dataset} ended ${backfill.state}`);
      partitions += Object.values(backfill.counts).reduce((sum, count) => sum + count, 0);
    }
    const seconds = since(began);
    const observations = (await stored()) - day.observations;
    say(`eia: a year of one respondent in ${seconds} s, ${publisher.requests.length} requests`);
    return {
      latencyMs: LATENCY_MS,
      day,
      backfill: {
        seconds,
        requests: publisher.requests.length,
        observations,
        partitions,
        observationsPerSecond: Math.round(observations / seconds),
      },
      violations: publisher.violations.length,
      peakRssBytes: freshet.supervisor.peakRss(),
    };
  } finally {
    await freshet.stop();
    await publisher.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const since = (began: number): number => round((performance.now() - began) / 1000);
