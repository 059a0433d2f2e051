import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import {
  Database,
  PublishedRows,
  contentHash,
  diffGenerations,
  discard,
  publish,
  recordChangesOf,
  retain,
  rollback,
} from '@freshet/database';
import { startPostgres, type RunningPostgres } from '@freshet/testing';
import { WELLS, World, column, definition, deliveriesOf, resource, type Value } from './world';

const wells = (count: number, name = 'a'): Value[][] =>
  Array.from({ length: count }, (_, n) => [String(n).padStart(5, '0'), name, String(n)]);
const LOG = resource('log', [column('TEXT'), column('N', 'integer')]);

describe('publishing', () => {
  jest.setTimeout(180_000);
  let postgres: RunningPostgres;
  let world: World;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    world = await World.open(await postgres.createDatabase('publish'));
  });
  afterEach(() => world.close());

  const keep = (of: { resources: readonly { name: string }[] }, generations: number) => ({
    dataset: 'demo.wells',
    keep: generations,
    resources: of.resources.map(({ name }) => name),
  });

  it('shows a generation whole, keeps the verbatim order, and answers a repeated command with what was decided', async () => {
    const of = definition('demo.wells', [WELLS, LOG]);
    const first = await world.refresh(of, {
      wells: wells(5),
      log: [
        ['x', '1'],
        ['x', '1'],
        ['y', null],
      ],
    });
    expect(first).toMatchObject({ outcome: 'published', generation: 1, decidedNow: true });
    expect(await world.database.query('SELECT * FROM demo.wells ORDER BY api LIMIT 1')).toEqual([
      { api: '00000', name: 'a', depth: 0 },
    ]);
    expect(await world.database.query('SELECT * FROM demo.log')).toEqual([
      { text: 'x', n: 1 },
      { text: 'x', n: 1 },
      { text: 'y', n: null },
    ]);
    expect(await publish(world.database, of, first.plan.runId)).toMatchObject({
      outcome: 'published',
      generation: 1,
      decidedNow: false,
    });
    expect(
      await world.database.query(
        'SELECT resource, rows_from, "rows", columns FROM freshet.generation_resource ORDER BY resource',
      ),
    ).toMatchObject([
      {
        resource: 'log',
        rows_from: 1,
        rows: 3,
        columns: [
          { name: 'text', type: 'text', published: 'TEXT' },
          { name: 'n', type: 'integer', published: 'N' },
        ],
      },
      { resource: 'wells', rows_from: 1, rows: 5 },
    ]);
    expect(await world.stagingTables()).toBe(0);
    expect(await publish(world.database, of, randomUUID())).toMatchObject({ outcome: 'skipped' });
  });

  it('decides once when a command is delivered several times at the same moment', async () => {
    const of = definition('demo.wells', [WELLS, LOG]);
    for (let round = 1; round <= 8; round++) {
      const plan = await world.plan(of);
      const deliveries = deliveriesOf(plan, { wells: wells(6, `${round}`), log: [[`${round}`, '1']] });
      await world.load(deliveries);
      await world.readyToPublish(plan, deliveries);
      const deliver = (n: number) =>
        new Promise((resolve) => setTimeout(resolve, n * round))
          .then(() => publish(world.database, of, plan.runId))
          .catch((error: unknown) => error as Error);
      const outcomes = await Promise.all([0, 1, 2].map(deliver));
      // One that came in between may fail, and is delivered again.
      expect(outcomes.filter((outcome) => !(outcome instanceof Error) && outcome.decidedNow)).toHaveLength(1);
      expect(await publish(world.database, of, plan.runId)).toMatchObject({
        outcome: 'published',
        generation: plan.generation,
        decidedNow: false,
      });
      expect(await world.database.query('SELECT count(*) AS n, min(name) AS name FROM demo.wells')).toEqual([
        { n: 6, name: `${round}` },
      ]);
      expect(await world.database.query('SELECT text FROM demo.log')).toEqual([{ text: `${round}` }]);
      await world.end(plan, 'published');
    }
    expect(await world.stagingTables()).toBe(0);
  });

  it('never shows readers anything but one whole generation, whatever their isolation', async () => {
    const of = definition('demo.wells', [WELLS, LOG], { retainGenerations: 1 });
    await world.refresh(of, { wells: wells(300, 'g1'), log: wells(30).map(() => ['g1', '1']) });
    const sql = `SELECT (SELECT count(*)::int FROM demo.wells) AS wells, (SELECT count(DISTINCT name)::int FROM demo.wells) AS names, (SELECT min(name) FROM demo.wells) AS name, (SELECT min(text) FROM demo.log) AS text, (SELECT count(*)::int FROM demo.log) AS log`;
    const seen = new Set<string>();
    let stop = false;
    const poll = async (isolation: string, statements: number): Promise<number> => {
      const client = new Client({ connectionString: world.url });
      await client.connect();
      let polls = 0;
      while (!stop) {
        await client.query(`BEGIN ISOLATION LEVEL ${isolation}`);
        const answers: string[] = [];
        for (let n = 0; n < statements; n++) {
          const { rows } = await client.query<{
            wells: number;
            names: number;
            name: string;
            text: string;
            log: number;
          }>(sql);
          const [row] = rows;
          const number = Number(row?.name.slice(1));
          expect(row).toEqual({
            wells: 300 + (number - 1) * 10,
            names: 1,
            name: `g${number}`,
            text: `g${number}`,
            log: 30 + number - 1,
          });
          answers.push(`g${number}`);
          seen.add(`g${number}`);
          polls++;
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        if (isolation === 'REPEATABLE READ') expect(new Set(answers).size).toBe(1);
        await client.query('COMMIT');
      }
      await client.end();
      return polls;
    };
    const readers = Promise.all([poll('REPEATABLE READ', 8), poll('READ COMMITTED', 4)]);
    for (let generation = 2; generation <= 7; generation++) {
      await world.refresh(of, {
        wells: wells(300 + (generation - 1) * 10, `g${generation}`),
        log: wells(30 + generation - 1).map(() => [`g${generation}`, '1']),
      });
      await retain(world.database, keep(of, 1));
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    stop = true;
    const polls = await readers;
    expect(Math.min(...polls)).toBeGreaterThan(10);
    expect(seen.has('g7')).toBe(true);
    expect(seen.size).toBeGreaterThan(2);
  });

  it('answers statements whose plan is older than the publication: prepared, in a loop of PL/pgSQL, or planned while it happened', async () => {
    const of = definition('demo.wells');
    const next = (name: string) => world.refresh(of, { wells: wells(3, name) });
    await next('one');
    await world.database.query(`
      CREATE FUNCTION loops() RETURNS text LANGUAGE plpgsql AS $$ DECLARE seen text; answer text := ''; BEGIN
        FOR i IN 1..6 LOOP SELECT count(*) || min(name) INTO seen FROM demo.wells; answer := answer || seen || ' '; PERFORM pg_sleep(0.25); END LOOP; RETURN answer; END $$;
      CREATE FUNCTION slowly(value text) RETURNS text STABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.7); RETURN value; END $$;`);
    const reader = new Client({ connectionString: world.url });
    await reader.connect();
    const ask = async (sql: string, name?: string): Promise<string> =>
      String(
        Object.values(
          (await reader.query<Record<string, unknown>>(name ? { name, text: sql, values: [1] } : sql)).rows[0] ?? {},
        )[0],
      );
    // A reader who may see the view and nothing else.
    const role = `stale_reader_${process.pid}`;
    await world.database.query(
      `CREATE ROLE ${role}; GRANT USAGE ON SCHEMA demo TO ${role}; GRANT SELECT ON demo.wells TO ${role}`,
    );
    await reader.query(`SET ROLE ${role}`);
    await expect(
      reader.query(`SELECT * FROM freshet.late_rows('demo.wells', 'wells', 'demo.wells', '{api}') AS l (api text)`),
    ).rejects.toThrow('permission denied for schema freshet');
    await reader.query('SET plan_cache_mode = force_generic_plan');
    await reader.query('BEGIN');
    const prepared = `SELECT count(*) || min(name) FROM demo.wells WHERE $1::int = 1`;
    expect(await ask(prepared, 'prepared')).toBe('3one');
    await next('two');
    expect(await ask(prepared, 'prepared')).toBe('3two');
    await next('three');
    expect(await ask(prepared, 'prepared')).toBe('3three');
    await reader.query('COMMIT');
    const looping = ask('SELECT loops()');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await next('four');
    expect(
      (await looping)
        .trim()
        .split(' ')
        .every((seen) => ['3three', '3four'].includes(seen)),
    ).toBe(true);
    // The planner asks slowly() for its estimate, after it has listed the partitions; the snapshot is taken later still.
    const racing = ask(`SELECT count(*) || min(name) FROM demo.wells WHERE api < slowly('zzz')`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await next('five');
    expect(['3four', '3five']).toContain(await racing);
    await reader.query(`RESET ROLE; DROP OWNED BY ${role}; DROP ROLE ${role}`);
    await reader.end();
  });

  it('reads only the partition that the pointer names', async () => {
    const of = definition('demo.wells');
    for (const name of ['one', 'two', 'three']) await world.refresh(of, { wells: wells(200, name) });
    const plan = (
      await world.database.query<{ 'QUERY PLAN': string }>(
        'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT count(*) FROM demo.wells',
      )
    ).map((row) => row['QUERY PLAN']);
    const scanned = plan.filter((line) => /Scan on|Scan using/.test(line) && !line.includes('never executed'));
    expect(scanned.filter((line) => line.includes('wells@3')).length).toBeGreaterThan(0);
    expect(scanned.filter((line) => /wells@[12]/.test(line) || line.includes('late'))).toEqual([]);
  });

  it('refuses what does not balance or repeats a key, keeps what is published, and shows an example without personal values', async () => {
    const keyed = resource(
      'wells',
      [column('API'), column('NAME', 'text', { personal: true }), column('DEPTH', 'integer')],
      ['API', 'NAME'],
    );
    const of = definition('demo.wells', [keyed]);
    await world.refresh(of, { wells: wells(3) });
    const twice = await world.refresh(of, {
      wells: [
        ['00001', 'Smith', '1'],
        ['00001', 'Smith', '2'],
        ['00002', 'Jones', '3'],
      ],
    });
    expect(twice).toMatchObject({
      outcome: 'refused',
      failure: { code: 'gate_duplicate_key', message: expect.stringContaining('api=00001, name=***') },
    });
    expect(JSON.stringify(twice.failure)).not.toContain('Smith');
    const plan = await world.plan(of);
    const deliveries = deliveriesOf(plan, { wells: wells(6, 'b') });
    await world.load(deliveries.slice(1));
    await world.readyToPublish(plan, deliveries);
    expect(await publish(world.database, of, plan.runId)).toMatchObject({
      outcome: 'refused',
      failure: { code: 'balance_mismatch' },
    });
    expect(await world.database.query('SELECT DISTINCT name FROM demo.wells')).toEqual([{ name: 'a' }]);
    await world.end(plan, 'failed');
    await discard(world.database, plan.runId);
    await discard(world.database, twice.plan.runId);
    expect(await world.stagingTables()).toBe(0);
    expect(
      await world.refresh(
        { ...of, gates: { ...of.gates, uniqueKey: 'off' } },
        {
          wells: [
            ['1', 'x', '1'],
            ['1', 'x', '2'],
          ],
        },
      ),
    ).toMatchObject({ outcome: 'published' });
  });

  it('knows unchanged content, keeps the rows of resources that did not change, and replaces everything when forced', async () => {
    const of = definition('demo.wells', [WELLS, LOG]);
    const log = [['x', '1']];
    await world.refresh(of, { wells: wells(4), log });
    expect(await world.refresh(of, { wells: wells(4), log }, { etag: 'e2' })).toMatchObject({
      outcome: 'unchanged',
      generation: 1,
    });
    expect(await world.database.query('SELECT validators FROM freshet.generation')).toEqual([
      { validators: { etag: 'e2' } },
    ]);
    expect(await world.stagingTables()).toBe(0);
    const partly = await world.refresh(of, { wells: wells(4), log: [['y', '2']] });
    expect(partly).toMatchObject({ outcome: 'published' });
    expect(
      await world.database.query(
        'SELECT resource, rows_from FROM freshet.generation_resource WHERE generation = $1 ORDER BY 1',
        [partly.generation],
      ),
    ).toEqual([
      { resource: 'log', rows_from: partly.generation },
      { resource: 'wells', rows_from: 1 },
    ]);
    expect([await world.count('demo.wells'), await world.database.query('SELECT text FROM demo.log')]).toEqual([
      4,
      [{ text: 'y' }],
    ]);
    expect(await world.stagingTables()).toBe(0);
    const forced = await world.refresh(of, { wells: wells(4), log: [['y', '2']] }, { force: true });
    expect(forced.outcome).toBe('published');
    expect(await contentHash(world.database, of.id, forced.generation ?? 0)).toEqual(
      await contentHash(world.database, of.id, partly.generation ?? 0),
    );
    // Another definition of the same bytes is new content.
    expect(await world.refresh({ ...of, contentVersion: 'v2' }, { wells: wells(4), log: [['y', '2']] })).toMatchObject({
      outcome: 'published',
    });
  });

  it('does not wait for whoever reads staged rows that are not needed, such as a backup', async () => {
    const of = definition('demo.wells', [WELLS, LOG]);
    await world.refresh(of, { wells: wells(2), log: [['x', '1']] });
    const plan = await world.plan(of);
    const deliveries = deliveriesOf(plan, { wells: wells(2), log: [['y', '2']] });
    await world.load(deliveries);
    await world.readyToPublish(plan, deliveries);
    await world.database.withClient(async (backup) => {
      await backup.query('BEGIN');
      await backup.query(`LOCK TABLE freshet_stage."${plan.taskId.replaceAll('-', '')}_1_wells" IN ACCESS SHARE MODE`);
      const patience = new Promise((resolve) => setTimeout(() => resolve('waits'), 10_000).unref());
      const publishing = publish(world.database, of, plan.runId);
      expect(await Promise.race([publishing, patience])).toMatchObject({ outcome: 'published' });
      await backup.query('ROLLBACK');
      await publishing;
    });
    await world.end(plan, 'published');
    expect(await retain(world.database, keep(of, 1))).toMatchObject({ leftovers: 1 });
    expect(await world.stagingTables()).toBe(0);
  });

  it('waits for its next command when somebody reads what it has to attach, and then publishes', async () => {
    const of = definition('demo.wells');
    const plan = await world.plan(of);
    const deliveries = deliveriesOf(plan, { wells: wells(2) });
    await world.load(deliveries);
    await world.readyToPublish(plan, deliveries);
    await world.database.withClient(async (backup) => {
      await backup.query('BEGIN');
      await backup.query(`LOCK TABLE freshet_stage."${plan.taskId.replaceAll('-', '')}_1_wells" IN ACCESS SHARE MODE`);
      expect(await publish(world.database, of, plan.runId)).toMatchObject({ outcome: 'skipped' });
      await backup.query('ROLLBACK');
    });
    expect(await publish(world.database, of, plan.runId)).toMatchObject({ outcome: 'published' });
    expect(await world.count('demo.wells')).toBe(2);
  });

  it('rolls back at once, stays pinned through unchanged answers, and is released by new content, by force, or by the newest', async () => {
    const of = definition('demo.wells');
    const pinned = () =>
      world.database.query(
        'SELECT current_generation AS current, head_generation AS head, pinned FROM freshet.dataset',
      );
    await world.refresh(of, { wells: wells(2, 'one') });
    await world.refresh(of, { wells: wells(3, 'two') });
    expect(await rollback(world.database, of.id)).toEqual({ from: 2, to: 1, pinned: true });
    expect(await world.count('demo.wells')).toBe(2);
    expect(await world.refresh(of, { wells: wells(3, 'two') })).toMatchObject({ outcome: 'unchanged', generation: 2 });
    expect(await pinned()).toEqual([{ current: 1, head: 2, pinned: true }]);
    expect(await rollback(world.database, of.id, 2)).toEqual({ from: 1, to: 2, pinned: false });
    await rollback(world.database, of.id);
    const fresh = await world.refresh(of, { wells: wells(4, 'three') });
    expect(await pinned()).toEqual([{ current: fresh.generation, head: fresh.generation, pinned: false }]);
    await rollback(world.database, of.id);
    const forced = await world.refresh(of, { wells: wells(4, 'three') }, { force: true });
    expect(await pinned()).toEqual([{ current: forced.generation, head: forced.generation, pinned: false }]);
    await expect(rollback(world.database, of.id, 99)).rejects.toMatchObject({ code: 'not_found' });
    await expect(rollback(world.database, 'demo.none')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('grows by a column, keeping grants, users’ views and older generations', async () => {
    const of = definition('demo.wells');
    await world.refresh(of, { wells: wells(2) });
    await world.database.query(
      `CREATE ROLE reader_${process.pid} LOGIN; GRANT USAGE ON SCHEMA demo TO reader_${process.pid}; GRANT SELECT ON demo.wells TO reader_${process.pid}; CREATE VIEW public.mine AS SELECT api FROM demo.wells`,
    );
    const wider = definition(
      'demo.wells',
      [resource('wells', [column('API'), column('FIELD'), column('NAME'), column('DEPTH', 'integer')], ['API'])],
      { contentVersion: 'v2' },
    );
    await world.refresh(wider, {
      wells: [
        ['1', 'north', 'n', '1'],
        ['2', 'south', 'n', '2'],
        ['3', 'west', 'n', '3'],
      ],
    });
    expect(await world.database.query('SELECT * FROM demo.wells ORDER BY api LIMIT 1')).toEqual([
      { api: '1', name: 'n', depth: 1, field: 'north' },
    ]);
    expect(await world.count('public.mine')).toBe(3);
    expect(
      await world.database.query(
        `SELECT has_table_privilege('reader_${process.pid}', 'demo.wells', 'SELECT') AS granted`,
      ),
    ).toEqual([{ granted: true }]);
    await world.database.query(`SET ROLE reader_${process.pid}; SELECT count(*) FROM demo.wells; RESET ROLE`);
    await rollback(world.database, of.id);
    expect(await world.database.query('SELECT * FROM demo.wells ORDER BY api LIMIT 1')).toEqual([
      { api: '00000', name: 'a', depth: 0, field: null },
    ]);
    // A narrower generation later leaves the column null.
    await world.refresh(definition('demo.wells', [WELLS], { contentVersion: 'v3' }), { wells: wells(1) });
    expect(await world.database.query('SELECT * FROM demo.wells')).toEqual([
      { api: '00000', name: 'a', depth: 0, field: null },
    ]);
    await world.database.query(
      `DROP VIEW public.mine; DROP OWNED BY reader_${process.pid}; DROP ROLE reader_${process.pid}`,
    );
  });

  it('gives up on a schema change that readers block, or that changes a type, and keeps what is published', async () => {
    const of = definition('demo.wells');
    await world.refresh(of, { wells: wells(2) });
    const reader = new Client({ connectionString: world.url });
    await reader.connect();
    await reader.query('BEGIN; SELECT count(*) FROM demo.wells');
    const wider = definition('demo.wells', [resource('wells', [...WELLS.columns, column('FIELD')], ['API'])], {
      contentVersion: 'v2',
    });
    const rows = wells(3).map((row) => [...row, 'x']);
    const patience = { lockTimeoutMs: 50, tries: 2, pauseMs: 10 };
    expect(await world.refresh(wider, { wells: rows }, { patience })).toMatchObject({
      outcome: 'refused',
      failure: { code: 'schema_change_blocked', nextStep: expect.stringContaining('pg_stat_activity') },
    });
    expect(await world.count('demo.wells')).toBe(2);
    await reader.query('COMMIT');
    await reader.end();
    expect(await world.refresh(wider, { wells: rows }, { patience })).toMatchObject({ outcome: 'published' });
    const other = definition(
      'demo.wells',
      [resource('wells', [column('API'), column('NAME'), column('DEPTH', 'decimal')], ['API'])],
      { contentVersion: 'v3' },
    );
    expect(await world.refresh(other, { wells: wells(2) })).toMatchObject({
      outcome: 'refused',
      failure: { code: 'schema_change_blocked', attributes: { column: 'depth', before: 'bigint', after: 'numeric' } },
    });
    expect(await world.count('demo.wells')).toBe(3);
  });

  it('removes an old generation only when no snapshot can be on it, and never one that is still referred to', async () => {
    const of = definition('demo.wells', [WELLS, LOG]);
    await world.refresh(of, { wells: wells(2, 'one'), log: [['kept', '1']] });
    await world.refresh(of, { wells: wells(3, 'two'), log: [['kept', '1']] });
    const old = new Client({ connectionString: world.url });
    await old.connect();
    // Its snapshot is older than the next publication; it has not touched the table yet.
    await old.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
    await world.refresh(of, { wells: wells(4, 'three'), log: [['kept', '1']] });
    expect(await retain(world.database, keep(of, 1))).toMatchObject({
      retired: [1, 2],
      dropped: [],
      waiting: ['demo.wells@1', 'demo.wells@2'],
      blind: false,
    });
    expect((await old.query('SELECT count(*)::int AS n, min(name) AS name FROM demo.wells')).rows).toEqual([
      { n: 3, name: 'two' },
    ]);
    await old.query('COMMIT');
    expect(await retain(world.database, keep(of, 1))).toMatchObject({
      retired: [],
      dropped: ['demo.wells@1', 'demo.wells@2'],
      waiting: [],
    });
    // Generation 3 shows the log of generation 1.
    expect(await world.database.query('SELECT text FROM demo.log')).toEqual([{ text: 'kept' }]);
    await expect(rollback(world.database, of.id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(contentHash(world.database, of.id, 2)).rejects.toMatchObject({ code: 'not_found' });
    expect(await contentHash(world.database, of.id, 3)).toMatchObject([
      { resource: 'log', rows: 1 },
      { resource: 'wells', rows: 4 },
    ]);
    await old.end();
  });

  it('leaves a partition that is in use alone, and finishes next time', async () => {
    const of = definition('demo.wells');
    await world.refresh(of, { wells: wells(2, 'one') });
    await world.refresh(of, { wells: wells(3, 'two') });
    const holder = new Client({ connectionString: world.url });
    await holder.connect();
    // A READ COMMITTED transaction between two statements has no snapshot, and still holds its locks.
    await holder.query('BEGIN; SELECT count(*) FROM demo.wells');
    const first = await retain(world.database, keep(of, 1));
    expect(first).toMatchObject({ retired: [1], dropped: [], waiting: ['demo.wells@1'] });
    expect((await holder.query('SELECT count(*)::int AS n FROM demo.wells')).rows).toEqual([{ n: 3 }]);
    // A new generation can be published meanwhile.
    expect(await world.refresh(of, { wells: wells(5, 'three') })).toMatchObject({ outcome: 'published' });
    await holder.query('COMMIT');
    expect((await retain(world.database, keep(of, 2))).dropped).toContain('demo.wells@1');
    expect(await world.count('demo.wells')).toBe(5);
    await holder.end();
  });

  it('cleans up staging tables of ended runs on the way', async () => {
    const of = definition('demo.wells');
    const lost = await world.plan(of);
    await world.load(deliveriesOf(lost, { wells: wells(2) }));
    await world.end(lost, 'cancelled');
    const working = await world.plan(of);
    await world.load(deliveriesOf(working, { wells: wells(2) }));
    expect(await retain(world.database, keep(of, 1))).toMatchObject({ leftovers: 1 });
    expect(await world.stagingTables()).toBe(1);
  });

  it('tells by key what changed, with published texts and without personal values', async () => {
    const of = definition('demo.wells');
    await world.refresh(of, {
      wells: [
        ['1', 'Smith', '1'],
        ['2', 'Jones', '2'],
        ['3', null, '3'],
        ['4', 'same', '4'],
        [null, 'nokey', '0'],
      ],
    });
    await world.refresh(of, {
      wells: [
        ['1', 'Smith', '10'],
        ['3', 'Kim', '33'],
        ['4', 'same', '4'],
        ['5', 'Lee', '5'],
        [null, 'nokey', '0'],
      ],
    });
    const diff = await diffGenerations(world.database, of, 1, 2);
    expect(diff.resources).toEqual([
      {
        resource: 'wells',
        by: 'key',
        added: 1,
        removed: 1,
        changed: 2,
        unchanged: 2,
        changedColumns: { NAME: 1, DEPTH: 2 },
        samples: [
          { change: 'added', key: { API: '5' }, after: { API: '5', NAME: '***', DEPTH: '5' } },
          { change: 'removed', key: { API: '2' }, before: { API: '2', NAME: '***', DEPTH: '2' } },
          { change: 'changed', key: { API: '1' }, before: { DEPTH: '1' }, after: { DEPTH: '10' } },
          {
            change: 'changed',
            key: { API: '3' },
            before: { NAME: null, DEPTH: '3' },
            after: { NAME: '***', DEPTH: '33' },
          },
        ],
      },
    ]);
    expect(await recordChangesOf(world.database, of, 2)).toMatchObject({ from: 1, to: 2 });
    expect(await recordChangesOf(world.database, of, 2)).toBeNull();
    expect(
      await world.database.query('SELECT from_generation, to_generation, changes FROM freshet.change_log'),
    ).toMatchObject([{ from_generation: 1, to_generation: 2, changes: { added: 1, removed: 1, changed: 2 } }]);
    await expect(diffGenerations(world.database, of, 1, 9)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('compares rows as a multiset where there is no key, also over a new column, and takes kept rows as they are', async () => {
    const of = definition('demo.wells', [WELLS, LOG]);
    await world.refresh(of, {
      wells: wells(2),
      log: [
        ['a', '1'],
        ['a', '1'],
        ['a', '1'],
        ['b', '2'],
      ],
    });
    await world.refresh(of, {
      wells: wells(2),
      log: [
        ['b', '2'],
        ['a', '1'],
        ['c', '3'],
        ['c', '3'],
      ],
    });
    const { resources } = await diffGenerations(world.database, of, 1, 2, { samples: 1 });
    expect(resources).toMatchObject([
      { resource: 'wells', by: 'key', added: 0, removed: 0, changed: 0, unchanged: 2 },
      {
        resource: 'log',
        by: 'row_hash',
        added: 2,
        removed: 2,
        changed: 0,
        unchanged: 2,
        samples: [
          { change: 'added', after: { TEXT: 'c', N: '3' } },
          { change: 'removed', before: { TEXT: 'a', N: '1' } },
        ],
      },
    ]);
    const wider = definition('demo.wells', [WELLS, resource('log', [...LOG.columns, column('Z')])], {
      contentVersion: 'v2',
    });
    await world.refresh(wider, {
      wells: wells(2),
      log: [
        ['b', '2', null],
        ['a', '1', 'z'],
      ],
    });
    expect((await diffGenerations(world.database, wider, 2, 3)).resources[1]).toMatchObject({
      added: 1,
      removed: 3,
      unchanged: 1,
    });
  });

  it('reads published rows in order, in ranges of chunks, and goes on after a pass that was given up', async () => {
    const of = definition('demo.wells');
    const plan = await world.plan(of);
    const deliveries = deliveriesOf(plan, { wells: wells(2_000, 'x'.repeat(500)) }, { rowsPerChunk: 20 });
    await world.load([...deliveries].reverse());
    await world.readyToPublish(plan, deliveries);
    await publish(world.database, of, plan.runId);
    const source = { dataset: of.id, resource: 'wells', rowsFrom: 1 };
    await PublishedRows.with(world.database, async (reader) => {
      const giveUp = async (): Promise<void> => {
        for await (const buffer of reader.read(source, { columns: ['api', 'name'] }))
          throw new Error(`no more than ${buffer.length > 0}`);
      };
      await expect(giveUp()).rejects.toThrow('no more than true');
      let text = '';
      for await (const buffer of reader.read(source, { columns: ['depth', 'api'], chunksPerRead: 7 }))
        text += buffer.toString();
      const lines = text.trimEnd().split('\n');
      expect(lines).toHaveLength(2_000);
      expect(lines[0]).toBe('0\t0\t\\N\t0\t00000');
      expect(lines.map((line) => Number(line.split('\t')[3]))).toEqual(Array.from({ length: 2_000 }, (_, n) => n));
      await expect(reader.read({ ...source, rowsFrom: 9 }, { columns: [] }).next()).rejects.toMatchObject({
        code: 'not_found',
      });
    });
    await expect(
      PublishedRows.with(world.database, async (reader) => {
        for await (const _ of reader.read(source, { columns: ['name'] })) throw new Error('the disk is full');
      }),
    ).rejects.toThrow('the disk is full');
    expect(await world.count('demo.wells')).toBe(2_000);
  });

  it('goes on where it was interrupted after attaching, and removes what was attached for a run that failed', async () => {
    const of = definition('demo.wells');
    await world.refresh(of, { wells: wells(2, 'one') });
    const breaks = `CREATE FUNCTION breaks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'interrupted' USING ERRCODE = 'XX000'; END $$;
      CREATE TRIGGER breaks BEFORE INSERT ON freshet.generation EXECUTE FUNCTION breaks()`;
    const attachOnly = async (name: string) => {
      const plan = await world.plan(of);
      const deliveries = deliveriesOf(plan, { wells: wells(3, name) });
      await world.load(deliveries);
      await world.readyToPublish(plan, deliveries);
      await world.database.query(breaks);
      await expect(publish(world.database, of, plan.runId)).rejects.toThrow('interrupted');
      await world.database.query('DROP TRIGGER breaks ON freshet.generation; DROP FUNCTION breaks');
      expect(await world.count('pg_class WHERE relname = $1', [`demo.wells@${plan.generation}`])).toBe(1);
      expect(await world.database.query('SELECT count(*) AS n, min(name) AS name FROM demo.wells')).toEqual([
        { n: 2, name: 'one' },
      ]);
      return plan;
    };
    const failed = await attachOnly('failed');
    await world.end(failed, 'failed');
    await discard(world.database, failed.runId);
    expect(await retain(world.database, keep(of, 1))).toMatchObject({ dropped: [], waiting: [] });
    const resumed = await attachOnly('resumed');
    expect(await publish(world.database, of, resumed.runId)).toMatchObject({ outcome: 'published', decidedNow: true });
    await world.end(resumed, 'published');
    expect(await world.database.query('SELECT count(*) AS n, min(name) AS name FROM demo.wells')).toEqual([
      { n: 3, name: 'resumed' },
    ]);
    expect((await retain(world.database, keep(of, 2))).dropped).toEqual([`demo.wells@${failed.generation}`]);
    expect(await contentHash(world.database, of.id, resumed.generation)).toMatchObject([{ rows: 3 }]);
  });

  it('does not let an older run overtake a newer generation', async () => {
    const of = definition('demo.wells');
    const late = await world.plan(of);
    const deliveries = deliveriesOf(late, { wells: wells(2, 'late') });
    await world.load(deliveries);
    await world.refresh(of, { wells: wells(3, 'newer') });
    await world.readyToPublish(late, deliveries);
    expect(await publish(world.database, of, late.runId)).toMatchObject({
      outcome: 'refused',
      failure: { code: 'fenced' },
    });
    expect(await world.count('demo.wells')).toBe(3);
  });

  it('says what is in the way when PostgreSQL refuses the view, and does not try for ever', async () => {
    const of = definition('demo.wells');
    await world.database.query('CREATE SCHEMA demo; CREATE TABLE demo.wells (mine text)');
    expect(await world.refresh(of, { wells: wells(2) })).toMatchObject({
      outcome: 'refused',
      failure: { code: 'schema_change_blocked', kind: 'terminal', message: expect.stringContaining('not a view') },
    });
    expect(await world.count('demo.wells')).toBe(0);
  });

  it('leaves the old generation in place when the server dies while publishing, and publishes on the next delivery', async () => {
    const server = await startPostgres({ own: true });
    const own = await World.open(server.url);
    const of = definition('demo.wells');
    await own.refresh(of, { wells: wells(50, 'old') });
    const plan = await own.plan(of);
    const deliveries = deliveriesOf(plan, { wells: wells(60, 'new') }, { rowsPerChunk: 20 });
    await own.load(deliveries);
    await own.readyToPublish(plan, deliveries);
    for (const wait of [0, 5, 10, 20, 30, 45]) {
      const publishing = publish(own.database, of, plan.runId).then(
        ({ outcome }) => outcome,
        (error: { code?: string }) => error.code,
      );
      await new Promise((resolve) => setTimeout(resolve, wait));
      await server.kill();
      const outcome = await publishing;
      await server.restart();
      const after = Database.connect(server.url);
      const [seen] = await after.query<{ n: number; name: string }>(
        'SELECT count(*) AS n, min(name) AS name FROM demo.wells',
      );
      expect([
        { n: 50, name: 'old' },
        { n: 60, name: 'new' },
      ]).toContainEqual(seen);
      if (seen?.n === 50) expect(outcome).toBe('dependency_unavailable');
      await after.close();
    }
    expect(await publish(own.database, of, plan.runId)).toMatchObject({ outcome: 'published', generation: 2 });
    expect(await own.database.query('SELECT count(*) AS n, min(name) AS name FROM demo.wells')).toEqual([
      { n: 60, name: 'new' },
    ]);
    await own.close();
    await server.stop();
  });
});
