/**
 * The same refresh twice: everything in one process, and six processes over a real broker. Member by member the rows, their
 * order, their hash and the files must be the same.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import {
  describeWithKafka,
  publishedContent,
  startBseePublisher,
  startCluster,
  startPostgres,
  startStandaloneProcess,
  type BseePublisher,
  type ContentFigure,
  type RunningDeployment,
  type RunningPostgres,
} from '@freshet/testing';

const DATASETS = ['bsee.production', 'bsee.war', 'bsee.well'];
const MEMBERS = 14;

interface Outcome {
  readonly content: Readonly<Record<string, ContentFigure>>;
  readonly files: Readonly<Record<string, string>>;
}

describeWithKafka('one process and six over Kafka', (kafka) => {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-two-ways-'));
  let publisher: BseePublisher;
  let postgres: RunningPostgres;

  beforeAll(async () => {
    [publisher, postgres] = await Promise.all([startBseePublisher({ scale: 'demo' }), startPostgres()]);
  }, 120_000);

  afterAll(async () => {
    await publisher?.close();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  async function refreshAll(
    name: string,
    start: (options: Parameters<typeof startStandaloneProcess>[0]) => Promise<RunningDeployment>,
  ): Promise<Outcome> {
    const url = await postgres.createDatabase(name);
    const deployment = await start({ postgres: { url }, publisher, folder: join(folder, name) });
    try {
      const runs = await deployment.client.startRefresh({ datasets: ['bsee'] });
      expect(runs.map((run) => run.dataset).sort()).toEqual(DATASETS);
      for (const { id } of runs) {
        const run = await deployment.client.waitForRun(id, { signal: AbortSignal.timeout(180_000) });
        expect({ dataset: run.dataset, state: run.state, failure: run.failure }).toEqual({
          dataset: run.dataset,
          state: 'published',
          failure: null,
        });
      }
      const contents = await Promise.all(DATASETS.map((dataset) => publishedContent(url, dataset)));
      return { content: Object.assign({}, ...contents), files: hashesBelow(deployment.exportRoot) };
    } finally {
      expect(await deployment.stop()).toEqual([]);
    }
  }

  it('publish the same rows and write the same files', async () => {
    const alone = await refreshAll('standalone', startStandaloneProcess);
    const cluster = await refreshAll('cluster', (options) => startCluster({ ...options, kafka: kafka() }));
    expect(Object.keys(alone.content)).toHaveLength(MEMBERS);
    expect(Object.keys(alone.files)).toHaveLength(MEMBERS);
    expect(cluster).toEqual(alone);

    for (const { dataset } of [
      { dataset: 'bsee.war' },
      { dataset: 'bsee.well' },
      { dataset: 'bsee.production' },
    ] as const) {
      for (const { resource, records } of await publisher.truth(dataset)) {
        expect([resource, alone.content[resource]?.rows]).toEqual([resource, records]);
      }
    }
  }, 600_000);
});

function hashesBelow(root: string): Record<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort()
      .map((path) => [relative(root, path), createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );
}
