import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunView } from '@freshet/contracts';
import type { Environment } from '../environment';
import { runCli } from '../program';
import { FakeCoordinator, published, runId, runView } from '../testing/fake-coordinator';
import { fakeWorld, type FakeWorld } from '../testing/fake-world';

const TICK = '2026-11-20T09:55:00.000Z';
const failed = (overrides: Partial<RunView> = {}): RunView =>
  runView({
    state: 'failed',
    endedAt: '2026-11-20T10:01:00Z',
    failure: {
      code: 'http_server_error',
      message: 'www.data.bsee.gov answered 503 to each of 5 tries',
      nextStep: 'Retried at the next tick.',
      kind: 'transient',
      attributes: {},
    },
    ...overrides,
  });

describe('freshet in a pod', () => {
  let coordinator: FakeCoordinator;
  let folder: string;

  beforeEach(async () => {
    coordinator = await new FakeCoordinator().start();
    folder = mkdtempSync(join(tmpdir(), 'freshet-pod-'));
  });
  afterEach(async () => {
    await coordinator.stop();
    rmSync(folder, { recursive: true });
  });

  const pod = (more: Partial<Environment> = {}): FakeWorld =>
    fakeWorld(
      {
        FRESHET_URL: coordinator.url,
        FRESHET_TOKEN: coordinator.token,
        FRESHET_TERMINATION_LOG: join(folder, 'log'),
        FRESHET_CRONJOB_NAME: 'freshet-bsee-well',
        FRESHET_JOB_NAME: `freshet-bsee-well-${Date.parse(TICK) / 60_000}`,
        FRESHET_JOB_UID: 'u1',
        ...more,
      },
      { cwd: folder },
    );
  const run = (argv: string, at: FakeWorld): Promise<number> => runCli(argv.split(' '), at);
  const log = (): string => readFileSync(join(folder, 'log'), 'utf8');
  const started = (): ReadonlyArray<Record<string, unknown>> =>
    coordinator.seen.filter(({ method }) => method === 'POST').map(({ body }) => body);
  const starts = (...views: RunView[]): void =>
    void coordinator.on('POST refreshes', () => ({ status: 202, body: { runs: views } }));

  describe('started by a CronJob', () => {
    it('starts the tick under the key of the scheduler, each dataset by itself', async () => {
      starts(runView());
      coordinator.runIs(runId(1), [published()]);
      expect(await run('refresh bsee.well bsee.war --wait', pod())).toBe(0);
      expect(started()).toEqual([
        { datasets: ['bsee.well'], trigger: 'schedule', idempotencyKey: `schedule:bsee.well:${TICK}` },
        { datasets: ['bsee.war'], trigger: 'schedule', idempotencyKey: `schedule:bsee.war:${TICK}` },
      ]);
    });

    it('follows the run that is under way already instead of a second one, and ends as it ends', async () => {
      coordinator.on('POST refreshes', () => ({
        status: 409,
        body: { error: 'bsee.well is being refreshed by run 7' },
      }));
      coordinator.on('GET runs?dataset=bsee.well&limit=200', () => ({
        body: [
          runView({ id: runId(9), state: 'running', trigger: 'backfill' }),
          runView({ id: runId(7), state: 'running' }),
          published(),
        ],
      }));
      coordinator.runIs(runId(7), [failed({ id: runId(7) })]);
      const at = pod();
      expect(await run('refresh bsee.well --wait', at)).toBe(1);
      expect(at.err()).toContain(`bsee.well is being refreshed already, by run ${runId(7)}; no second run is started.`);
      expect(log()).toContain(`bsee.well: run ${runId(7)} failed: http_server_error`);
    });

    it('starts again when the run in the way has just ended', async () => {
      let asked = 0;
      coordinator.on('POST refreshes', () =>
        (asked += 1) === 1
          ? { status: 409, body: { error: 'in the way' } }
          : { status: 202, body: { runs: [runView()] } },
      );
      coordinator.on('GET runs?dataset=bsee.well&limit=200', () => ({ body: [published()] }));
      coordinator.runIs(runId(1), [published()]);
      expect(await run('refresh bsee.well --wait', pod())).toBe(0);
      expect(asked).toBe(2);
    });
  });

  describe('started by hand', () => {
    const byHand = () => pod({ FRESHET_JOB_NAME: 'manual-1' });

    it('starts one run a Job, however many pods the Job has', async () => {
      starts(runView());
      await run('refresh bsee.well', byHand());
      await run('refresh bsee.well', byHand());
      expect(started()).toEqual(
        Array.from({ length: 2 }, () => ({ datasets: ['bsee.well'], trigger: 'manual', idempotencyKey: 'job:u1' })),
      );
    });

    it('fails when the dataset is being refreshed already, and says by which run', async () => {
      coordinator.on('POST refreshes', () => ({
        status: 409,
        body: { error: 'bsee.well is being refreshed by run 7', nextStep: 'Wait for it (freshet runs 7).' },
      }));
      expect(await run('refresh bsee.well --wait', byHand())).toBe(1);
      expect(log()).toBe('freshet: bsee.well is being refreshed by run 7\nNext step: Wait for it (freshet runs 7).\n');
    });
  });

  describe('the termination message', () => {
    it('names every run that failed, with code, message and next step', async () => {
      starts(
        runView(),
        runView({ id: runId(2), dataset: 'bsee.war' }),
        runView({ id: runId(3), dataset: 'bsee.production' }),
      );
      coordinator
        .runIs(runId(1), [failed()])
        .runIs(runId(2), [published({ id: runId(2), dataset: 'bsee.war' })])
        .runIs(runId(3), [runView({ id: runId(3), dataset: 'bsee.production', state: 'cancelled' })]);
      expect(await run('refresh bsee --wait', pod({ FRESHET_JOB_NAME: undefined }))).toBe(1);
      expect(log()).toBe(
        `bsee.well: run ${runId(1)} failed: http_server_error\nwww.data.bsee.gov answered 503 to each of 5 tries\n` +
          `Next step: Retried at the next tick.\n\n` +
          `bsee.production: run ${runId(3)} cancelled\nNext step: freshet runs ${runId(3)} has the details.\n`,
      );
    });

    it('is not written when all went well', async () => {
      starts(runView());
      coordinator.runIs(runId(1), [published()]);
      expect(await run('refresh bsee.well --wait', pod())).toBe(0);
      expect(log).toThrow('ENOENT');
    });

    it('says what is wrong with the invocation, and holds no token', async () => {
      expect(await run('--token geheim refrehs', pod())).toBe(2);
      expect(log()).toContain("freshet: unknown command 'refrehs'");
      expect(log()).not.toContain('geheim');
    });

    it('leaves the exit code alone when it cannot be written', async () => {
      const at = pod({ FRESHET_TERMINATION_LOG: join(folder, 'absent', 'log') });
      expect(await run('refresh bsee.wel', at)).toBe(2);
      expect(at.err()).toContain('cannot be written (ENOENT)');
    });
  });

  describe('SIGTERM', () => {
    it('ends following with 143, leaves the run alone, and says so', async () => {
      starts(runView());
      const at = pod();
      coordinator.on(`GET runs/${runId(1)}`, () => {
        at.interrupt('SIGTERM');
        return { body: runView({ state: 'running' }) };
      });
      expect(await run('refresh bsee.well --wait', at)).toBe(143);
      expect(coordinator.seen.some(({ path }) => path.includes('cancel'))).toBe(false);
      expect(log()).toContain(`bsee.well: stopped following run ${runId(1)} (SIGTERM); the run goes on`);
      expect(log()).toContain(`freshet runs ${runId(1)} shows how it ends`);
    });

    it('ends the waiting for a coordinator', async () => {
      await coordinator.stop();
      const at = pod({ FRESHET_PATIENCE_SECONDS: 3600 });
      const { sleep } = at;
      const waiting = {
        ...at,
        sleep: (ms: number, signal?: AbortSignal) => (at.interrupt('SIGTERM'), sleep?.(ms, signal)),
      };
      expect(await run('refresh bsee.well --wait', waiting as FakeWorld)).toBe(143);
      expect(log()).toContain('stopped by SIGTERM before the coordinator had answered');
    });
  });

  describe('a coordinator that is away', () => {
    it('is waited for at the start, for as long as the patience lasts', async () => {
      starts(runView());
      coordinator.runIs(runId(1), [published()]);
      let unavailable = 3;
      coordinator.on('GET datasets', () =>
        (unavailable -= 1) >= 0
          ? { status: 503, body: { error: 'the database is not there' } }
          : { body: coordinator.datasets },
      );
      expect(await run('refresh bsee.well --wait', pod({ FRESHET_PATIENCE_SECONDS: 3600 }))).toBe(0);
      unavailable = 3;
      expect(await run('refresh bsee.well --wait', pod({ FRESHET_PATIENCE_SECONDS: 1 }))).toBe(1);
      expect(log()).toContain('freshet: the database is not there');
    });

    it('is given up while following when the patience is over, and the run is named', async () => {
      starts(runView());
      coordinator.on(`GET runs/${runId(1)}`, () => ({ status: 503, body: { error: 'the database is not there' } }));
      expect(await run('refresh bsee.well --wait', pod({ FRESHET_PATIENCE_SECONDS: 0 }))).toBe(1);
      expect(log()).toContain(`bsee.well: how run ${runId(1)} ended is not known; it was queued`);
    });
  });
});
