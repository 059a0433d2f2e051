/**
 * Six processes, a broker and a database; one of them is killed at a random moment of a refresh, over and over. Every run ends
 * published without help, with the rows of an undisturbed one, and a reader never sees anything but a whole generation.
 *
 * FRESHET_KILLS: how many (30 for the full proof). FRESHET_SEED: the seed that an earlier run printed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunView } from '@freshet/contracts';
import {
  describeWithKafka,
  publishedContent,
  SnapshotReader,
  startBseePublisher,
  startCluster,
  startPostgres,
  type BseePublisher,
  type ContentFigure,
  type RunningDeployment,
  type RunningPostgres,
} from '@freshet/testing';
import { seededRandom } from '../random';
import { kill, VICTIMS, type Victim } from './victims';

const DATASET = 'bsee.war';
const KILLS = Number(process.env['FRESHET_KILLS'] ?? VICTIMS.length);
const SEED = Number(process.env['FRESHET_SEED'] ?? Date.now() % 1_000_000);
const RUN_TIMEOUT_MS = 420_000;

describeWithKafka(`killed ${KILLS} times (seed ${SEED})`, (kafka) => {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-kill-'));
  const lines: string[] = [];
  let publisher: BseePublisher;
  let postgres: RunningPostgres;
  let freshet: RunningDeployment;
  let stopReader: () => Promise<void> = async () => {};

  beforeAll(async () => {
    // Slow enough that the download, the parsing and the loading go on side by side for some seconds.
    [publisher, postgres] = await Promise.all([
      startBseePublisher({ scale: 0.012, bytesPerSecond: 250_000 }),
      startPostgres(),
    ]);
    freshet = await startCluster({
      kafka: kafka(),
      postgres,
      publisher,
      folder,
      definitions: { '*': { retry: { maxAttempts: 10, initialDelay: '200ms', maxDelay: '2s' }, exports: [] } },
      env: {
        FRESHET_CHUNK_BYTES: '32768',
        FRESHET_LEASE_SECONDS: '10',
        FRESHET_UNCLAIMED_SECONDS: '30',
        FRESHET_COMMAND_SECONDS: '30',
        FRESHET_NO_PROGRESS_SECONDS: '90',
      },
    });
  }, 300_000);

  afterAll(async () => {
    process.stdout.write(`\n${lines.join('\n')}\n`);
    await stopReader();
    await freshet?.stop();
    await publisher?.close();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  const ended = async (id: string): Promise<RunView> =>
    freshet.client.waitForRun(id, { signal: AbortSignal.timeout(RUN_TIMEOUT_MS) });

  it(
    'publishes every run, whole, as if nothing had happened',
    async () => {
      const views = (await publisher.truth(DATASET)).map(({ resource }) => resource);
      const reader = new SnapshotReader({ databaseUrl: postgres.url, schema: 'bsee', views });
      // What the two vintages look like when nobody disturbs them; readers may see these two and nothing else.
      const undisturbed: Array<{ content: Record<string, ContentFigure>; seen: string; ms: number }> = [];
      for (const vintage of [0, 1]) {
        publisher.revise(DATASET, vintage);
        const began = Date.now();
        const [run] = await freshet.client.startRefresh({ datasets: [DATASET] });
        expect((await ended(run?.id ?? '')).state).toBe('published');
        const content = await publishedContent(postgres.url, DATASET);
        for (const { resource, records } of await publisher.truth(DATASET))
          expect(content[resource]?.rows).toBe(records);
        undisturbed.push({ content, seen: await reader.look(), ms: Date.now() - began });
      }
      expect(undisturbed[0]?.seen).not.toBe(undisturbed[1]?.seen);
      reader.start();
      // Whatever happens below, the reader ends with the test.
      stopReader = () => reader.stop();

      const next = seededRandom(SEED);
      // Late enough to meet every stage, early enough that the run is not over.
      const latest = 0.9 * Math.min(...undisturbed.map(({ ms }) => ms));
      for (let i = 0; i < KILLS; i++) {
        const vintage = i % 2;
        // Everyone once before anyone twice, in an order of the seed; then at random.
        const victim = (
          i < VICTIMS.length ? VICTIMS[(i + SEED) % VICTIMS.length] : VICTIMS[Math.floor(next() * VICTIMS.length)]
        ) as Victim;
        const after = Math.floor(next() * latest);
        publisher.revise(DATASET, vintage);
        // A later stamp although the vintage may be the earlier one.
        publisher.rebuild(DATASET);
        publisher.rebuild(DATASET);
        const began = Date.now();
        const [started] = await freshet.client.startRefresh({ datasets: [DATASET] });
        await pause(after);
        const [dying] = await freshet.client.runs({ dataset: DATASET, limit: 1 });
        await kill(victim, { freshet, kafka: kafka(), postgres });
        const run = await ended(started?.id ?? '');
        lines.push(
          `${i + 1}/${KILLS} ${victim} killed after ${after} ms (${dying?.state}, ${dying?.progress.rowsLoaded} rows loaded): ${run.state} in ${((Date.now() - began) / 1000).toFixed(1)} s, ` +
            `attempt ${run.attempt}${run.failure ? `, ${run.failure.code}: ${run.failure.message}` : ''}`,
        );
        process.stdout.write(`${lines.at(-1)}\n`);
        expect({ victim, after, state: run.state, failure: run.failure }).toEqual({
          victim,
          after,
          state: 'published',
          failure: null,
        });
        expect(await publishedContent(postgres.url, DATASET)).toEqual(undisturbed[vintage]?.content);
      }
      await reader.stop();
      const allowed = undisturbed.map(({ seen }) => seen);
      const strange = [...reader.observations.keys()].filter((seen) => !allowed.includes(seen));
      lines.push(
        `a reader looked ${reader.looks} times (${reader.failures} times in vain) and saw ${reader.observations.size} different states`,
        `processes that ended by themselves: ${JSON.stringify(freshet.supervisor.crashes().map(({ name, code, signal }) => `${name} ${code ?? signal}`))}`,
      );
      expect(strange).toEqual([]);
      expect(reader.looks).toBeGreaterThan(KILLS);
      // Nothing was left for a person to do.
      expect(await freshet.client.deadLetters()).toEqual([]);
    },
    (KILLS + 2) * RUN_TIMEOUT_MS,
  );
});
