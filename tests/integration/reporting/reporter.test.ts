import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Global, Module, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CATALOG, Catalog } from '@freshet/catalog';
import { TOPICS, encodeMessage } from '@freshet/contracts';
import { silentLogger, type Failure } from '@freshet/domain';
import { InProcessMessaging, MESSAGING, MessagingServer } from '@freshet/messaging';
import {
  DATABASE,
  DEFAULT_SETTINGS,
  NOTIFIER,
  ReporterModule,
  SETTINGS,
  WebhookNotifier,
} from '@freshet/reporter-service';
import { CLOCK, INSTANCE, LOGGER } from '@freshet/runtime';
import { startPostgres, type RunningPostgres } from '@freshet/testing';
import { World, definition } from '../loading/world';

const DEMO = definition('demo.wells');
const FAILURE: Failure = {
  code: 'payload_html',
  kind: 'terminal',
  message: 'a web page came',
  nextStep: 'Look at the portal.',
  attributes: {},
};

interface Sent {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly data: Record<string, unknown>;
}

describe('the reporter', () => {
  jest.setTimeout(180_000);
  let postgres: RunningPostgres;
  let world: World;
  let receiver: Server;
  let sent: Sent[];
  let statuses: number[];
  let now: Date;
  let app: INestApplication | undefined;
  let messaging: InProcessMessaging;

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  beforeEach(async () => {
    world = await World.open(await postgres.createDatabase('reporter'));
    now = new Date();
    sent = [];
    statuses = [];
    receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const status = statuses.shift() ?? 204;
        if (status < 300) sent.push(JSON.parse(Buffer.concat(chunks).toString()) as Sent);
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    messaging = new InProcessMessaging();
  });
  afterEach(async () => {
    await app?.close();
    app = undefined;
    await world.close();
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
  });

  async function startReporter(): Promise<void> {
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    const settings = {
      ...DEFAULT_SETTINGS,
      checkEveryMs: 50,
      deliverEveryMs: 50,
      delivery: { maxAttempts: 3, initialDelayMs: 1, maxDelayMs: 1 },
    };
    @Global()
    @Module({
      providers: [
        { provide: DATABASE, useValue: world.database },
        { provide: CATALOG, useValue: new Catalog([DEMO]) },
        { provide: NOTIFIER, useValue: new WebhookNotifier({ url }) },
        { provide: SETTINGS, useValue: settings },
        { provide: LOGGER, useValue: silentLogger },
        { provide: CLOCK, useValue: { now: () => now } },
        { provide: MESSAGING, useValue: messaging },
        { provide: INSTANCE, useValue: { service: 'reporter', instance: 'r-1' } },
      ],
      exports: [DATABASE, CATALOG, NOTIFIER, SETTINGS, LOGGER, CLOCK, MESSAGING, INSTANCE],
    })
    class Adapters {}
    const testing = await Test.createTestingModule({ imports: [Adapters, ReporterModule] }).compile();
    app = testing.createNestApplication({ logger: false });
    app.connectMicroservice({ strategy: new MessagingServer(messaging) });
    await app.startAllMicroservices();
    await app.init();
  }

  /** A run that has just failed. */
  async function fails(): Promise<string> {
    const { runId } = await world.plan(DEMO);
    await world.database.execute(
      `UPDATE freshet.run SET state = 'failed', ended_at = clock_timestamp(), failure = $2::jsonb WHERE id = $1`,
      [runId, JSON.stringify(FAILURE)],
    );
    return runId;
  }
  const ended = (runId: string, outcome: 'failed' | 'published', generation: number | null = null): Promise<void> =>
    messaging.publish({
      topic: TOPICS.runEvents,
      key: runId,
      value: encodeMessage({
        type: 'run.ended',
        dataset: DEMO.id,
        runId,
        outcome,
        generation,
        failure: outcome === 'failed' ? FAILURE : null,
        endedAt: now.toISOString(),
      }),
    });
  const eventually = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
    for (
      const deadline = Date.now() + 20_000;
      Date.now() < deadline;
      await new Promise((resolve) => setTimeout(resolve, 20))
    )
      if (await holds()) return;
    throw new Error(`never: ${what}`);
  };
  const confirm = (): Promise<number> =>
    world.database.execute('UPDATE freshet.dataset SET confirmed_at = clock_timestamp() WHERE id = $1', [DEMO.id]);

  it('tells a failure once and a recovery once, also when events come twice and late', async () => {
    await startReporter();
    const first = await fails();
    await ended(first, 'failed');
    await eventually('the failure was sent', () => sent.length === 1);
    const second = await fails();
    await Promise.all([ended(first, 'failed'), ended(second, 'failed'), ended(second, 'failed')]);
    const { plan, outcome, generation } = await world.refresh(DEMO, { wells: [['00001', 'a', '1']] });
    expect(outcome).toBe('published');
    await confirm();
    await ended(plan.runId, 'published', generation);
    await eventually('the recovery was sent', () => sent.length === 2);
    await ended(second, 'failed');
    await ended(plan.runId, 'published', generation);
    await new Promise((resolve) => setTimeout(resolve, 300));

    expect(sent.map(({ type, subject }) => [type, subject])).toEqual([
      ['freshet.dataset.failed.v1', 'demo.wells'],
      ['freshet.dataset.recovered.v1', 'demo.wells'],
    ]);
    expect(sent[0]?.data).toMatchObject({
      runId: first,
      failure: { code: 'payload_html' },
      nextStep: 'Look at the portal.',
      consecutiveFailures: 1,
    });
    expect(await world.database.query('SELECT consecutive_failures, alerting FROM freshet.alert_state')).toEqual([
      { consecutive_failures: 0, alerting: false },
    ]);
  });

  it('tells by its own clock that a dataset has grown old, without any event', async () => {
    await world.refresh(DEMO, { wells: [['00001', 'a', '1']] });
    await confirm();
    await startReporter();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(sent).toEqual([]);
    now = new Date(now.getTime() + (DEMO.maxAgeSeconds + 60) * 1000);
    await eventually('staleness was sent', () => sent.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      type: 'freshet.dataset.stale.v1',
      data: { maxAgeSeconds: DEMO.maxAgeSeconds, runId: null },
    });
    await world.database.execute('UPDATE freshet.dataset SET confirmed_at = $2 WHERE id = $1', [DEMO.id, now]);
    await eventually('the recovery was sent', () => sent.length === 2);
  });

  it('sends again with the same id while the receiver is ill, and gives up when it refuses', async () => {
    statuses = [500, 503];
    await startReporter();
    await ended(await fails(), 'failed');
    await eventually('it was sent', () => sent.length === 1);
    await eventually(
      'it counts as sent',
      async () => (await world.count('freshet.notification WHERE sent_at IS NOT NULL')) === 1,
    );
    expect(await world.database.query('SELECT id, tries FROM freshet.notification')).toEqual([
      { id: sent[0]?.id, tries: 3 },
    ]);

    statuses = [410];
    await world.database.execute(
      `INSERT INTO freshet.notification (id, dataset, kind, event) SELECT $1::uuid, dataset, 'recovered', jsonb_set(event, '{id}', to_jsonb($1::uuid)) FROM freshet.notification`,
      [randomUUID()],
    );
    const given = "freshet.notification WHERE last_error = 'HTTP 410' AND next_try_at = 'infinity' AND sent_at IS NULL";
    await eventually('it was given up', async () => (await world.count(given)) === 1);
    expect(sent).toHaveLength(1);
  });

  it('records what a publication changed, once, also for publications whose event was lost', async () => {
    const rows = (depth: string): Array<string[]> => [
      ['00001', 'a', depth],
      ['00002', 'b', '2'],
    ];
    await world.refresh(DEMO, { wells: rows('1') });
    const second = await world.refresh(DEMO, { wells: rows('5') });
    await startReporter();
    const log = (): Promise<
      Array<{ from_generation: number; to_generation: number; changes: { changed: number; added: number } }>
    > =>
      world.database.query(
        'SELECT from_generation, to_generation, changes FROM freshet.change_log ORDER BY to_generation',
      );
    await eventually('the lost one was caught up with', async () => (await log()).length === 1);
    expect(await log()).toMatchObject([
      { from_generation: 1, to_generation: 2, changes: { changed: 1, added: 0, changedColumns: { DEPTH: 1 } } },
    ]);

    const third = await world.refresh(DEMO, { wells: [...rows('5'), ['00003', 'c', '3']] });
    await ended(third.plan.runId, 'published', third.generation);
    await ended(second.plan.runId, 'published', second.generation);
    await ended(third.plan.runId, 'published', third.generation);
    await eventually('the third was compared', async () => (await log()).length === 2);
    expect((await log())[1]).toMatchObject({ from_generation: 2, to_generation: 3, changes: { added: 1, changed: 0 } });
  });

  it('says nothing about datasets that nobody ever asked for', async () => {
    await startReporter();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await world.count('freshet.alert_state')).toBe(0);
    expect(sent).toEqual([]);
  });
});
