import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunView } from '@freshet/contracts';
import {
  observedContent,
  publishedContent,
  startPostgres,
  startStandaloneProcess,
  type ContentFigure,
  type ObservedContent,
} from '@freshet/testing';
import type { FreshetClient } from '@freshet/client';

export const ARCHIVES = ['bsee.production', 'bsee.war', 'bsee.well'] as const;
export const SERIES = ['eia.demand', 'eia.forecast', 'eia.fuel-mix', 'eia.interchange'] as const;
const DAY_MS = 86_400_000;
const midnight = Math.floor(Date.now() / DAY_MS - 17) * DAY_MS;
/** A day of the past: what the simulated publisher has of it does not change while the suite runs. */
export const DAY = { from: new Date(midnight).toISOString(), to: new Date(midnight + DAY_MS).toISOString() };

export interface Content {
  readonly archives: Readonly<Record<string, Readonly<Record<string, ContentFigure>>>>;
  readonly series: Readonly<Record<string, ObservedContent>>;
}

const RUN_TIMEOUT_MS = 300_000;

/** @throws Error that names every run that was not published, with its failure */
export async function refreshed(
  client: FreshetClient,
  request: Parameters<FreshetClient['startRefresh']>[0],
): Promise<RunView[]> {
  const started = await client.startRefresh(request);
  const signal = AbortSignal.timeout(RUN_TIMEOUT_MS);
  const ended = await Promise.all(started.map(({ id }) => client.waitForRun(id, { signal })));
  const failed = ended.filter(({ state }) => state !== 'published' && state !== 'unchanged');
  if (failed.length > 0)
    throw new Error(
      failed
        .map(({ dataset, id, state, failure }) => `${dataset} (${id}): ${state}, ${failure?.code}: ${failure?.message}`)
        .join('\n'),
    );
  return ended;
}

/** All archives and a day of hourly data. */
export async function refreshAll(client: FreshetClient): Promise<RunView[]> {
  const runs = await Promise.all([
    refreshed(client, { datasets: [...ARCHIVES] }),
    refreshed(client, { datasets: [...SERIES], ...DAY }),
  ]);
  return runs.flat();
}

export async function contentOf(databaseUrl: string): Promise<Content> {
  const archives = await Promise.all(
    ARCHIVES.map(async (id) => [id, await publishedContent(databaseUrl, id)] as const),
  );
  const series = await Promise.all(SERIES.map(async (id) => [id, await observedContent(databaseUrl, id)] as const));
  return { archives: Object.fromEntries(archives), series: Object.fromEntries(series) };
}

/** What standalone makes of the same publishers, on this machine and undisturbed. */
export const standaloneContent = (publishers: Publishers): Promise<Content> =>
  inStandalone(publishers, async (client, databaseUrl) => {
    await refreshAll(client);
    return contentOf(databaseUrl);
  });

/** The same of one dataset. */
export const standaloneContentOf = (
  publishers: Publishers,
  dataset: string,
): Promise<Readonly<Record<string, ContentFigure>>> =>
  inStandalone(publishers, async (client, databaseUrl) => {
    await refreshed(client, { datasets: [dataset] });
    return publishedContent(databaseUrl, dataset);
  });

export interface Publishers {
  readonly bsee: string;
  readonly eia: string;
}

async function inStandalone<T>(
  publishers: Publishers,
  work: (client: FreshetClient, databaseUrl: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-reference-'));
  const postgres = await startPostgres();
  try {
    const standalone = await startStandaloneProcess({
      postgres,
      folder,
      publisher: (['bsee', 'eia'] as const).map((source) => ({
        source,
        url: publishers[source],
        hosts: [new URL(publishers[source]).host],
      })),
      definitions: { '*': { exports: [] } },
      env: { EIA_API_KEY: 'a-key-of-the-simulator' },
    });
    try {
      return await work(standalone.client, postgres.url);
    } finally {
      await standalone.stop();
    }
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
