import type { BackfillPlanView, BackfillView, GapView, ProblemBody } from '@freshet/contracts';
import {
  Backfiller,
  Engine,
  GapSensor,
  RefreshService,
  parseApiTokens,
  type CoordinatorSettings,
} from '@freshet/coordinator-service';
import { leasedPartitions, startBackfillRun } from '@freshet/database';
import type { SeriesDefinition } from '@freshet/domain';
import request from 'supertest';
import { StoredSeries, seriesDefinition } from '../timeseries/stored';
import { definition, eventually, useWorld, type Coordinator } from './world';

const day = (of: number, hour = 0): string => new Date(Date.UTC(2026, 10, of, hour)).toISOString();
const HOUR = 3_600_000;
const DEMAND = 'eia.demand';

/** Five days of two respondents are four windows of at most 60 hours. */
const demand = (over: Partial<SeriesDefinition['timeseries']['backfill']> = {}): SeriesDefinition => {
  const { paging, timeseries } = seriesDefinition(DEMAND);
  return seriesDefinition(
    DEMAND,
    { paging: { ...paging, select: { ...paging.select, values: ['PJM', 'CISO'] } }, schedule: null },
    { backfill: { ...timeseries.backfill, windowSeconds: 60 * 3600, ...over } },
  );
};

describe('a backfill', () => {
  const world = useWorld('backfill');
  let stored: StoredSeries;
  let coordinator: Coordinator;
  let now: Date;
  const clock = { now: () => now };

  beforeEach(() => {
    stored = new StoredSeries(world.database);
    now = new Date('2026-11-20T12:30:00Z');
  });

  const start = async (
    settings: Partial<CoordinatorSettings> = {},
    definitions = [demand(), definition('demo.main')],
  ): Promise<Coordinator> => (coordinator = await world.start({ definitions, settings, clock }));
  /** One whose engine stands still, so that the test decides when something happens. */
  const startStill = async (definitions = [demand()]): Promise<Coordinator> => {
    await start({}, definitions);
    await coordinator.app.get(Engine).beforeApplicationShutdown();
    return coordinator;
  };

  const post = (path: string, body: object = {}) => request(coordinator.url).post(`/api/v1/${path}`).send(body);
  const get = (path: string) => request(coordinator.url).get(`/api/v1/${path}`);
  const order = { from: day(1), to: day(6) };
  const begin = async (body: object = {}): Promise<BackfillView> =>
    (await post(`datasets/${DEMAND}/backfills`, { ...order, ...body }).expect(202)).body as BackfillView;
  const view = async (id: string): Promise<BackfillView> =>
    (await get(`backfills/${id}`).expect(200)).body as BackfillView;
  const states = async (id: string): Promise<string> =>
    ((await view(id)).partitions ?? []).map(({ state }) => state).join(' ');

  const runs = () =>
    world.database.query<{
      id: string;
      state: string;
      idempotency_key: string;
      params: object;
      priority: number;
      trigger: string;
    }>(
      `SELECT id, state, idempotency_key, params, priority, trigger FROM freshet.run WHERE trigger = 'backfill' ORDER BY requested_at, id`,
    );
  /** What becomes of a run that a worker has carried to its end. */
  const end = async (
    runId: string,
    outcome: 'published' | 'resource_empty' | 'http_server_error' = 'published',
  ): Promise<void> => {
    const failure =
      outcome === 'published'
        ? null
        : JSON.stringify({ code: outcome, kind: 'terminal', message: 'it failed', nextStep: '', attributes: {} });
    await world.database.transaction(async (tx) => {
      await tx.execute(`UPDATE freshet.task SET state = $2 WHERE run_id = $1`, [runId, failure ? 'failed' : 'done']);
      await tx.execute(`UPDATE freshet.run SET state = $2, failure = $3, ended_at = now() WHERE id = $1`, [
        runId,
        failure ? 'failed' : outcome,
        failure,
      ]);
      await tx.query(`SELECT pg_notify('freshet_coordinator', '')`);
    });
  };
  const active = async (): Promise<readonly string[]> =>
    (await runs()).filter(({ state }) => state === 'queued' || state === 'running').map(({ id }) => id);
  /** A worker that brings every run to the same end until none is left to do. */
  const workUntilEnded = (id: string): Promise<BackfillView> =>
    eventually('the end of the backfill', async () => {
      for (const run of await active()) await end(run);
      const now = await view(id);
      return now.state === 'running' ? false : now;
    });

  it('is planned without changing anything, then carried out two windows at a time, to its end', async () => {
    await start();
    await stored.hours(DEMAND, 'PJM.demand', 'PJM', day(1), day(3, 12));
    const plan = (await post(`datasets/${DEMAND}/backfills`, { ...order, dryRun: true }).expect(200))
      .body as BackfillPlanView;
    expect(plan).toMatchObject({ dataset: DEMAND, from: day(1), to: day(6), requests: 3 });
    expect(
      plan.partitions.map(({ selected, from, missing, requests, skip }) => [selected, from, missing, requests, skip]),
    ).toEqual([
      ['PJM', day(1), 0, 0, 'complete already'],
      ['CISO', day(1), 60, 1, null],
      ['PJM', day(3, 12), 60, 1, null],
      ['CISO', day(3, 12), 60, 1, null],
    ]);
    expect((await get('backfills').expect(200)).body).toEqual([]);

    const backfill = await begin();
    expect(backfill).toMatchObject({
      state: 'running',
      origin: 'manual',
      selected: ['PJM', 'CISO'],
      counts: { skipped: 1 },
    });
    await eventually('two under way', async () => (await states(backfill.id)) === 'skipped leased leased pending');
    const [first] = await runs();
    expect(first).toMatchObject({
      trigger: 'backfill',
      priority: -1,
      params: { window: { from: day(1), to: day(3, 12) }, only: ['CISO'] },
    });
    expect(first?.idempotency_key).toMatch(/^backfill:\d+:1$/);
    await end(first?.id ?? '');
    await eventually('the next one', async () => (await states(backfill.id)) === 'skipped done leased leased');

    const done = await workUntilEnded(backfill.id);
    expect(done).toMatchObject({ state: 'done', counts: { pending: 0, leased: 0, done: 3, skipped: 1, failed: 0 } });
    expect(done.partitions?.[0]).toMatchObject({ reason: 'complete already', runId: null });
    expect(await runs()).toHaveLength(3);
    const [listed] = (await get(`backfills?dataset=${DEMAND}`).expect(200)).body as BackfillView[];
    expect(listed).toMatchObject({ id: backfill.id, state: 'done' });
    expect(listed).not.toHaveProperty('partitions');
  });

  it('asks for complete windows too when forced, and only for what was selected', async () => {
    await startStill();
    await stored.hours(DEMAND, 'PJM.demand', 'PJM', day(1), day(6));
    expect(await begin({ only: ['PJM'] })).toMatchObject({ state: 'done', counts: { skipped: 2 } });
    expect(await begin({ only: ['respondent=CAISO'], force: true })).toMatchObject({
      selected: ['CISO'],
      counts: { pending: 2 },
    });
    expect(await begin({ only: ['pjm'], force: true })).toMatchObject({ selected: ['PJM'], counts: { pending: 2 } });
  });

  it('tells a publisher that has nothing from a failure', async () => {
    await start();
    const backfill = await begin();
    for (const outcome of ['resource_empty', 'http_server_error', 'published', 'published'] as const) {
      const [run] = await eventually('a run', async () => {
        const found = await active();
        return found.length > 0 ? found : null;
      });
      await end(run ?? '', outcome);
    }
    const ended = await eventually('the end', async () => {
      const found = await view(backfill.id);
      return found.state === 'running' ? null : found;
    });
    expect(ended).toMatchObject({ state: 'failed', counts: { done: 2, skipped: 1, failed: 1 } });
    expect(
      ended.partitions
        ?.map(({ reason }) => reason)
        .filter(Boolean)
        .sort(),
    ).toEqual(['http_server_error: it failed', 'the publisher has nothing']);
  });

  it('gives way to normal runs, and holds up none of them', async () => {
    await start();
    const backfill = await begin();
    await eventually('two under way', async () => (await states(backfill.id)) === 'leased leased pending pending');
    const [normal] = await coordinator.app.get(RefreshService).start({ datasets: [DEMAND] });
    await coordinator.announced(normal?.id ?? '', 1);
    for (const run of await active()) await end(run);
    await eventually('both are done', async () => (await states(backfill.id)) === 'done done pending pending');
    await coordinator.app.get(Backfiller).tick();
    expect(await states(backfill.id)).toBe('done done pending pending');
    await end(normal?.id ?? '');
    expect(await workUntilEnded(backfill.id)).toMatchObject({ state: 'done', counts: { done: 4 } });
  });

  it('goes on with another coordinator where the one before was stopped, and nothing is asked for twice', async () => {
    const first = await start();
    const backfill = await begin();
    await eventually('two under way', async () => (await states(backfill.id)) === 'leased leased pending pending');
    await first.stop();
    // Runs end while nobody leads.
    for (const run of await active()) await end(run);
    expect((await leasedPartitions(world.database)).map(({ run }) => run?.state)).toEqual(['published', 'published']);
    await start();
    expect(await workUntilEnded(backfill.id)).toMatchObject({ state: 'done', counts: { done: 4 } });
    expect(await runs()).toHaveLength(4);
  });

  it('finds the run again that a coordinator had created before it was killed', async () => {
    await startStill();
    const backfill = await begin();
    const [partition] = await world.database.query<{ id: number }>(
      'SELECT min(id) AS id FROM freshet.backfill_partition',
    );
    const created = await startBackfillRun(world.database, {
      definition: demand(),
      window: { from: new Date(day(1)), to: new Date(day(3, 12)) },
      only: ['PJM'],
      idempotencyKey: `backfill:${partition?.id}:1`,
    });
    await coordinator.app.get(Backfiller).tick();
    expect(await runs()).toHaveLength(2);
    expect((await view(backfill.id)).partitions?.[0]).toMatchObject({
      state: 'leased',
      runId: created.accepted ? created.runs[0] : '',
    });
  });

  it('has no more than two windows under way when several coordinators work on it', async () => {
    await startStill();
    const one = coordinator.app.get(Backfiller);
    const other = (await startStill()).app.get(Backfiller);
    const backfill = await begin({ to: day(20) });
    let most = 0;
    for (;;) {
      await Promise.all([one.tick(), other.tick(), one.tick()]);
      const going = await active();
      most = Math.max(most, going.length);
      if (going.length === 0) break;
      await Promise.all(going.map((run) => end(run)));
    }
    expect(most).toBe(2);
    const { partitions = [], state } = await view(backfill.id);
    expect(state).toBe('done');
    expect(await runs()).toHaveLength(partitions.length);
    expect(new Set(partitions.map(({ runId }) => runId)).size).toBe(partitions.length);
  });

  it('is cancelled with what is under way, and what is stored stays', async () => {
    await start();
    const backfill = await begin();
    await eventually('two under way', async () => (await states(backfill.id)) === 'leased leased pending pending');
    const [done, going] = await active();
    await end(done ?? '');
    await eventually('one is done', async () => (await states(backfill.id)).startsWith('done'));
    const cancelled = (await post(`backfills/${backfill.id}/cancel`).expect(200)).body as BackfillView;
    expect(cancelled.state).toBe('cancelled');
    const ended = await eventually('its runs are cancelled', async () => {
      const found = await view(backfill.id);
      return found.counts.leased === 0 ? found : null;
    });
    expect(ended).toMatchObject({ state: 'cancelled', counts: { done: 1, skipped: 3 } });
    expect(ended.partitions?.[3]).toMatchObject({ state: 'skipped', reason: 'cancelled' });
    expect((await runs()).find(({ id }) => id === going)?.state).toBe('cancelled');
    await post(`backfills/${backfill.id}/cancel`).expect(200);

    const other = await begin();
    await workUntilEnded(other.id);
    expect(((await post(`backfills/${other.id}/cancel`).expect(409)).body as ProblemBody).error).toContain(
      'has ended already',
    );
  });

  it('is the same one for the same idempotency key, whatever was stored meanwhile', async () => {
    await startStill();
    const first = await begin({ idempotencyKey: 'k' });
    await stored.hours(DEMAND, 'PJM.demand', 'PJM', day(1), day(6));
    expect(await begin({ idempotencyKey: 'k' })).toEqual(first);
    const both = await Promise.all([begin({ idempotencyKey: 'l' }), begin({ idempotencyKey: 'l' })]);
    expect(new Set(both.map(({ id }) => id)).size).toBe(1);
    expect((await get('backfills').expect(200)).body).toHaveLength(2);
  });

  it('goes from where the publisher begins to the newest interval that has ended', async () => {
    await startStill();
    const plan = async (from: string, to: string) => {
      const { body } = await post(`datasets/${DEMAND}/backfills`, { from, to, only: ['PJM'], dryRun: true }).expect(
        200,
      );
      return [body.from, body.to] as unknown;
    };
    expect(await plan('2018-06-01', '2019-01-02')).toEqual(['2019-01-01T00:00:00.000Z', '2019-01-02T00:00:00.000Z']);
    expect(await plan('2026-11-20T09:30:00+02:00', '2027-01-01')).toEqual([day(20, 7), day(20, 12)]);
  });

  it('is refused with every mistake of the order', async () => {
    await start();
    const mistakes = async (dataset: string, body: object): Promise<readonly string[]> =>
      ((await post(`datasets/${dataset}/backfills`, body).expect(400)).body as ProblemBody).details ?? [];
    expect(await mistakes(DEMAND, { from: 'yesterday', only: [] })).toHaveLength(3);
    expect(await mistakes(DEMAND, { from: day(6), to: day(1) })).toEqual(['to: it must be later than from']);
    expect(await mistakes(DEMAND, { from: day(25), to: day(26), only: ['PJN', 'fuel=PJM'] })).toEqual([
      expect.stringContaining('did you mean PJM'),
      expect.stringContaining('selected from by respondent, not by "fuel"'),
      expect.stringContaining('has ended yet'),
    ]);
    expect(await mistakes(DEMAND, { from: '2018-01-01', to: '2018-02-01' })).toEqual([
      expect.stringContaining('begins at'),
    ]);
    expect(await mistakes('demo.main', order)).toEqual([expect.stringContaining('demo.main is no time series')]);
    await post('datasets/eia.demnad/backfills', order).expect(404);
    await get('gaps').expect(400);
    await get(`backfills/${'0'.repeat(8)}-0000-4000-8000-000000000000`).expect(404);
  });

  it('is for operators to start and to cancel, and for readers to look at', async () => {
    const tokens = parseApiTokens('look:reader:reader-token-of-tests,act:operator:operator-token-of-tests');
    await start({ standalone: false, tokens });
    const as = (name: string) => ({ authorization: `Bearer ${name}-token-of-tests` });
    const path = `datasets/${DEMAND}/backfills`;
    await post(path, order).expect(401);
    await post(path, { ...order, dryRun: true })
      .set(as('reader'))
      .expect(403);
    const { body } = await post(path, order).set(as('operator')).expect(202);
    await get(`backfills/${(body as BackfillView).id}`)
      .set(as('reader'))
      .expect(200);
    await get(`gaps?dataset=${DEMAND}`).set(as('reader')).expect(200);
    await post(`backfills/${(body as BackfillView).id}/cancel`)
      .set(as('reader'))
      .expect(403);
  });

  describe('that the coordinator makes by itself', () => {
    const sense = (): Promise<readonly string[]> => coordinator.app.get(GapSensor).sense();
    const tick = (): Promise<void> => coordinator.app.get(Backfiller).tick();
    const gaps = async (): Promise<readonly GapView[]> =>
      (await get(`gaps?dataset=${DEMAND}`).expect(200)).body as GapView[];
    const later = (hours: number): void => void (now = new Date(now.getTime() + hours * HOUR));
    const both = async (options: Parameters<StoredSeries['hours']>[5] = {}): Promise<void> => {
      await stored.hours(DEMAND, 'PJM.demand', 'PJM', day(1), day(26), options);
      await stored.hours(DEMAND, 'CISO.demand', 'CISO', day(1), day(26));
    };

    it('asks for gaps older than the lag, neighbours together, and says so', async () => {
      await startStill();
      expect(await sense()).toEqual([]);
      await both({ except: [day(3, 4), day(3, 5)], missing: [day(3, 9), day(7)] });
      const [id, ...others] = await sense();
      expect(others).toEqual([]);
      const backfill = await view(id ?? '');
      expect(backfill).toMatchObject({ origin: 'gap', dataset: DEMAND, selected: ['PJM'], state: 'running' });
      expect(backfill.partitions?.map(({ from, to }) => [from, to])).toEqual([
        [day(3, 4), day(3, 10)],
        [day(7), day(7, 1)],
      ]);
      expect((await gaps()).map(({ kind, tries, givenUp }) => [kind, tries, givenUp])).toEqual([
        ['absent', 1, false],
        ['missing', 1, false],
        ['missing', 1, false],
      ]);
      expect(await sense()).toEqual([]);
    });

    it('asks less and less often, then never again', async () => {
      await startStill([demand({ maxTries: 3 })]);
      await both({ except: [day(3, 4)] });
      const tryOnce = async (): Promise<void> => {
        expect(await sense()).toHaveLength(1);
        await tick();
        for (const run of await active()) await end(run, 'resource_empty');
        await tick();
      };
      await tryOnce();
      later(0.9);
      expect(await sense()).toEqual([]);
      later(0.1);
      await tryOnce();
      later(5.9);
      expect(await sense()).toEqual([]);
      later(0.1);
      await tryOnce();
      later(48);
      expect(await sense()).toEqual([]);
      expect(await gaps()).toEqual([expect.objectContaining({ from: day(3, 4), tries: 3, givenUp: true })]);
      // Somebody may still ask for it.
      expect(await begin({ from: day(3), to: day(4), only: ['PJM'] })).toMatchObject({ counts: { pending: 1 } });
    });

    it('keeps to the budget of a day, the oldest gaps first', async () => {
      await startStill([demand({ maxPartitionsPerDay: 3 })]);
      await both({ except: [day(2), day(5), day(8), day(11), day(14)] });
      const [id] = await sense();
      expect((await view(id ?? '')).partitions?.map(({ from }) => from)).toEqual([day(2), day(5), day(8)]);
      expect(await sense()).toEqual([]);
      later(24);
      const [next] = await sense();
      expect((await view(next ?? '')).partitions?.map(({ from }) => from)).toEqual([day(11), day(14)]);
    });

    it('leaves alone what a refresh or an order may be about to bring, and definitions that do not want it', async () => {
      await startStill([demand({ automatic: false })]);
      await both({ except: [day(2)] });
      expect(await sense()).toEqual([]);
      await startStill();
      const [run] = await coordinator.app.get(RefreshService).start({ datasets: [DEMAND] });
      expect(await sense()).toEqual([]);
      await end(run?.id ?? '');
      const asked = await begin({ from: day(10), to: day(11), only: ['PJM'], force: true });
      expect(await sense()).toEqual([]);
      await post(`backfills/${asked.id}/cancel`).expect(200);
      expect(await sense()).toHaveLength(1);
    });

    it('skips what was filled before its turn came', async () => {
      await startStill();
      await both({ except: [day(2), day(5)] });
      const [id] = await sense();
      await stored.hours(DEMAND, 'PJM.demand', 'PJM', day(2), day(2, 1));
      await tick();
      expect((await view(id ?? '')).partitions?.map(({ state, reason }) => [state, reason])).toEqual([
        ['skipped', 'complete already'],
        ['leased', null],
      ]);
    });

    it('comes after what somebody asked for', async () => {
      await startStill();
      await both({ except: [day(2), day(5)] });
      const [id] = await sense();
      const asked = await begin({ from: day(1), to: day(6), only: ['PJM'] });
      await tick();
      expect(await states(asked.id)).toBe('leased leased');
      expect(await states(id ?? '')).toBe('pending pending');
    });

    it('is made once by coordinators that both think they lead', async () => {
      await startStill();
      const one = coordinator.app.get(GapSensor);
      const other = (await startStill()).app.get(GapSensor);
      await both({ except: [day(2)] });
      const made = await Promise.all([one.sense(), other.sense()]);
      expect(new Set(made.flat()).size).toBe(1);
      expect(await world.database.query('SELECT 1 FROM freshet.backfill_partition')).toHaveLength(1);
    });
  });
});
