import fc from 'fast-check';
import { Database, contentHash, discard, publish, quarantined, retain } from '@freshet/database';
import { startPostgres, type RunningPostgres } from '@freshet/testing';
import {
  WELLS,
  World,
  column,
  definition,
  deliveriesOf,
  resource,
  type Delivery,
  type Plan,
  type Value,
} from './world';

const rows = (count: number, from = 0): Value[][] =>
  Array.from({ length: count }, (_, n) => [String(from + n).padStart(5, '0'), `name\t${n}`, String(n)]);

describe('loading batches', () => {
  jest.setTimeout(180_000);
  let postgres: RunningPostgres;
  let world: World;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    world = await World.open(await postgres.createDatabase('load'));
  });
  afterEach(() => world.close());

  it('stores rows, ledger and refused records together, and a second delivery does nothing', async () => {
    const plan = await world.plan(definition('demo.wells'));
    const [first] = deliveriesOf(plan, { wells: rows(2) });
    if (!first) throw new Error('no delivery');
    const batch = {
      ...first.batch,
      records: 3,
      refused: [{ row: 2, reason: 'check_failed' as const, column: 'API', detail: 'x\0', record: 'a\0b' }],
    };
    expect(await world.loader.load(batch, first.body)).toEqual({
      outcome: 'loaded',
      rows: 2,
      refused: 1,
      refusedByDatabase: 0,
    });
    expect(await world.loader.load(batch, first.body)).toEqual({ outcome: 'duplicate' });
    const together = await Promise.all([
      world.loader.load({ ...batch, chunk: 1 }, first.body),
      world.loader.load({ ...batch, chunk: 1 }, first.body),
    ]);
    expect(together.map(({ outcome }) => outcome).sort()).toEqual(['duplicate', 'loaded']);
    expect(
      await world.database.query('SELECT chunk, records, "rows", refused, summary FROM freshet.ledger ORDER BY chunk'),
    ).toEqual([
      { chunk: 0, records: 3, rows: 2, refused: 1, summary: { chunk: 0 } },
      { chunk: 1, records: 3, rows: 2, refused: 1, summary: { chunk: 0 } },
    ]);
    expect(await world.database.query('SELECT record, header FROM freshet.quarantine LIMIT 1')).toEqual([
      { record: 'a␀b', header: ['API', 'NAME', 'DEPTH'] },
    ]);
  });

  it('lets many loaders meet the first batches of a resource at the same time', async () => {
    const plan = await world.plan(definition('demo.wells'));
    const others = await Promise.all([1, 2, 3].map(() => World.open(world.url)));
    const deliveries = deliveriesOf(plan, { wells: rows(40) });
    const outcomes = await Promise.all(
      deliveries.map(({ batch, body }, n) => (others[n % 3] ?? world).loader.load(batch, body)),
    );
    expect(outcomes.every(({ outcome }) => outcome === 'loaded')).toBe(true);
    expect(await world.stagingTables()).toBe(1);
    await Promise.all(others.map((other) => other.close()));
  });

  it('does nothing for a fenced attempt, an ended task or an unknown one, and makes no table for them', async () => {
    const old = await world.plan(definition('demo.wells'));
    const [delivery] = deliveriesOf(old, { wells: rows(1) });
    if (!delivery) throw new Error('no delivery');
    await world.nextAttempt(old);
    expect(await world.loader.load(delivery.batch, delivery.body)).toEqual({ outcome: 'fenced' });
    const ended = await world.plan(definition('demo.wells'));
    await world.end(ended, 'failed');
    expect(await world.loader.load({ ...delivery.batch, taskId: ended.taskId }, delivery.body)).toEqual({
      outcome: 'fenced',
    });
    expect(
      await world.loader.load({ ...delivery.batch, taskId: '00000000-0000-4000-8000-000000000000' }, delivery.body),
    ).toEqual({ outcome: 'fenced' });
    expect(await world.stagingTables()).toBe(0);
    expect(await world.count('freshet.ledger')).toBe(0);
  });

  it('decides a race of loading and fencing one way or the other', async () => {
    const plan = await world.plan(definition('demo.wells'));
    const [first, second, third] = deliveriesOf(plan, { wells: rows(6) });
    if (!first || !second || !third) throw new Error('no delivery');
    await world.loader.load(first.batch, first.body);
    // The coordinator holds the task exclusively and has moved to the next attempt, but has not committed.
    let commit = (): void => undefined;
    let locked = (): void => undefined;
    const isLocked = new Promise<void>((resolve) => (locked = resolve));
    const fencing = world.database.transaction(async (tx) => {
      await tx.execute('UPDATE freshet.task SET attempt = attempt + 1 WHERE id = $1', [plan.taskId]);
      locked();
      await new Promise<void>((resolve) => (commit = resolve));
    });
    await isLocked;
    const loading = world.loader.load(second.batch, second.body);
    expect(await Promise.race([loading, new Promise((resolve) => setTimeout(() => resolve('waits'), 300))])).toBe(
      'waits',
    );
    commit();
    await fencing;
    expect(await loading).toEqual({ outcome: 'fenced' });
    // The other way round: while a load is under way the attempt cannot be fenced.
    const next = { ...plan, attempt: 2 };
    await world.database.execute(`UPDATE freshet.task SET state = 'leased' WHERE id = $1`, [plan.taskId]);
    const body = Buffer.concat([third.body]);
    const moving = world.loader.load({ ...third.batch, attempt: next.attempt }, body);
    const fence = world.database.execute('UPDATE freshet.task SET attempt = attempt + 1 WHERE id = $1', [plan.taskId]);
    const [outcome] = await Promise.all([moving, fence]);
    expect(await world.count('freshet.ledger WHERE attempt = 2')).toBe(outcome.outcome === 'loaded' ? 1 : 0);
  });

  it('finds the rows the database refuses by halving, quarantines those alone, and still balances', async () => {
    const plan = await world.plan(definition('demo.wells'));
    const data = rows(50);
    data[7] = ['00007', 'nul \0 inside', '7'];
    data[20] = ['00020', 'too big', '99999999999999999999'];
    data[49] = ['00049', 'not a number', 'Smith'];
    const deliveries = deliveriesOf(plan, { wells: data }, { rowsPerChunk: 50 });
    const [only] = deliveries;
    if (!only) throw new Error('no delivery');
    expect(await world.loader.load(only.batch, only.body)).toEqual({
      outcome: 'loaded',
      rows: 47,
      refused: 3,
      refusedByDatabase: 3,
    });
    const quarantine = await world.database.query(
      'SELECT "row", reason, "column", detail, record FROM freshet.quarantine ORDER BY "row"',
    );
    expect(quarantine).toMatchObject([
      { row: 7, reason: 'database_refused', record: '"00007","nul ␀ inside","7"' },
      { row: 20, column: 'DEPTH', detail: expect.stringContaining('22003') },
      { row: 49, column: 'DEPTH', detail: '22P02 invalid input syntax for type bigint' },
    ]);
    await world.readyToPublish(plan, deliveries);
    expect(await publish(world.database, plan.definition, plan.runId)).toMatchObject({ outcome: 'published' });
    expect(await world.count('demo.wells')).toBe(47);
  });

  it('refuses exactly the rows that are at fault, whichever they are', async () => {
    const of = definition('demo.wells');
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(29), { maxLength: 30 }), async (bad) => {
        const plan = await world.plan(of);
        const data = rows(30).map((row, n) => (bad.includes(n) ? [row[0] ?? '', 'a\\b\nc', 'x'] : row));
        const [only] = deliveriesOf(plan, { wells: data }, { rowsPerChunk: 30 });
        if (!only) throw new Error('no delivery');
        expect(await world.loader.load(only.batch, only.body)).toMatchObject({
          rows: 30 - bad.length,
          refusedByDatabase: bad.length,
        });
        const refused = await world.database.query<{ row: number }>(
          'SELECT "row" FROM freshet.quarantine WHERE task_id = $1 ORDER BY 1',
          [plan.taskId],
        );
        expect(refused.map(({ row }) => row)).toEqual([...bad].sort((a, b) => a - b));
      }),
      { numRuns: 12 },
    );
  });

  it('refuses a batch that contradicts itself or is not COPY text, and keeps nothing of it', async () => {
    const plan = await world.plan(definition('demo.wells'));
    const [delivery] = deliveriesOf(plan, { wells: rows(2) });
    if (!delivery) throw new Error('no delivery');
    await expect(world.loader.load({ ...delivery.batch, rows: 3 }, delivery.body)).rejects.toMatchObject({
      code: 'message_invalid',
    });
    await expect(world.loader.load({ ...delivery.batch, rows: 3, records: 3 }, delivery.body)).rejects.toMatchObject({
      code: 'message_invalid',
    });
    await expect(world.loader.load(delivery.batch, Buffer.from('0\t0\n0\t1\n'))).rejects.toMatchObject({
      code: 'message_invalid',
    });
    expect(await world.count('freshet.ledger')).toBe(0);
  });

  it('takes up a column that later batches bring, and a staging table that somebody removed', async () => {
    const plan = await world.plan(definition('demo.wells'));
    const stored = WELLS.columns.map((entry) => ({
      name: entry.name.toLowerCase(),
      type: entry.type,
      published: entry.name,
    }));
    const [first] = deliveriesOf(plan, { wells: rows(1) });
    const [, second] = deliveriesOf(
      plan,
      { wells: rows(3).map((row) => [...row, 'extra']) },
      { columns: { wells: [...stored, { name: 'x', type: 'text', published: "X'y" }] } },
    );
    if (!first || !second) throw new Error('no delivery');
    expect(await world.loader.load(first.batch, first.body)).toMatchObject({ outcome: 'loaded' });
    expect(await world.loader.load(second.batch, second.body)).toMatchObject({ outcome: 'loaded' });
    const [table] = await world.database.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'freshet_stage'::regnamespace AND relkind = 'r'`,
    );
    await world.database.query(`DROP TABLE freshet_stage."${table?.name}"`);
    const third = { ...second.batch, chunk: 5 };
    expect(await world.loader.load(third, second.body)).toMatchObject({ outcome: 'loaded' });
  });

  it('is whole again after the server was killed in the middle of loading', async () => {
    const server = await startPostgres({ own: true });
    const own = await World.open(server.url);
    const plan = await own.plan(definition('demo.wells', [resource('wells', [column('API'), column('NAME')])]));
    const wide = Array.from({ length: 400 }, (_, n): Value[] => [String(n), 'x'.repeat(2_000)]);
    const deliveries = deliveriesOf(plan, { wells: wide }, { rowsPerChunk: 5 });
    const pending = deliveries.map(({ batch, body }) => async () => {
      for (;;) {
        try {
          return await own.loader.load(batch, body);
        } catch (error) {
          expect(error).toMatchObject({ code: 'dependency_unavailable' });
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    });
    const running = Promise.all(pending.map((deliver) => deliver()));
    for (let round = 0; round < 3; round++) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      await server.kill();
      await server.restart();
    }
    await running;
    await own.readyToPublish(plan, deliveries);
    expect(await publish(own.database, plan.definition, plan.runId)).toMatchObject({ outcome: 'published' });
    expect(await own.database.query('SELECT count(*) AS rows, count(DISTINCT api) AS keys FROM demo.wells')).toEqual([
      { rows: 400, keys: 400 },
    ]);
    await own.close();
    await server.stop();
  });

  it('gives the same content for any order and repetition of deliveries, over several attempts', async () => {
    const of = definition('demo.wells');
    const data = { wells: rows(24) };
    const reference = await world.refresh(of, data);
    const [expected] = await contentHash(world.database, of.id, reference.generation ?? 0);
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.nat()),
        fc.array(fc.nat(11), { maxLength: 12 }),
        fc.array(fc.nat(11), { maxLength: 12 }),
        async (stream, again, stale) => {
          const first = await world.plan(of, { force: true });
          const old = deliveriesOf(first, data);
          const deliver = (all: readonly Delivery[], n: number) => {
            const { batch, body } = all[n] as Delivery; // 24 rows make 12 chunks, and every index is below 12
            return world.loader.load(batch, body);
          };
          for (const n of stale) await deliver(old, n);
          const plan = await world.nextAttempt(first);
          const deliveries = deliveriesOf(plan, data);
          const order = [...deliveries.keys(), ...again]
            .map((n) => ({ n, at: stream.next().value as number }))
            .sort((a, b) => a.at - b.at);
          await Promise.all(order.map(({ n }) => deliver(deliveries, n)));
          for (const n of stale) expect(await deliver(old, n)).toEqual({ outcome: 'fenced' });
          await world.readyToPublish(plan, deliveries);
          const publication = await publish(world.database, of, plan.runId);
          expect(publication.outcome).toBe('published');
          await world.end(plan, 'published');
          expect(await contentHash(world.database, of.id, publication.generation ?? 0)).toEqual([expected]);
        },
      ),
      { numRuns: 15 },
    );
    expect(expected?.rows).toBe(24);
  });

  it('discards what an ended run staged, and nothing of a run at work', async () => {
    const plan = await world.plan(definition('demo.wells'));
    await world.load(deliveriesOf(plan, { wells: rows(3) }));
    expect(await discard(world.database, plan.runId)).toEqual({ tables: 0 });
    const second = await world.nextAttempt(plan);
    await world.load(deliveriesOf(second, { wells: rows(3) }));
    expect(await discard(world.database, plan.runId)).toEqual({ tables: 1 });
    await world.end(second, 'failed');
    expect(await discard(world.database, plan.runId)).toEqual({ tables: 1 });
    expect(await discard(world.database, plan.runId)).toEqual({ tables: 0 });
    expect(await world.stagingTables()).toBe(0);
    expect(await world.count('freshet.ledger')).toBe(0);
  });

  it('keeps a refused record once, whatever attempts its run took, and not again for content that did not change', async () => {
    const of = definition('demo.wells');
    const refusing = ({ batch, body }: Delivery): Delivery => ({
      body,
      batch: {
        ...batch,
        records: batch.records + 1,
        refused: [{ row: batch.rows, reason: 'check_failed', column: 'API', detail: 'x', record: 'r' }],
      },
    });
    const listed = async (): Promise<string[]> =>
      (await quarantined(world.database, of.id, { limit: 10, after: null })).map(({ runId }) => runId);
    const run = async (plan: Plan): Promise<void> => {
      const deliveries = deliveriesOf(plan, { wells: rows(2) }).map(refusing);
      await world.load(deliveries);
      await world.readyToPublish(plan, deliveries);
      const { outcome } = await publish(world.database, of, plan.runId);
      await world.end(plan, outcome);
      await (outcome === 'unchanged'
        ? discard(world.database, plan.runId)
        : retain(world.database, { dataset: of.id, keep: 2, resources: ['wells'] }));
    };
    const first = await world.plan(of);
    await world.load(deliveriesOf(first, { wells: rows(2) }).map(refusing));
    expect(await listed()).toEqual([first.runId]);
    const second = await world.nextAttempt(first);
    await world.load(deliveriesOf(second, { wells: rows(2) }).map(refusing));
    expect(await listed()).toEqual([first.runId]);
    await run(second);
    expect(await listed()).toEqual([first.runId]);
    expect(await world.count('freshet.quarantine')).toBe(1);
    await run(await world.plan(of));
    expect(await listed()).toEqual([first.runId]);
    expect(await world.count('freshet.quarantine')).toBe(1);
  });

  it('stores a batch whose header and notes hold what PostgreSQL cannot', async () => {
    const plan = await world.plan(definition('demo.wells'));
    const [delivery] = deliveriesOf(plan, { wells: rows(1) });
    if (!delivery) throw new Error('no delivery');
    const batch = { ...delivery.batch, notes: { 'column_added:A\0P': 1, 'column_added:\ud800': 2 } };
    expect(await world.loader.load(batch, delivery.body)).toMatchObject({ outcome: 'loaded' });
    expect(await world.database.query('SELECT notes FROM freshet.ledger')).toEqual([
      { notes: { 'column_added:A␀P': 1, 'column_added:\ufffd': 2 } },
    ]);
  });

  it('answers dependency_unavailable when nothing listens', async () => {
    const nowhere = Database.connect('postgres://nobody:x@127.0.0.1:1/none');
    await expect(nowhere.query('SELECT 1')).rejects.toMatchObject({
      code: 'dependency_unavailable',
      kind: 'transient',
    });
    await nowhere.close();
  });
});
