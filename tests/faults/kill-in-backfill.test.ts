/**
 * Six processes, a broker and a database, and a backfill of many partitions; one of the processes is killed at random moments of it,
 * over and over. The backfill completes by itself, with the observations of an undisturbed one: nothing missing, nothing doubled, no
 * revision that nobody published.
 *
 * FRESHET_SEED: the seed that an earlier run printed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { BackfillView } from '@freshet/contracts';
import {
  describeWithKafka,
  observedContent,
  startCluster,
  startEiaPublisher,
  startPostgres,
  startStandaloneProcess,
  type DeploymentOptions,
  type EiaPublisher,
  type RunningDeployment,
  type RunningPostgres,
} from '@freshet/testing';
import { seededRandom } from '../random';
import { kill, VICTIMS, type Victim } from './victims';

const DATASET = 'eia.demand';
const SEED = Number(process.env['FRESHET_SEED'] ?? Date.now() % 1_000_000);
const BACKFILL_TIMEOUT_MS = 420_000;
/** Two respondents over 30 days in windows of two days: 30 partitions. */
const WINDOW = { from: '2026-01-01T00:00:00Z', to: '2026-01-31T00:00:00Z', only: ['PJM', 'MISO'] };
const OBSERVATIONS = 2 * 30 * 24;
const PARTITIONS = 30;

describeWithKafka(`killed in a backfill (seed ${SEED})`, (kafka) => {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-kill-backfill-'));
  const lines: string[] = [];
  let publisher: EiaPublisher;
  let postgres: RunningPostgres;
  let undisturbed: RunningPostgres;
  let freshet: RunningDeployment;

  const options = (): Omit<DeploymentOptions, 'postgres' | 'folder'> => ({
    publisher,
    definitions: {
      '*': {
        retry: { maxAttempts: 10, initialDelay: '200ms', maxDelay: '2s' },
        rateLimit: { key: 'eia', limits: [{ requests: 50, per: '1s' }] },
        timeseries: { backfill: { window: '2d', automatic: false } },
      },
    },
    env: {
      EIA_API_KEY: 'a-key-of-the-simulator',
      FRESHET_LEASE_SECONDS: '10',
      FRESHET_UNCLAIMED_SECONDS: '30',
      FRESHET_COMMAND_SECONDS: '30',
      FRESHET_NO_PROGRESS_SECONDS: '90',
    },
  });

  beforeAll(async () => {
    [publisher, postgres, undisturbed] = await Promise.all([
      startEiaPublisher({ latencyMs: 300, now: () => new Date('2026-03-01T00:00:00Z') }),
      startPostgres(),
      startPostgres(),
    ]);
    freshet = await startCluster({ ...options(), kafka: kafka(), postgres, folder });
  }, 300_000);

  afterAll(async () => {
    process.stdout.write(`\n${lines.join('\n')}\n`);
    await freshet?.stop();
    await publisher?.stop();
    await Promise.all([postgres?.stop(), undisturbed?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  const until = async (
    deployment: RunningDeployment,
    id: string,
    reached: (backfill: BackfillView) => boolean,
  ): Promise<BackfillView> => {
    const limit = Date.now() + BACKFILL_TIMEOUT_MS;
    for (;;) {
      // The coordinator may be the one that was killed.
      const backfill = await deployment.client.backfill(id).catch(() => null);
      if (backfill && (reached(backfill) || backfill.state !== 'running')) return backfill;
      if (Date.now() > limit) throw new Error(`the backfill stands still: ${JSON.stringify(backfill?.counts)}`);
      await pause(100);
    }
  };
  const ended = (deployment: RunningDeployment, id: string) => until(deployment, id, () => false);
  const further = (id: string, done: number) => until(freshet, id, ({ counts }) => counts.done > done);

  it(
    'completes by itself, whoever is killed, with nothing doubled',
    async () => {
      const quiet = await startStandaloneProcess({
        ...options(),
        postgres: undisturbed,
        folder: join(folder, 'quiet'),
      });
      const expected = await ended(quiet, (await quiet.client.startBackfill(DATASET, WINDOW)).id)
        .then(() => observedContent(undisturbed.url, DATASET))
        .finally(() => quiet.stop());
      expect(expected).toMatchObject({ series: 2, observations: OBSERVATIONS, revisions: 0 });

      const next = seededRandom(SEED);
      const backfill = await freshet.client.startBackfill(DATASET, WINDOW);
      let done = 0;
      for (let i = 0; i < VICTIMS.length; i++) {
        const victim = VICTIMS[(i + SEED) % VICTIMS.length] as Victim;
        // It has gone on since the last one, so that each is met at work.
        done = (await further(backfill.id, done)).counts.done;
        await pause(Math.floor(next() * 1_000));
        await kill(victim, { freshet, kafka: kafka(), postgres });
        lines.push(`${victim} killed after ${done} of ${PARTITIONS} partitions`);
      }
      const end = await ended(freshet, backfill.id);
      lines.push(`the backfill ended ${end.state}: ${JSON.stringify(end.counts)}`);
      expect(done).toBeLessThan(PARTITIONS);
      expect(end.counts).toMatchObject({ done: PARTITIONS, pending: 0, leased: 0, failed: 0 });
      expect(end.state).toBe('done');
      expect(await observedContent(postgres.url, DATASET)).toEqual(expected);
      // Nothing was left for a person to do.
      expect(await freshet.client.deadLetters()).toEqual([]);
    },
    3 * BACKFILL_TIMEOUT_MS,
  );
});
