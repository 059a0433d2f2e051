import { Global, Module, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CATALOG, Catalog } from '@freshet/catalog';
import {
  TOPICS,
  decodeMessage,
  fetchRequestedSchema,
  loadCommandedSchema,
  runEventSchema,
  type FetchRequested,
  type Lease,
  type LoadCommanded,
  type RunEvent,
} from '@freshet/contracts';
import {
  CoordinatorModule,
  DATABASE,
  DEFAULT_SETTINGS,
  DirectWorkerPort,
  GrpcServer,
  setupOpenApi,
  type CoordinatorSettings,
} from '@freshet/coordinator-service';
import { openDatabase, type Database } from '@freshet/database';
import {
  datasetId,
  silentLogger,
  type Clock,
  type DatasetDefinition,
  type Logger,
  type TaskManifest,
} from '@freshet/domain';
import { InProcessMessaging, MESSAGING, MessagingServer, type Messaging } from '@freshet/messaging';
import { CLOCK, INSTANCE, LOGGER } from '@freshet/runtime';
import { startPostgres, type RunningPostgres } from '@freshet/testing';

export function definition(id: string, over: Partial<DatasetDefinition> = {}): DatasetDefinition {
  return {
    id: datasetId(id),
    title: id,
    mode: 'snapshot',
    connector: 'zip-archive',
    source: id.split('.')[0] ?? '',
    access: [],
    allowPrivateHosts: [],
    resources: [
      {
        name: 'main',
        member: 'main.txt',
        required: true,
        format: { reader: 'csv', delimiter: ',', quote: '"', header: true, encoding: 'utf-8' },
        columns: [
          { name: 'ID', type: 'text', required: true, personal: false, checks: [] },
          { name: 'CONTACT', type: 'text', required: false, personal: true, checks: [] },
        ],
        key: ['ID'],
        contract: { unknownColumn: 'evolve', missingColumn: 'evolve', valueType: 'evolve' },
        nulls: { empty: true, words: [] },
        dateFormats: [],
        maxRecordBytes: 1000,
      },
    ],
    schedule: null,
    maxAgeSeconds: 3600,
    timeouts: { connectMs: 1, stallMs: 1, totalMs: 1, growth: 0 },
    retry: { maxAttempts: 3, initialDelayMs: 10, maxDelayMs: 20 },
    archive: { maxEntries: 1, maxCompressedBytes: 1, maxUncompressedBytes: 1, maxRatio: 1 },
    gates: { maxRefusedShare: 0.5, maxRowDrift: null, uniqueKey: 'hold' },
    concurrency: 'forbid',
    retainGenerations: 3,
    exports: [],
    paging: null,
    timeseries: null,
    rateLimit: null,
    credential: null,
    contentVersion: 'v1',
    ...over,
  };
}

export const FAST: CoordinatorSettings = {
  ...DEFAULT_SETTINGS,
  standalone: true,
  leaseMs: 30_000,
  tickMs: { active: 25, idle: 50 },
};

export const manifest = (over: Partial<TaskManifest> = {}): TaskManifest => ({
  outcome: 'fetched',
  access: { kind: 'url', url: 'https://publisher.example/a.zip', skipped: [] },
  validators: { etag: '"1"' },
  bytesReceived: 1000,
  resources: [{ resource: 'main', chunks: 1, records: 10, bytes: 100, sha256: 'abc', header: ['ID', 'CONTACT'] }],
  ignoredMembers: [],
  ...over,
});

export const progress = { bytesReceived: 1000, bytesExpected: 1000, chunksCut: 1, peakRssBytes: 1 };

export interface CoordinatorOptions {
  readonly database: Database;
  readonly definitions?: readonly DatasetDefinition[];
  readonly settings?: Partial<CoordinatorSettings>;
  readonly messaging?: Messaging;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** A coordinator in this process, with everything that leaves it written down. */
export class Coordinator {
  readonly fetches: FetchRequested[] = [];
  readonly commands: LoadCommanded[] = [];
  readonly events: RunEvent[] = [];

  private stopping?: Promise<void>;

