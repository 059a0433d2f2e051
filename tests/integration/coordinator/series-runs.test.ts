import { loadCatalog } from '@freshet/catalog';
import type { RunView, StartRefreshBody } from '@freshet/contracts';
import { RefreshService, parseApiTokens, type CoordinatorSettings } from '@freshet/coordinator-service';
import { alertHistory, createRuns, requestHealthCheck, startBackfillRun } from '@freshet/database';
import { runId, taskId, type DatasetDefinition } from '@freshet/domain';
import { randomUUID } from 'node:crypto';
import { Hourly } from '../timeseries/hourly';
import { definition, eventually, manifest, progress, useWorld, type Coordinator } from './world';

const { timeseries, paging } = loadCatalog().get('eia.demand');
const series = (id: string, over: Partial<DatasetDefinition> = {}): DatasetDefinition =>
  definition(id, { mode: 'timeseries', connector: 'paged-json', timeseries, paging, rateLimit: null, ...over });
const DEFINITIONS = [series('grid.demand'), definition('demo.main')];

const [OPERATOR, READER] = ['o'.repeat(16), 'r'.repeat(16)];
const tokens = parseApiTokens(`ops:operator:${OPERATOR},eyes:reader:${READER}`);

describe('a run of a time series', () => {
  const world = useWorld('series');
  let coordinator: Coordinator;
  let now: Date;

  beforeEach(() => {
    now = new Date('2026-11-20T12:15:00Z');
  });
  const start = async (settings: Partial<CoordinatorSettings> = {}, definitions = DEFINITIONS): Promise<void> => {
    coordinator = await world.start({ definitions, settings, clock: { now: () => now } });
  };
  const refreshes = (): RefreshService => coordinator.app.get(RefreshService);
  const refresh = async (body: Partial<StartRefreshBody> = {}): Promise<RunView> => {
    const [run] = await refreshes().start({ datasets: ['grid.demand'], ...body });
    if (!run) throw new Error('no run');
    return run;
  };
  const end = (id: string, state = 'published'): Promise<number> =>
    world.database.execute(`UPDATE freshet.run SET state = $2, ended_at = clock_timestamp() WHERE id = $1`, [
      id,
      state,
    ]);
  const window = (from: string, to: string) => ({ from: new Date(from), to: new Date(to) });
  const backfill = (from: string, to: string, key: string = randomUUID()) =>
    startBackfillRun(world.database, {
      definition: { id: series('grid.demand').id, contentVersion: 'v1' },
      window: window(from, to),
      only: ['PJM'],
      idempotencyKey: key,
    });
  const accepted = async (result: ReturnType<typeof backfill>): Promise<string> => {
    const answer = await result;
    if (!answer.accepted) throw new Error(`${answer.running} is in the way`);
    return answer.runs[0] ?? '';
  };

  describe('asks for', () => {
    it('what it was told, which reaches the fetcher and a retry', async () => {
      await start();
      const run = await refresh({
        from: '2026-10-01T05:30:00+02:00',
        to: '2026-10-03',
        only: ['CAISO', 'pjm', 'CISO'],
      });
      const asked = {
        window: { from: '2026-10-01T03:00:00.000Z', to: '2026-10-03T00:00:00.000Z' },
        only: ['CISO', 'PJM'],
      };
      expect(run).toMatchObject({ ...asked, priority: 'normal' });
      const { taskId: task } = await coordinator.announced(run.id, 1);
      expect(await coordinator.worker.claim(task, 1, 'w')).toMatchObject({ granted: true, spec: asked });
      await end(run.id, 'failed');
      now = new Date('2026-11-25T00:00:00Z');
      expect(await refreshes().retry(run.id)).toMatchObject({ ...asked, trigger: 'retry' });
    });

    it('the rolling window when it was told nothing, and of everything', async () => {
      await start();
      const run = await refresh();
      expect(run).toMatchObject({
        window: { from: '2026-11-17T12:00:00.000Z', to: '2026-11-20T13:00:00.000Z' },
        only: [],
      });
      await end(run.id);
      // A retry asks for the same hours, though time has gone by.
      now = new Date('2026-11-21T08:00:00Z');
      expect((await refreshes().retry(run.id)).window).toEqual(run.window);
    });

    it('what was missed since the series that is furthest behind, of those it asks for', async () => {
      await start();
      const hourly = new Hourly(world.database);
      const put = async (respondent: string, newest: string, value: string | null = '1'): Promise<void> =>
        hourly.put(
          await hourly.series({ dataset: 'grid.demand', name: `${respondent}.demand`, respondent, kind: 'demand' }),
          newest,
          [value],
        );
      await put('PJM', '2026-11-20T09:00:00Z');
      await put('MISO', '2026-11-15T07:00:00Z');
      // Hours without a value are not there yet, a respondent that is not asked for does not matter, nor does one that ended.
      await put('MISO', '2026-11-15T08:00:00Z', null);
      await put('SWPP', '2026-03-01T00:00:00Z');
      await put('NYIS', '2026-11-14T00:00:00Z');
      const from = async (body: Partial<StartRefreshBody>): Promise<string | undefined> => {
        const run = await refresh(body);
        await end(run.id);
        return run.window?.from;
      };
      expect(await from({})).toBe('2026-11-15T07:00:00.000Z');
      expect(await from({ only: ['PJM'] })).toBe('2026-11-17T12:00:00.000Z');
      expect(await from({ only: ['NYISO', 'PJM'] })).toBe('2026-11-14T00:00:00.000Z');
      expect(await from({ only: ['SPP'] })).toBe('2026-11-13T13:00:00.000Z');
    });

    it('the same again for the same key, whatever else is written beside it', async () => {
      await start();
      const first = await refresh({ idempotencyKey: 'k', from: '2026-11-01', to: '2026-11-02' });
      const second = await refresh({ idempotencyKey: 'k', from: '2026-11-03', to: '2026-11-04' });
      expect([second.id, second.window]).toEqual([first.id, first.window]);
    });
  });

  it('is refused with every mistake of the request', async () => {
    await start({ tokens });
    const post = async (body: object): Promise<{ status: number; details: string[] }> => {
      const answer = await fetch(`${coordinator.url}/api/v1/refreshes`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${OPERATOR}` },
        body: JSON.stringify(body),
      });
      return { status: answer.status, details: ((await answer.json()) as { details: string[] }).details };
    };
    const grid = { datasets: ['grid.demand'] };
    expect(await post({ ...grid, from: 'yesterday', to: '2026-02-30', only: [] })).toEqual({
      status: 400,
      details: [
        expect.stringContaining('from: neither a date'),
        expect.stringContaining('to: neither a date'),
        expect.stringContaining('only: name at least one code'),
      ],
    });
    expect(await post({ ...grid, from: '2018-06-01', to: '2018-01-01', only: ['PJN', 'PJM'] })).toEqual({
      status: 400,
      details: [
        'from: grid.demand begins at 2019-01-01T00:00:00Z, 2018-06-01 is before that',
        'from, to: 2018-06-01 is not before 2018-01-01',
        expect.stringMatching(/^only: grid\.demand knows no respondent "PJN"; did you mean PJM/),
      ],
    });
    expect((await post({ ...grid, from: '2027-01-01' })).details).toEqual(['from: 2027-01-01 is in the future']);
    expect((await post({ ...grid, to: '2062-01-01' })).details).toEqual(['to: 2062-01-01 is more than 31 days ahead']);
    expect((await post({ ...grid, to: '2018-12-31' })).details).toEqual([
      'to: grid.demand begins at 2019-01-01T00:00:00Z, 2018-12-31 is not after that',
    ]);
    expect((await post({ datasets: ['demo.main', 'grid.demand'], from: '2026-11-01', only: ['PJM'] })).details).toEqual(
      ['from, only: demo.main is no time series, and always refreshed as a whole'],
    );
    expect((await post({ ...grid, file: '/etc/hosts' })).details).toEqual([
      'file: grid.demand is not made from an archive',
    ]);
    expect(await world.database.query('SELECT 1 FROM freshet.run')).toEqual([]);
  });

  it('shows in figures how the publisher was asked', async () => {
    await start();
    const run = await refresh();
    const lease = await coordinator.claim(await coordinator.announced(run.id, 1));
    const request = { url: 'https://x', at: now.toISOString(), status: 200, sha256: '' };
    const requests = [
      { ...request, ms: 40, bytes: 100, records: 10, chunks: [0, 0] as const, warnings: ['incomplete return'] },
      { ...request, ms: 60, bytes: 50, records: 0, chunks: null, warnings: ['incomplete return'] },
    ];
    await coordinator.worker.complete(lease, manifest({ requests }), progress);
    expect((await refreshes().view(run.id)).requests).toEqual({
      count: 2,
      records: 10,
      bytes: 150,
      ms: 100,
      slowestMs: 60,
      warnings: ['incomplete return'],
    });
  });

  describe('ends', () => {
    const publication = (id: string, outcome: string, confirmed: string | null): Promise<number> =>
      world.database.execute(`INSERT INTO freshet.publication (run_id, outcome, confirmed_at) VALUES ($1, $2, $3)`, [
        id,
        outcome,
        confirmed,
      ]);
    const status = async (): Promise<{
      freshness: string;
      confirmedAt: string | null;
      lastRun: { id: string } | null;
    }> =>
      (await (
        await fetch(`${coordinator.url}/api/v1/datasets/grid.demand`, {
          headers: { authorization: `Bearer ${READER}` },
        })
      ).json()) as never;

    it.each(['published', 'unchanged'])(
      'as %s, confirmed until when there is data, without a generation',
      async (outcome) => {
        await start({ tokens });
        const run = await refresh();
        await coordinator.fetchAndLoad(run.id);
        await publication(run.id, outcome, '2026-11-20T12:00:00Z');
        expect(await coordinator.ended(run.id)).toMatchObject({ outcome, generation: null, failure: null });
        expect(await status()).toMatchObject({ freshness: 'fresh', confirmedAt: '2026-11-20T12:00:00.000Z' });
        expect((await refreshes().view(run.id)).resources).toMatchObject([{ resource: 'main', outcome }]);
        // An hour later nothing new has come: what brought nothing confirms nothing.
        now = new Date('2026-11-20T13:15:00Z');
        const next = await refresh();
        await coordinator.fetchAndLoad(next.id);
        await publication(next.id, 'unchanged', '2026-11-20T12:00:00Z');
        await coordinator.ended(next.id);
        expect(await status()).toMatchObject({ freshness: 'stale', confirmedAt: '2026-11-20T12:00:00.000Z' });
      },
    );

    it('as confirmed by nothing when nothing is stored', async () => {
      await start({ tokens });
      const run = await refresh();
      await coordinator.fetchAndLoad(run.id);
      await publication(run.id, 'unchanged', null);
      await coordinator.ended(run.id);
      expect(await status()).toMatchObject({ freshness: 'never', confirmedAt: null });
    });

    it('as failed when the publisher had no record', async () => {
      await start();
      const run = await refresh();
      const lease = await coordinator.claim(await coordinator.announced(run.id, 1));
      const empty = { resource: 'main', chunks: 0, records: 0, bytes: 0, sha256: '', header: [] };
      await coordinator.worker.complete(lease, manifest({ resources: [empty] }), progress);
      expect(await coordinator.ended(run.id)).toMatchObject({ outcome: 'failed', failure: { code: 'resource_empty' } });
    });
  });

  describe('that fills history', () => {
    it('neither waits for a normal run nor makes it wait, once it has begun', async () => {
      await start();
      const filling = await accepted(backfill('2026-01-01', '2026-02-01'));
      expect(await refreshes().view(filling)).toMatchObject({
        trigger: 'backfill',
        priority: 'low',
        window: { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' },
        only: ['PJM'],
      });
      await coordinator.announced(filling, 1);
      const normal = await refresh();
      expect(normal.state).toBe('running');
      await coordinator.announced(normal.id, 1);
      // And none begins beside it.
      expect(await backfill('2026-02-01', '2026-03-01')).toEqual({
        accepted: false,
        dataset: 'grid.demand',
        running: normal.id,
      });
      await end(normal.id);
      const second = await accepted(backfill('2026-02-01', '2026-03-01', 'second'));
      await coordinator.announced(second, 1);
      expect(await backfill('2026-03-01', '2026-04-01')).toMatchObject({ accepted: false, running: filling });
      expect(await accepted(backfill('2026-02-01', '2026-03-01', 'second'))).toBe(second);
    });

    it('gets permits that leave room for others', async () => {
      const limits = [{ requests: 400, perSeconds: 7200 }];
      await start({}, [series('grid.demand', { rateLimit: { key: 'grid', limits, coolDownMs: 0 } })]);
      const low = await coordinator.claim(
        await coordinator.announced(await accepted(backfill('2026-01-01', '2026-02-01')), 1),
      );
      const normal = await coordinator.claim(await coordinator.announced((await refresh()).id, 1));
      const count = async (lease: typeof low): Promise<number> => {
        for (let granted = 0; ; granted += 1) if (!(await coordinator.worker.permit(lease)).granted) return granted;
      };
      expect([await count(low), await count(normal)]).toEqual([15, 5]);
    });

    it('is nobody’s last run and nobody’s alarm', async () => {
      await start({ tokens });
      const normal = await refresh();
      await end(normal.id, 'failed');
      for (const state of ['published', 'failed'])
        await end(await accepted(backfill('2026-01-01', '2026-02-01')), state);
      expect(await alertHistory(world.database, 'grid.demand')).toMatchObject({
        runs: [{ id: normal.id, state: 'failed' }],
      });
      const view = (await (
        await fetch(`${coordinator.url}/api/v1/datasets/grid.demand`, {
          headers: { authorization: `Bearer ${READER}` },
        })
      ).json()) as { lastRun: { id: string } };
      expect(view.lastRun.id).toBe(normal.id);
    });

    it('keeps its place when it is tried again', async () => {
      await start();
      const filling = await accepted(backfill('2026-01-01', '2026-02-01'));
      await end(filling, 'failed');
      expect(await refreshes().retry(filling)).toMatchObject({ priority: 'low', only: ['PJM'], trigger: 'retry' });
    });

    it('is never more than two of a dataset, however many ask at once', async () => {
      await start();
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, index) => backfill('2026-01-01', '2026-02-01', `b${index}`)),
      );
      expect(answers.filter((answer) => answer.accepted)).toHaveLength(2);
    });
  });

  describe('by the clock', () => {
    const hourlySchedule = { cron: ['15 * * * *'], timeZone: 'UTC' };
    const checks = () => coordinator.commands.filter(({ type }) => type === 'check');
    const ticks = async (name: string): Promise<number> =>
      (await world.database.query('SELECT 1 FROM freshet.schedule_tick WHERE dataset = $1', [name])).length;

    it('is started each hour, though the start of another dataset always fails', async () => {
      // Whose run cannot be written down.
      const broken = series('grid.broken', { schedule: hourlySchedule, contentVersion: null as never });
      await start({ schedule: true }, [broken, series('grid.demand', { schedule: hourlySchedule })]);
      await eventually('the baselines', async () => (await ticks('grid.broken')) + (await ticks('grid.demand')) === 2);
      now = new Date('2026-11-20T13:15:00Z');
      const run = await eventually('a run', async () => {
        const [row] = await world.database.query<{ dataset: string; trigger: string }>(
          'SELECT dataset, trigger FROM freshet.run',
        );
        return row;
      });
      expect(run).toEqual({ dataset: 'grid.demand', trigger: 'schedule' });
    });

    it('is looked over once a day, once something is stored', async () => {
      await start({ schedule: true });
      await eventually('the baseline', async () => (await ticks('grid.demand#health')) === 1);
      now = new Date('2026-11-21T01:00:30Z');
      await eventually('a tick with nothing to look at', async () => (await ticks('grid.demand#health')) === 2);
      const hourly = new Hourly(world.database);
      await hourly.series({ dataset: 'grid.demand', name: 'PJM.demand', respondent: 'PJM', kind: 'demand' });
      now = new Date('2026-11-22T01:07:00Z');
      // Both coordinators of one database look at the clock.
      await world.start({ definitions: DEFINITIONS, settings: { schedule: true }, clock: { now: () => now } });
      const [check] = await eventually('the command', () => checks().length > 0 && checks());
      expect(check).toMatchObject({
        dataset: 'grid.demand',
        runId: null,
        from: '2026-11-15T01:00:00.000Z',
        to: '2026-11-22T01:00:00.000Z',
      });
      await eventually('everything is sent', async () => {
        const rows = await world.database.query('SELECT 1 FROM freshet.outbox WHERE sent_at IS NULL');
        return rows.length === 0;
      });
      expect([checks().length, await ticks('grid.demand#health')]).toEqual([1, 3]);
      // Whoever else comes to the same due time finds it dealt with.
      const [grid] = DEFINITIONS;
      const ask = (due: string) =>
        requestHealthCheck(world.database, grid as Parameters<typeof requestHealthCheck>[1], new Date(due));
      expect(await ask('2026-11-22T01:00:00Z')).toBeNull();
      const asked = await Promise.all(Array.from({ length: 5 }, () => ask('2026-11-23T01:00:00Z')));
      expect(asked.filter(Boolean)).toHaveLength(1);
    });
  });

  it('can be replaced again and again while others are moved on', async () => {
    await start({}, [series('grid.demand', { concurrency: 'replace' })]);
    const create = (): ReturnType<typeof createRuns> =>
      createRuns(world.database, [
        {
          runId: runId(randomUUID()),
          taskId: taskId(randomUUID()),
          dataset: 'grid.demand',
          trigger: 'api',
          idempotencyKey: randomUUID(),
          force: false,
          file: null,
          contentVersion: 'v1',
          concurrency: 'replace',
        },
      ]);
    const results = await Promise.all(Array.from({ length: 20 }, create));
    expect(results.every(({ accepted: started }) => started)).toBe(true);
    await eventually('all but one are cancelled', async () => {
      const rows = await world.database.query<{ state: string }>('SELECT state FROM freshet.run');
      return (
        rows.filter(({ state }) => state === 'cancelled').length === 19 && rows.some(({ state }) => state === 'running')
      );
    });
  });
});
