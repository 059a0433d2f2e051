import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, Module, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CATALOG, Catalog } from '@freshet/catalog';
import { TOPICS, decodeMessage, encodeMessage, runEventSchema, type LoadCommanded } from '@freshet/contracts';
import { contentHash } from '@freshet/database';
import { silentLogger, systemClock, type DatasetDefinition } from '@freshet/domain';
import { DATABASE, LoaderModule } from '@freshet/loader-service';
import { InProcessMessaging, MESSAGING, MessagingServer } from '@freshet/messaging';
import { CLOCK, INSTANCE, LOGGER } from '@freshet/runtime';
import { startPostgres, type RunningPostgres } from '@freshet/testing';
import { WELLS, World, definition, deliveriesOf, type Delivery, type Plan, type Value } from './world';

const wells = (count: number, name = 'a'): Value[][] =>
  Array.from({ length: count }, (_, n) => [String(n).padStart(5, '0'), name, String(n)]);

async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('the loader as a service', () => {
  jest.setTimeout(120_000);
  let postgres: RunningPostgres;
  let world: World;
  let app: INestApplication;
  let messaging: InProcessMessaging;
  let root: string;
  const events: string[] = [];
  const of: DatasetDefinition = definition('demo.wells', [WELLS], {
    exports: [{ kind: 'pickle', folder: 'data/bin', dtypes: 'legacy', warnBytes: 100 }],
    retainGenerations: 1,
  });

  beforeAll(async () => {
    postgres = await startPostgres({ own: true });
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    world = await World.open(await postgres.createDatabase('service'));
    root = mkdtempSync(join(tmpdir(), 'freshet-export-'));
    messaging = new InProcessMessaging();
    mkdirSync(join(root, 'data', 'bin'), { recursive: true });
    await boot();
  });
  afterEach(async () => {
    await app.close();
    await world.close();
    rmSync(root, { recursive: true, force: true });
  });

  async function boot(): Promise<void> {
    @Global()
    @Module({
      providers: [
        { provide: MESSAGING, useValue: messaging },
        { provide: CATALOG, useValue: new Catalog([of]) },
        { provide: DATABASE, useValue: world.database },
        { provide: LOGGER, useValue: silentLogger },
        { provide: CLOCK, useValue: systemClock },
        { provide: INSTANCE, useValue: { service: 'loader', instance: 'test' } },
      ],
      exports: [MESSAGING, CATALOG, DATABASE, LOGGER, CLOCK, INSTANCE],
    })
    class Ports {}
    const testing = await Test.createTestingModule({
      imports: [Ports, LoaderModule.register({ exportRoot: root })],
    }).compile();
    app = testing.createNestApplication({ logger: false });
    app.connectMicroservice({ strategy: new MessagingServer(messaging, { maxInFlight: { loader: 3 } }) });
    await app.init();
    await app.startAllMicroservices();
    await messaging.subscribe({ topic: TOPICS.runEvents, group: 'test', maxInFlight: 1 }, async (message) => {
      events.push(decodeMessage(runEventSchema, message.value).meta.type);
    });
  }

  const send = ({ batch, body }: Delivery) =>
    messaging.publish({
      topic: TOPICS.batchValidated,
      key: `${batch.taskId}:${batch.resource}:${batch.chunk}`,
      value: encodeMessage(batch, body),
    });
  const command = (message: Omit<LoadCommanded, 'commandId' | 'dataset'>) =>
    messaging.publish({
      topic: TOPICS.loadCommanded,
      key: of.id,
      value: encodeMessage({ ...message, dataset: of.id, commandId: randomUUID() } as LoadCommanded),
    });
  const outcome = async (table: 'publication' | 'export', plan: Plan) => {
    const rows = () =>
      world.database.query<{ outcome: string }>(`SELECT outcome FROM freshet.${table} WHERE run_id = $1`, [plan.runId]);
    await eventually(`${table} of the run`, async () => (await rows()).length === 1);
    return (await rows())[0]?.outcome;
  };

  async function refresh(rows: Value[][]): Promise<Plan> {
    const plan = await world.plan(of);
    const deliveries = deliveriesOf(plan, { wells: rows }, { rowsPerChunk: 50 });
    await Promise.all([...deliveries, ...deliveries].map(send));
    await eventually(
      'all chunks loaded',
      async () => (await world.count('freshet.ledger WHERE task_id = $1', [plan.taskId])) === deliveries.length,
    );
    await world.readyToPublish(plan, deliveries);
    await command({ type: 'publish', runId: plan.runId });
    await command({ type: 'publish', runId: plan.runId });
    expect(await outcome('publication', plan)).toBe('published');
    await world.database.execute(`UPDATE freshet.run SET state = 'exporting' WHERE id = $1`, [plan.runId]);
    await command({ type: 'export', runId: plan.runId });
    return plan;
  }

  it('loads, publishes and exports what is delivered twice, and removes the old generation', async () => {
    const first = await refresh(wells(120, 'one'));
    expect(await outcome('export', first)).toBe('written');
    const before = readFileSync(join(root, 'data/bin/mv_wells.bin'));
    expect(before.subarray(0, 1)).toEqual(Buffer.from([0x80]));
    expect(
      await world.database.query('SELECT path, resource, generation, bytes, warning FROM freshet.export_file'),
    ).toEqual([
      {
        path: 'data/bin/mv_wells.bin',
        resource: 'wells',
        generation: 1,
        bytes: before.length,
        warning: expect.stringContaining('.gitignore'),
      },
    ]);
    await world.end(first, 'published');
    const second = await refresh(wells(130, 'two'));
    expect(await outcome('export', second)).toBe('written');
    await world.end(second, 'published');
    await command({ type: 'retain', runId: null });
    await eventually(
      'the old partition is gone',
      async () => (await world.count(`pg_class WHERE relname = 'demo.wells@1'`)) === 0,
    );
    expect(await world.count('demo.wells')).toBe(130);
    expect(await contentHash(world.database, of.id, 2)).toMatchObject([{ rows: 130 }]);
    // With one generation kept, what changed is written down before the older one goes.
    expect(await world.database.query('SELECT changes FROM freshet.change_log')).toMatchObject([
      { changes: { added: 10, changed: 120 } },
    ]);
    expect(events).toContain('process.peak');
    // A command that was repeated while its files took long finds them recorded, and does not write them another time.
    const file = join(root, 'data/bin/mv_wells.bin');
    const again = readFileSync(file);
    rmSync(file);
    const handled = events.length;
    await command({ type: 'export', runId: second.runId });
    await eventually('the repeated command', async () => events.length > handled);
    expect(existsSync(file)).toBe(false);
    // The same generation gives the same file, when somebody asks for it again.
    await world.database.execute('DELETE FROM freshet.export WHERE run_id = $1', [second.runId]);
    await command({ type: 'export', runId: second.runId });
    expect(await outcome('export', second)).toBe('written');
    await command({ type: 'discard', runId: second.runId });
    await eventually('the discard that follows', async () => (await world.stagingTables()) === 0);
    expect(readFileSync(join(root, 'data/bin/mv_wells.bin')).equals(again)).toBe(true);
    expect(readdirSync(join(root, 'data/bin'))).toEqual(['mv_wells.bin']);
  });

  it('records files that cannot be written, and leaves the published rows alone', async () => {
    rmSync(join(root, 'data'), { recursive: true });
    writeFileSync(join(root, 'data'), 'a file where a folder should be');
    const plan = await refresh(wells(10));
    expect(await outcome('export', plan)).toBe('failed');
    expect(await world.database.query('SELECT failure FROM freshet.export')).toMatchObject([
      { failure: { code: 'export_failed' } },
    ]);
    expect(await world.count('demo.wells')).toBe(10);
  });

  it('goes on by itself after the server was killed while batches and commands were on their way', async () => {
    const plan = await world.plan(of);
    const deliveries = deliveriesOf(plan, { wells: wells(2_000) }, { rowsPerChunk: 20 });
    const sending = Promise.all(deliveries.map(send));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await postgres.kill();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await postgres.restart();
    await sending;
    await eventually(
      'all chunks loaded',
      async () =>
        (await world.count('freshet.ledger WHERE task_id = $1', [plan.taskId]).catch(() => 0)) === deliveries.length,
    );
    await world.readyToPublish(plan, deliveries);
    await command({ type: 'publish', runId: plan.runId });
    await postgres.kill();
    await postgres.restart();
    await eventually(
      'published',
      async () => (await world.count(`freshet.publication WHERE outcome = 'published'`).catch(() => 0)) === 1,
    );
    expect(await world.database.query('SELECT count(*) AS n, count(DISTINCT api) AS keys FROM demo.wells')).toEqual([
      { n: 2_000, keys: 2_000 },
    ]);
    expect(await world.count('freshet.dead_letter')).toBe(0);
  });
});