  private constructor(
    readonly app: INestApplication,
    readonly messaging: Messaging,
    private readonly database: Database,
  ) {}

  static async start(options: CoordinatorOptions): Promise<Coordinator> {
    const messaging = options.messaging ?? new InProcessMessaging();
    @Global()
    @Module({
      providers: [
        { provide: DATABASE, useValue: options.database },
        { provide: MESSAGING, useValue: messaging },
        { provide: CATALOG, useValue: new Catalog(options.definitions ?? [definition('demo.main')]) },
        { provide: CLOCK, useValue: options.clock ?? { now: () => new Date() } },
        { provide: LOGGER, useValue: options.logger ?? silentLogger },
        { provide: INSTANCE, useValue: { service: 'coordinator', instance: 'test' } },
      ],
      exports: [DATABASE, MESSAGING, CATALOG, CLOCK, LOGGER, INSTANCE],
    })
    class Ports {}
    const coordinator = CoordinatorModule.register({ settings: { ...FAST, ...options.settings } });
    const testing = await Test.createTestingModule({
      imports: [Ports, coordinator, CoordinatorModule.health(coordinator)],
    }).compile();
    const app = testing.createNestApplication({ logger: false, forceCloseConnections: true });
    setupOpenApi(app);
    app.connectMicroservice({ strategy: new MessagingServer(messaging) });
    await app.startAllMicroservices();
    const started = new Coordinator(app, messaging, options.database);
    await started.listen();
    await app.listen(0, '127.0.0.1');
    return started;
  }

  get worker(): DirectWorkerPort {
    return this.app.get(DirectWorkerPort);
  }

