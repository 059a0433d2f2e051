import 'reflect-metadata';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Global, Module, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CATALOG, Catalog } from '@freshet/catalog';
import { registerLineageSink, takeDueLineage } from '@freshet/database';
import { silentLogger, type RunEnd } from '@freshet/domain';
import { InProcessMessaging, MESSAGING, MessagingServer } from '@freshet/messaging';
import {
  DATABASE,
  DEFAULT_SETTINGS,
  HttpSink,
  LINEAGE_SINKS,
  NOTIFIER,
  ReporterModule,
  SETTINGS,
  logOnly,
  type OpenLineageEvent,
} from '@freshet/reporter-service';
import { CLOCK, INSTANCE, LOGGER } from '@freshet/runtime';
import { startPostgres, type RunningPostgres } from '@freshet/testing';
import { World, definition } from '../loading/world';

const DEMO = definition('demo.wells');

describe('lineage for others', () => {
  jest.setTimeout(180_000);
  let postgres: RunningPostgres;
  let world: World;
  let receiver: Server;
  let told: OpenLineageEvent[];
  let statuses: number[];
  const reporters: INestApplication[] = [];

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    world = await World.open(await postgres.createDatabase('openlineage'));
    told = [];
    statuses = [];
    receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const status = statuses.shift() ?? 201;
        if (status < 300) told.push(JSON.parse(Buffer.concat(chunks).toString()) as OpenLineageEvent);
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    await Promise.all(reporters.splice(0).map((app) => app.close()));
    await world.close();
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
  });

  async function startReporter(): Promise<void> {
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    const messaging = new InProcessMessaging();
    const settings = {
      ...DEFAULT_SETTINGS,
      deliverEveryMs: 20,
      delivery: { maxAttempts: 3, initialDelayMs: 1, maxDelayMs: 1 },
    };
    const ports = [
      { provide: DATABASE, useValue: world.database },
      { provide: CATALOG, useValue: new Catalog([DEMO]) },
      { provide: NOTIFIER, useValue: logOnly },
      { provide: LINEAGE_SINKS, useValue: [new HttpSink({ url })] },
      { provide: SETTINGS, useValue: settings },
      { provide: LOGGER, useValue: silentLogger },
      { provide: CLOCK, useValue: { now: () => new Date() } },
      { provide: MESSAGING, useValue: messaging },
      { provide: INSTANCE, useValue: { service: 'reporter', instance: 'r-1' } },
    ];
    @Global()
    @Module({ providers: ports, exports: ports.map(({ provide }) => provide) })
    class Adapters {}
    const testing = await Test.createTestingModule({ imports: [Adapters, ReporterModule] }).compile();
    const app = testing.createNestApplication({ logger: false });
    app.connectMicroservice({ strategy: new MessagingServer(messaging) });
    await app.startAllMicroservices();
    await app.init();
    reporters.push(app);
  }

  const begins = async (): Promise<string> => {
    const { runId } = await world.plan(DEMO);
    await world.database.execute(
      `UPDATE freshet.run SET state = 'running', started_at = clock_timestamp() WHERE id = $1`,
      [runId],
    );
    return runId;
  };
  const ends = (runId: string, state: RunEnd): Promise<number> =>
    world.database.execute(`UPDATE freshet.run SET state = $2, ended_at = clock_timestamp() WHERE id = $1`, [
      runId,
      state,
    ]);
  const heard = (): string[] => told.map(({ eventType, run }) => `${eventType} ${run.runId}`);
  const eventually = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
    for (
      const deadline = Date.now() + 20_000;
      Date.now() < deadline;
      await new Promise((resolve) => setTimeout(resolve, 10))
    )
      if (await holds()) return;
    throw new Error(`never: ${what}; heard ${heard().join(', ')}`);
  };

  it('is told of the start and the end of each run, once it was wanted', async () => {
    const before = await begins();
    await registerLineageSink(world.database, 'http');
    await ends(before, 'failed');
    const first = await begins();
    await startReporter();
    await eventually('the start', () => told.length === 1);
    await ends(first, 'unchanged');
    await eventually('the end', () => told.length === 2);
    const second = await begins();
    await ends(second, 'cancelled');
    await eventually('the other run', () => told.length === 4);
    expect(heard()).toEqual([`START ${first}`, `COMPLETE ${first}`, `START ${second}`, `ABORT ${second}`]);
    expect(told[0]).toMatchObject({ job: { name: DEMO.id }, outputs: [{ name: expect.stringMatching(/^demo\./) }] });
  });

  it('hears what a killed process was about to tell, and each thing from one of several', async () => {
    await registerLineageSink(world.database, 'http');
    const run = await begins();
    // It took the event, and was killed before it sent it.
    expect(await takeDueLineage(world.database, 'http', 200)).toEqual({ runId: run, moment: 'start', tries: 1 });
    expect(await takeDueLineage(world.database, 'http', 200)).toBeNull();
    await ends(run, 'failed');
    await Promise.all([startReporter(), startReporter(), startReporter()]);
    await eventually('both events', () => told.length === 2);
    const others = await Promise.all([begins(), begins(), begins()]);
    for (const other of others) await ends(other, 'published');
    await eventually('the others', () => told.length === 8);
    expect(heard().slice(0, 2)).toEqual([`START ${run}`, `FAIL ${run}`]);
    expect(new Set(heard()).size).toBe(8);
  });

  it('is asked again after a failure, and let go when it refuses', async () => {
    await registerLineageSink(world.database, 'http');
    const run = await begins();
    await ends(run, 'failed');
    statuses = [500, 503];
    await startReporter();
    await eventually('both events', () => told.length === 2);
    expect(heard()).toEqual([`START ${run}`, `FAIL ${run}`]);
    statuses = [422];
    const refused = await begins();
    const last = (): Promise<Array<{ last_error: string | null; given_up: boolean }>> =>
      world.database.query(
        `SELECT last_error, next_try_at = 'infinity' AS given_up FROM freshet.lineage_delivery WHERE run_id = $1`,
        [refused],
      );
    await eventually('giving up', async () => (await last())[0]?.given_up === true);
    expect(await last()).toEqual([{ last_error: 'HTTP 422', given_up: true }]);
    const next = await begins();
    await eventually('the next run', () => told.length === 3);
    expect(heard()[2]).toBe(`START ${next}`);
  });
});
