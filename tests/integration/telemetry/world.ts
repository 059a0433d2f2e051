import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CLUSTER_SERVICES,
  IMPATIENT,
  startBseePublisher,
  startCluster,
  startPostgres,
  type BseePublisher,
  type ClusterService,
  type RunningDeployment,
  type RunningKafka,
  type RunningPostgres,
} from '@freshet/testing';
import { parseExposition, type ExposedMetric } from './exposition';

export type LogLine = Readonly<Record<string, unknown>>;

/** Six processes that have published a dataset and failed to refresh another. */
export interface Emitted {
  readonly published: string;
  readonly failed: string;
  readonly deployment: RunningDeployment;
  readonly metrics: ReadonlyMap<ClusterService, ReadonlyMap<string, ExposedMetric>>;
  /** Of all services; complete after `stop`. */
  logs(): LogLine[];
  /** Names of the processes that did not stop in order. */
  stop(): Promise<string[]>;
  close(): Promise<void>;
}

export async function emitEverything(kafka: RunningKafka, env: Readonly<Record<string, string>>): Promise<Emitted> {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-telemetry-'));
  let publisher: BseePublisher | undefined;
  let postgres: RunningPostgres | undefined;
  let deployment: RunningDeployment | undefined;
  const close = async (): Promise<void> => {
    await deployment?.stop();
    await publisher?.close();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    [publisher, postgres] = await Promise.all([startBseePublisher({ scale: 'demo' }), startPostgres()]);
    publisher.set('bsee.war', { kind: 'not-found' });
    deployment = await startCluster({
      kafka,
      postgres: { url: await postgres.createDatabase('telemetry') },
      publisher,
      folder,
      definitions: { '*': IMPATIENT },
      env,
    });
    const { client, supervisor } = deployment;
    const [published, failed] = await Promise.all(
      ['bsee.well', 'bsee.war'].map(async (dataset) => {
        const [run] = await client.startRefresh({ datasets: [dataset] });
        if (!run) throw new Error(`${dataset} was not started`);
        const ended = await client.waitForRun(run.id, { signal: AbortSignal.timeout(120_000) });
        return { id: ended.id, state: ended.state };
      }),
    );
    if (published?.state !== 'published' || failed?.state !== 'failed')
      throw new Error(`the runs ended as ${published?.state} and ${failed?.state}`);
    const metrics = new Map<ClusterService, ReadonlyMap<string, ExposedMetric>>();
    // Readings of the state are kept for ten seconds.
    await new Promise((resolve) => setTimeout(resolve, 11_000));
    for (const service of CLUSTER_SERVICES) {
      const response = await fetch(`http://127.0.0.1:${supervisor.get(service).spec.httpPort}/metrics`);
      metrics.set(service, parseExposition(await response.text()));
    }
    return {
      ...{ published: published.id, failed: failed.id, deployment, metrics, close },
      logs: () => readLogs(join(folder, 'logs')),
      stop: () => deployment?.stop() ?? Promise.resolve([]),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const readLogs = (folder: string): LogLine[] =>
  readdirSync(folder).flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine),
  );
