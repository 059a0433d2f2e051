import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunView } from '@freshet/contracts';
import type { BseePublisher, DeploymentOptions, RunningDeployment } from '@freshet/testing';
import { round } from './floor';

const DATASET = 'bsee.war';
const HOUR_MS = 3_600_000;

export interface Measured {
  /** From the request to the publication that readers see. */
  readonly seconds: number;
  /** From the request to the end of the run, files written. */
  readonly secondsWithFiles: number;
  readonly rowsPerSecond: number;
  readonly peakRssBytes: Readonly<Record<string, number>>;
  /** Processor time of each process during the run, files included; beside the seconds it tells work from waiting. */
  readonly cpuSeconds: Readonly<Record<string, number>>;
  readonly unchanged: {
    readonly seconds: number;
    readonly state: string;
    readonly downloads: number;
    readonly answers: readonly string[];
  };
}

/** Starts a deployment, refreshes once for the figures and once more for the unchanged answer, and stops it. */
export async function measure(
  start: (options: Pick<DeploymentOptions, 'folder'>) => Promise<RunningDeployment>,
  publisher: BseePublisher,
  rows: number,
  say: (line: string) => void,
): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-bench-'));
  let freshet: RunningDeployment | undefined;
  try {
    freshet = await start({ folder });
    const before = freshet.supervisor.cpuSeconds();
    const run = await refresh(freshet, say);
    if (run.state !== 'published')
      throw new Error(`the run ended ${run.state}: ${run.failure?.code} ${run.failure?.message}; logs in ${folder}`);
    const loaded = run.resources.reduce((sum, resource) => sum + resource.rows + resource.refused, 0);
    if (loaded !== rows) throw new Error(`${loaded} of ${rows} rows arrived`);
    const [generation] = await freshet.client.generations(DATASET);
    const since = Date.parse(run.requestedAt);
    const seconds = (Date.parse(generation?.publishedAt ?? '') - since) / 1000;

    const cpuSeconds = Object.fromEntries(
      Object.entries(freshet.supervisor.cpuSeconds()).map(([name, used]) => [name, round(used - (before[name] ?? 0))]),
    );
    publisher.forget();
    const began = Date.now();
    const again = await refresh(freshet, () => undefined);
    const unchangedSeconds = (Date.now() - began) / 1000;
    const gets = publisher.requests.filter(({ method, dataset }) => method === 'GET' && dataset === DATASET);
    return {
      seconds: round(seconds),
      secondsWithFiles: round((Date.parse(run.endedAt ?? '') - since) / 1000),
      rowsPerSecond: Math.round(rows / seconds),
      peakRssBytes: freshet.supervisor.peakRss(),
      cpuSeconds,
      unchanged: {
        seconds: round(unchangedSeconds, 3),
        state: again.state,
        downloads: gets.filter(({ bytes }) => bytes > 0).length,
        answers: gets.map(({ status, bytes }) => `${status} (${bytes} bytes)`),
      },
    };
  } finally {
    await freshet?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function refresh({ client }: RunningDeployment, say: (line: string) => void): Promise<RunView> {
  const [run] = await client.startRefresh({ datasets: [DATASET] });
  if (!run) throw new Error('no run was started');
  let said = 0;
  return client.waitForRun(run.id, {
    signal: AbortSignal.timeout(HOUR_MS),
    minPollMs: 50,
    maxPollMs: 500,
    onUpdate: ({ state, progress }) => {
      if (Date.now() - said < 10_000) return;
      said = Date.now();
      say(`${state}: ${progress.chunksLoaded}/${progress.chunksCut} chunks, ${progress.rowsLoaded} rows`);
    },
  });
}