  get grpcPort(): number {
    return this.app.get(GrpcServer).port;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.app.getHttpServer().address() as { port: number }).port}`;
  }

  private async listen(): Promise<void> {
    const take =
      <T>(list: T[], schema: Parameters<typeof decodeMessage<T>>[0]) =>
      async ({ value }: { value: Buffer }) =>
        void list.push(decodeMessage<T>(schema, value).meta);
    await this.messaging.subscribe(
      { topic: TOPICS.fetchRequested, group: 'test', maxInFlight: 1 },
      take<FetchRequested>(this.fetches, fetchRequestedSchema),
    );
    await this.messaging.subscribe(
      { topic: TOPICS.loadCommanded, group: 'test', maxInFlight: 1 },
      take<LoadCommanded>(this.commands, loadCommandedSchema),
    );
    await this.messaging.subscribe(
      { topic: TOPICS.runEvents, group: 'test', maxInFlight: 1 },
      take<RunEvent>(this.events, runEventSchema),
    );
  }

  /** The next announcement of an attempt of the run. */
  async announced(runId: string, attempt: number): Promise<FetchRequested> {
    return eventually(`attempt ${attempt} of ${runId}`, () =>
      this.fetches.find((fetch) => fetch.runId === runId && fetch.attempt === attempt),
    );
  }

  async commanded(runId: string, type: LoadCommanded['type']): Promise<LoadCommanded> {
    return eventually(`${type} of ${runId}`, () =>
      this.commands.find((command) => command.runId === runId && command.type === type),
    );
  }

  async ended(runId: string): Promise<Extract<RunEvent, { type: 'run.ended' }>> {
    return eventually(
      `the end of ${runId}`,
      () =>
        this.events.find((event) => event.type === 'run.ended' && event.runId === runId) as
          Extract<RunEvent, { type: 'run.ended' }> | undefined,
    );
  }

  /** What a fetcher does before it begins. */
  async claim({ taskId, attempt }: FetchRequested, worker = 'fetcher-1'): Promise<Lease> {
    const answer = await this.worker.claim(taskId, attempt, worker);
    if (!answer.granted) throw new Error('not granted');
    return { taskId, attempt, token: answer.token };
  }

  /** What a fetcher and a loader do, up to the publish command, in an attempt that succeeds. */
  async fetchAndLoad(runId: string, attempt = 1): Promise<FetchRequested> {
    const fetch = await this.announced(runId, attempt);
    const lease = await this.claim(fetch);
    await loadChunk(this.database, fetch);
    const { held } = await this.worker.complete(lease, manifest(), progress);
    if (!held) throw new Error('the lease was lost');
    await this.commanded(runId, 'publish');
    return fetch;
  }

  stop(): Promise<void> {
    return (this.stopping ??= this.app.close());
  }
}

/** Where the tests of one block happen: a server for all, a database and its coordinators for each of them. */
export interface World {
  readonly postgres: RunningPostgres;
  readonly database: Database;
  /** Of the test's database. */
  readonly url: string;
  /** Is stopped after the test. It has the test's database unless another way to it is given. */
  start(options?: Partial<CoordinatorOptions>): Promise<Coordinator>;
}

/** Call it first in `describe`. @param name what the databases are called */
export function useWorld(name: string): World {
  jest.setTimeout(120_000);
  let postgres: RunningPostgres;
  let database: Database;
  let url: string;
  const started: Coordinator[] = [];

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    url = await postgres.createDatabase(name);
    database = await openDatabase(url);
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((coordinator) => coordinator.stop()));
    await database.close();
  });
  return {
    get postgres() {
      return postgres;
    },
    get database() {
      return database;
    },
    get url() {
      return url;
    },
    async start(options) {
      const coordinator = await Coordinator.start({ database, ...options });
      started.push(coordinator);
      return coordinator;
    },
  };
}

export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | null | Promise<T | undefined | false | null>,
  withinMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`${what} did not come within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What a loader writes for one chunk. */
export async function loadChunk(
  database: Database,
  {
    taskId,
    attempt,
    chunk = 0,
    rows = 10,
    refused = 0,
    bytes = 100,
  }: { taskId: string; attempt: number; chunk?: number; rows?: number; refused?: number; bytes?: number },
): Promise<void> {
  await database.execute(
    `INSERT INTO freshet.ledger (task_id, attempt, resource, chunk, records, "rows", refused, bytes, checksum) VALUES ($1, $2, 'main', $3, $4, $5, $6, $7, '')`,
    [taskId, attempt, chunk, rows + refused, rows, refused, bytes],
  );
}

/** What a loader writes when it publishes a run. */
export async function publishRun(
  database: Database,
  runId: string,
  outcome: 'published' | 'unchanged' = 'published',
): Promise<number> {
  return database.transaction(async (tx) => {
    const [run] = await tx.query<{
      dataset: string;
      generation: number;
      task: string;
      attempt: number;
      head: number | null;
      validators: object;
      content_version: string;
    }>(
      `SELECT r.dataset, r.generation, r.content_version, t.id AS task, t.attempt, t.manifest -> 'validators' AS validators, (SELECT head_generation FROM freshet.dataset d WHERE d.id = r.dataset) AS head FROM freshet.run r JOIN freshet.task t ON t.run_id = r.id WHERE r.id = $1`,
      [runId],
    );
    if (!run) throw new Error('no such run');
    if (outcome === 'published') {
      await tx.execute(
        `INSERT INTO freshet.generation (dataset, number, run_id, state, content_version, validators, access) VALUES ($1, $2, $3, 'published', $4, $5, '{}')`,
        [run.dataset, run.generation, runId, run.content_version, JSON.stringify(run.validators)],
      );
      await tx.execute(
        `INSERT INTO freshet.generation_resource (dataset, generation, resource, rows_from, task_id, attempt, "rows", refused, bytes, sha256, columns) VALUES ($1, $2, 'main', $2, $3, $4, 10, 0, 100, 'abc', '[]')`,
        [run.dataset, run.generation, run.task, run.attempt],
      );
      await tx.execute(
        `UPDATE freshet.dataset SET current_generation = $2, head_generation = $2, pinned = false WHERE id = $1`,
        [run.dataset, run.generation],
      );
    }
    await tx.execute(`INSERT INTO freshet.publication (run_id, outcome, generation) VALUES ($1, $2, $3)`, [
      runId,
      outcome,
      outcome === 'published' ? run.generation : run.head,
    ]);
    return run.generation;
  });
}
