import { randomUUID } from 'node:crypto';
import { lineage, pruneCheckResults, pruneRuns } from '@freshet/database';
import { eventually, useWorld } from './world';

const DATASET = 'demo.main';
const DAYS_90 = { keepDays: 90, limit: 100 };

describe('forgetting runs that ended long ago', () => {
  const world = useWorld('prune');
  const execute = (sql: string, values: readonly unknown[] = []): Promise<number> =>
    world.database.execute(sql, values as unknown[]);

  /** A run with a task, an attempt, a ledger entry and a refused row, as the services would have left it. */
  async function run(
    daysAgo: number,
    {
      state = 'published',
      dataset = DATASET,
      priority = 0,
    }: { state?: string; dataset?: string; priority?: number } = {},
  ): Promise<{ runId: string; taskId: string }> {
    const [runId, taskId] = [randomUUID(), randomUUID()];
    await execute(`INSERT INTO freshet.dataset (id) VALUES ($1) ON CONFLICT DO NOTHING`, [dataset]);
    const ended = !['queued', 'running', 'publishing', 'exporting'].includes(state);
    await execute(
      `INSERT INTO freshet.run (id, dataset, state, trigger, idempotency_key, content_version, generation, priority, requested_at, ended_at)
       VALUES ($1, $2, $3, 'schedule', gen_random_uuid(), 'v1', 1, $6, now() - make_interval(days => $4), CASE WHEN $5 THEN now() - make_interval(days => $4) END)`,
      [runId, dataset, state, daysAgo, ended, priority],
    );
    await execute(`INSERT INTO freshet.task (id, run_id, state, attempt) VALUES ($1, $2, 'done', 1)`, [taskId, runId]);
    await execute(`INSERT INTO freshet.task_attempt (task_id, attempt) VALUES ($1, 1)`, [taskId]);
    await execute(
      `INSERT INTO freshet.ledger (task_id, attempt, resource, chunk, records, "rows", refused, bytes, checksum) VALUES ($1, 1, 'main', 0, 2, 1, 1, 9, '')`,
      [taskId],
    );
    await execute(
      `INSERT INTO freshet.quarantine (dataset, run_id, task_id, attempt, resource, chunk, "row", reason, detail, record) VALUES ($1, $2, $3, 1, 'main', 0, 1, 'r', 'd', 'x')`,
      [dataset, runId, taskId],
    );
    await execute(`INSERT INTO freshet.publication (run_id, outcome) VALUES ($1, 'published')`, [runId]);
    return { runId, taskId };
  }

  async function generation(
    number: number,
    runId: string,
    state: 'published' | 'retired',
    describedBy: string,
  ): Promise<void> {
    await execute(
      `INSERT INTO freshet.generation (dataset, number, run_id, state, content_version, access) VALUES ($1, $2, $3, $4, 'v1', '{}')`,
      [DATASET, number, runId, state],
    );
    await execute(
      `INSERT INTO freshet.generation_resource (dataset, generation, resource, rows_from, task_id, attempt, "rows", refused, bytes, sha256, columns)
       VALUES ($1, $2, 'main', $2, $3, 1, 1, 1, 9, 'abc', '[]')`,
      [DATASET, number, describedBy],
    );
    await execute(
      `INSERT INTO freshet.change_log (dataset, from_generation, to_generation, resource, changes) VALUES ($1, $2 - 1, $2, 'main', '{}')`,
      [DATASET, number],
    );
  }

  const left = async (sql: string): Promise<string[]> =>
    (await world.database.query<{ id: string }>(sql)).map(({ id }) => String(id)).sort();
  const runs = (): Promise<string[]> => left('SELECT id FROM freshet.run');
  const of = (...kept: ReadonlyArray<{ runId: string }>): string[] => kept.map(({ runId }) => runId).sort();

  it('takes their tasks, attempts, ledger, refused rows and dead letters with them, and leaves those of newer ones', async () => {
    const old = await run(91, { state: 'failed' });
    const recent = await run(89);
    await execute(
      `INSERT INTO freshet.dead_letter (topic, "partition", "offset", headers, value, code, reason, step, run_id)
       VALUES ('t', 0, '1', '{}', '', 'c', 'r', 's', $1), ('t', 0, '2', '{}', '', 'c', 'r', 's', $2)`,
      [old.runId, recent.runId],
    );
    expect(await pruneRuns(world.database, DAYS_90)).toEqual({ runs: 1, generations: 0 });
    expect(await runs()).toEqual(of(recent));
    for (const table of ['task_attempt', 'ledger', 'quarantine'])
      expect(await left(`SELECT task_id AS id FROM freshet.${table}`)).toEqual([recent.taskId]);
    expect(await left('SELECT run_id AS id FROM freshet.publication')).toEqual(of(recent));
    expect(await left('SELECT run_id AS id FROM freshet.dead_letter')).toEqual(of(recent));
    expect(await pruneRuns(world.database, DAYS_90)).toEqual({ runs: 0, generations: 0 });
  });

  it('never takes the newest run of a dataset, its newest success, or one that has not ended', async () => {
    await run(400);
    const success = await run(300, { state: 'unchanged' });
    await run(250, { state: 'failed' });
    const active = await run(220, { state: 'exporting' });
    const newest = await run(200, { state: 'failed' });
    await run(190, { priority: -1 });
    const backfill = await run(180, { priority: -1 });
    const alone = await run(500, { state: 'cancelled', dataset: 'demo.other' });
    expect(await pruneRuns(world.database, DAYS_90)).toMatchObject({ runs: 3 });
    // What a dataset is shown with, and what alerts count from, is no backfill.
    expect(await runs()).toEqual(of(success, active, newest, backfill, alone));
  });

  it('keeps whatever a kept generation was made by, and forgets retired ones with their runs', async () => {
    const described = await run(400);
    const retired = await run(300);
    const kept = await run(200);
    await run(1);
    await generation(1, described.runId, 'retired', described.taskId);
    await generation(2, retired.runId, 'retired', retired.taskId);
    // The same content as in generation 1: its rows and its ledger still count.
    await generation(3, kept.runId, 'published', described.taskId);
    expect(await pruneRuns(world.database, DAYS_90)).toEqual({ runs: 1, generations: 1 });
    expect(await runs()).not.toContain(retired.runId);
    expect(await left('SELECT number AS id FROM freshet.generation')).toEqual(['1', '3']);
    expect(await left('SELECT generation AS id FROM freshet.generation_resource')).toEqual(['1', '3']);
    expect(await left('SELECT to_generation AS id FROM freshet.change_log')).toEqual(['1', '3']);
    expect(await left('SELECT task_id AS id FROM freshet.ledger')).toContain(described.taskId);
  });

  it('leaves observations, and where they came from', async () => {
    const { runId, taskId } = await run(200, { dataset: 'eia.demand' });
    await run(1, { dataset: 'eia.demand' });
    await observation('eia.demand', runId, taskId);
    expect(await pruneRuns(world.database, DAYS_90)).toMatchObject({ runs: 1 });
    const found = await lineage(world.database, { series: 'PJM.demand', at: new Date('2026-05-01T00:30:00Z') });
    expect(found).toMatchObject({ steps: [{ value: '1000', runId, taskId, attempt: 1, source: '{"value":"1000"}' }] });
  });

  it('leaves a run that a partition of a backfill still waits for', async () => {
    const { runId } = await run(200, { state: 'failed' });
    await run(1);
    const backfill = randomUUID();
    await execute(
      `INSERT INTO freshet.backfill (id, dataset, origin, from_at, to_at, selected, idempotency_key) VALUES ($1, $2, 'manual', now(), now(), '{}', 'k')`,
      [backfill, DATASET],
    );
    await execute(
      `INSERT INTO freshet.backfill_partition (backfill_id, dataset, selected, from_at, to_at, state, run_id) VALUES ($1, $2, 'PJM', now(), now(), 'leased', $3)`,
      [backfill, DATASET, runId],
    );
    expect(await pruneRuns(world.database, DAYS_90)).toMatchObject({ runs: 0 });
    await execute(`UPDATE freshet.backfill_partition SET state = 'failed'`);
    expect(await pruneRuns(world.database, DAYS_90)).toMatchObject({ runs: 1 });
  });

  it('goes in small batches, oldest first, past what somebody has locked', async () => {
    const [oldest, second, third] = [await run(303), await run(302), await run(301)];
    const newest = await run(1);
    await world.database.transaction(async (tx) => {
      await tx.query('SELECT 1 FROM freshet.run WHERE id = $1 FOR UPDATE', [oldest.runId]);
      expect(await pruneRuns(world.database, { keepDays: 90, limit: 1 })).toMatchObject({ runs: 1 });
    });
    expect(await runs()).toEqual(of(oldest, third, newest));
    expect(await runs()).not.toContain(second.runId);
    expect(await pruneRuns(world.database, { keepDays: 90, limit: 1 })).toMatchObject({ runs: 1 });
    expect(await runs()).toEqual(of(third, newest));
  });

  it('forgets results of checks by their age', async () => {
    for (const days of [200, 100, 91, 89, 0]) await checkResult(days);
    expect(await pruneCheckResults(world.database, { keepDays: 90, limit: 2 })).toBe(2);
    expect(await pruneCheckResults(world.database, { keepDays: 90, limit: 2 })).toBe(1);
    expect(await pruneCheckResults(world.database, { keepDays: 90, limit: 2 })).toBe(0);
    expect(await left(`SELECT name AS id FROM freshet.check_result`)).toEqual(['0', '89']);
  });

  it('is done by the leader, after as many days as it is told', async () => {
    await run(9);
    await checkResult(9);
    const kept = await run(7);
    const newest = await run(1);
    await world.start({ settings: { keepRunsDays: 8 } });
    await eventually('the old run is gone', async () => (await runs()).length === 2);
    await eventually('and its checks', async () => (await left('SELECT id FROM freshet.check_result')).length === 0);
    expect(await runs()).toEqual(of(kept, newest));
  });

  const checkResult = (daysAgo: number): Promise<number> =>
    execute(
      `INSERT INTO freshet.check_result (dataset, name, kind, severity, window_from, window_to, evaluated, failed, checked_at)
       VALUES ('eia.demand', $1::int::text, 'negative', 'note', now(), now(), 1, 0, now() - make_interval(days => $1::int))`,
      [daysAgo],
    );

  async function observation(dataset: string, runId: string, taskId: string): Promise<void> {
    const [series] = await world.database.query<{ id: number }>(
      `INSERT INTO freshet.series (dataset, name, respondent, aggregate, kind, unit, codes, resolution_seconds, run_id)
       VALUES ($1, 'PJM.demand', 'PJM', false, 'demand', 'MWh', '{}', 3600, $2) RETURNING id`,
      [dataset, runId],
    );
    const [merge] = await world.database.query<{ id: number }>(
      `INSERT INTO freshet.merge (run_id, task_id, attempt, dataset, content_version, window_from, window_to, selected, requests, first_answered_at, answered_at, added, changed, unchanged, late, duplicates)
       VALUES ($1, $2, 1, $3, 'v1', '2026-05-01T00:00Z', '2026-05-01T01:00Z', '{PJM}', '[]', now(), now(), 1, 0, 0, 0, 0) RETURNING id`,
      [runId, taskId, dataset],
    );
    if (!(await world.database.query(`SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'`)).length)
      await execute(
        `CREATE TABLE freshet.observation_2026_05 PARTITION OF freshet.observation FOR VALUES FROM ('2026-05-01T00:00Z') TO ('2026-06-01T00:00Z')`,
      );
    await execute(
      `INSERT INTO freshet.observation (series_id, starts_at, ends_at, value, quality, answered_at, first_seen, merge_id, chunk, "row", source)
       VALUES ($1, '2026-05-01T00:00Z', '2026-05-01T01:00Z', 1000, 'good', now(), now(), $2, 0, 0, '{"value":"1000"}')`,
      [series?.id, merge?.id],
    );
  }
});
