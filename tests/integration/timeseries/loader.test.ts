import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { Global, Module, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CATALOG, Catalog } from '@freshet/catalog';
import { TOPICS, encodeMessage, type LoadCommanded } from '@freshet/contracts';
import { silentLogger } from '@freshet/domain';
import { DATABASE, LoaderModule } from '@freshet/loader-service';
import { InProcessMessaging, MESSAGING, MessagingServer } from '@freshet/messaging';
import { CLOCK, INSTANCE, LOGGER } from '@freshet/runtime';
import { startPostgres, type RunningPostgres } from '@freshet/testing/postgres';
import { MergeWorld, dataset, demand } from './merge-world';

const DEMAND = dataset('eia.demand', { checks: [{ name: 'negative', kind: 'negative', severity: 'suspect' }] });
const WINDOW = { from: '2026-03-01T00:00:00.000Z', to: '2026-03-02T00:00:00.000Z' };
const said: object[] = [];

describe('the loader and time series', () => {
  jest.setTimeout(120_000);
  let postgres: RunningPostgres;
  let world: MergeWorld;
  let app: INestApplication;
  const messaging = new InProcessMessaging();

  beforeAll(async () => {
    postgres = await startPostgres();
    world = await MergeWorld.open(await postgres.createDatabase('timeseries_loader'));
    @Global()
    @Module({
      providers: [
        { provide: MESSAGING, useValue: messaging },
        { provide: CATALOG, useValue: new Catalog([DEMAND]) },
        { provide: DATABASE, useValue: world.database },
        { provide: LOGGER, useValue: { ...silentLogger, info: (fields: object) => said.push(fields) } },
        { provide: CLOCK, useValue: { now: () => new Date('2026-12-10T00:00:00Z') } },
        { provide: INSTANCE, useValue: { service: 'loader', instance: 'test' } },
      ],
      exports: [MESSAGING, CATALOG, DATABASE, LOGGER, CLOCK, INSTANCE],
    })
    class Ports {}
    const testing = await Test.createTestingModule({
      imports: [Ports, LoaderModule.register({ exportRoot: tmpdir() })],
    }).compile();
    app = testing.createNestApplication({ logger: false });
    app.connectMicroservice({ strategy: new MessagingServer(messaging, { maxInFlight: { loader: 2 } }) });
    await app.init();
    await app.startAllMicroservices();
  });
  afterAll(async () => {
    await app.close();
    await world.close();
    await postgres.stop();
  });

  const command = (message: Pick<LoadCommanded, 'type' | 'runId'> & Partial<typeof WINDOW>): Promise<void> =>
    messaging.publish({
      topic: TOPICS.loadCommanded,
      key: DEMAND.id,
      value: encodeMessage({ ...message, dataset: DEMAND.id, commandId: randomUUID() } as LoadCommanded),
    });

  async function first<Row extends Record<string, unknown>>(sql: string): Promise<Row> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const [row] = await world.database.query<Row>(sql);
      if (row) return row;
      if (Date.now() > deadline) throw new Error(`never: ${sql}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it('merges on the command to publish, and says what became of it', async () => {
    const records = [demand(WINDOW.from, '-5'), demand('2026-03-01T01:00:00.000Z', '5')];
    const plan = await world.stage(DEMAND, { window: WINDOW, answers: [{ at: WINDOW.to, records }] });
    await command({ type: 'publish', runId: plan.runId });
    expect(await first('SELECT outcome, generation FROM freshet.publication')).toEqual({
      outcome: 'published',
      generation: null,
    });
    expect((await world.stored()).map(({ value, quality }) => [value, quality])).toEqual([
      ['-5', 'suspect'],
      ['5', 'good'],
    ]);
    await world.world.end(plan, 'published');
    expect(said).toContainEqual(expect.objectContaining({ runId: plan.runId, series: ['PJM.demand'] }));
  });

  it('makes all checks over a window on command, without a run', async () => {
    await command({ type: 'check', runId: null, ...WINDOW });
    expect(
      await first('SELECT name, window_from, evaluated, failed FROM freshet.check_result WHERE run_id IS NULL'),
    ).toEqual({ name: 'negative', window_from: new Date(WINDOW.from), evaluated: 2, failed: 1 });
  });

  it('makes room for the month that comes when it lets go of what is old', async () => {
    await command({ type: 'retain', runId: null });
    await first(`SELECT 1 AS there FROM pg_class WHERE relname = 'observation_2027_01'`);
    expect(await world.stored()).toHaveLength(2);
  });
});
