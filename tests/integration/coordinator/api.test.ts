import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Metadata, credentials, loadPackageDefinition, status, type Client, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import {
  CONTROL_PROTO,
  TOPICS,
  WORKER_PROTO,
  encodeMessage,
  type ChunkFetched,
  type RunView,
} from '@freshet/contracts';
import { parseApiTokens, type CoordinatorSettings } from '@freshet/coordinator-service';
import { storeDeadLetter } from '@freshet/database';
import { protoPath } from 'grpc-health-check';
import request from 'supertest';
import { definition, eventually, loadChunk, manifest, progress, publishRun, useWorld, type Coordinator } from './world';

const READER = 'reader-token-of-tests';
const OPERATOR = 'operator-token-of-tests';
const WORKER = 'worker-token-of-tests';
const TOKENS = parseApiTokens(`look:reader:${READER},act:operator:${OPERATOR}`);

describe('the control API', () => {
  const world = useWorld('api');
  let coordinator: Coordinator;

  const start = async (settings: Partial<CoordinatorSettings> = {}): Promise<void> => {
    const definitions = [
      definition('demo.main'),
      definition('demo.other'),
      definition('demo.files', { exports: [{ kind: 'pickle', folder: 'x', dtypes: 'legacy', warnBytes: 1 }] }),
    ];
    coordinator = await world.start({
      definitions,
      settings: { standalone: false, tokens: TOKENS, workerTokens: ['worker-token-to-come', WORKER], ...settings },
    });
  };
  const get = (path: string, token = READER) =>
    request(coordinator.url).get(`/api/v1/${path}`).set('authorization', `Bearer ${token}`);
  const post = (path: string, body?: object, token = OPERATOR) =>
    request(coordinator.url).post(`/api/v1/${path}`).set('authorization', `Bearer ${token}`).send(body);
  const refresh = async (dataset = 'demo.main'): Promise<RunView> =>
    ((await post('refreshes', { datasets: [dataset] }).expect(202)).body as { runs: RunView[] }).runs[0] as RunView;
  const publish = async (dataset = 'demo.main'): Promise<RunView> => {
    const run = await refresh(dataset);
    await coordinator.fetchAndLoad(run.id);
    await publishRun(world.database, run.id);
    return run;
  };

  it('asks for a token and its role', async () => {
    await start();
    const anonymous = await request(coordinator.url).get('/api/v1/datasets').expect(401);
    expect(anonymous.headers['www-authenticate']).toBe('Bearer');
    expect(anonymous.body).toMatchObject({ error: expect.stringContaining('token'), nextStep: expect.any(String) });
    await get('datasets', 'somebody-else-s-token').expect(401);
    await get('datasets').expect(200);
    expect((await post('refreshes', { datasets: ['demo.main'] }, READER).expect(403)).body.error).toBe(
      'look is a reader, this needs an operator',
    );
  });

  it('is open to this machine where standalone has no tokens, and to no web page', async () => {
    await start({ standalone: true, tokens: [] });
    const ask = () => request(coordinator.url).get('/api/v1/datasets');
    await ask().expect(200);
    await ask().set('origin', 'https://evil.example').expect(401);
    await ask().set('host', 'evil.example').expect(401);
  });

  it('answers all mistakes of a request together', async () => {
    await start();
    const { body } = await post('refreshes', { datasets: [], force: 'yes', colour: 'red' }).expect(400);
    expect(body.details).toHaveLength(3);
    expect(body.details.join()).toMatch(/datasets.*force.*colour/s);
    await get('runs/not-a-uuid').expect(400);
    await get('runs?limit=0').expect(400);
    await post('dead-letters/x/replay').expect(400);
    await request(coordinator.url)
      .post('/api/v1/refreshes')
      .set('authorization', `Bearer ${OPERATOR}`)
      .set('content-type', 'application/json')
      .send('{"datasets":')
      .expect(400);
  });

  it('says what is not there, and what was meant', async () => {
    await start();
    expect((await post('refreshes', { datasets: ['demo.mian', 'nothing'] }).expect(404)).body).toMatchObject({
      error: expect.stringContaining('did you mean demo.main?'),
      details: [expect.stringContaining('demo.mian'), expect.stringContaining('nothing')],
    });
    expect((await get('datasets/demo.mian').expect(404)).body.error).toContain('demo.main');
    await get(`runs/${randomUUID()}`).expect(404);
    await post(`runs/${randomUUID()}/cancel`).expect(404);
    await post('dead-letters/77/replay').expect(404);
  });

  it('starts every dataset of a source, all or none', async () => {
    await start();
    const { body } = await post('refreshes', { datasets: ['demo'], trigger: 'manual' }).expect(202);
    expect((body.runs as RunView[]).map(({ dataset, trigger }) => [dataset, trigger])).toEqual([
      ['demo.files', 'manual'],
      ['demo.main', 'manual'],
      ['demo.other', 'manual'],
    ]);
    const [, main] = body.runs as RunView[];
    const refused = await post('refreshes', { datasets: ['demo.main'] }).expect(409);
    expect(refused.body.error).toContain(main?.id);
    expect(await world.database.query('SELECT 1 FROM freshet.run')).toHaveLength(3);
    expect((await get('runs?dataset=demo.main&limit=5').expect(200)).body).toHaveLength(1);
  });

  it('gives the runs of the first call for the same idempotency key', async () => {
    await start();
    const body = { datasets: ['demo'], idempotencyKey: 'k' };
    const ids = async () => ((await post('refreshes', body).expect(202)).body.runs as RunView[]).map(({ id }) => id);
    expect(await ids()).toEqual(await ids());
  });

  it('takes a file only where the process is on the same machine, and looks at it first', async () => {
    await start();
    expect((await post('refreshes', { datasets: ['demo.main'], file: '/x.zip' }).expect(400)).body.error).toContain(
      'standalone',
    );
    await coordinator.stop();
    await start({ standalone: true });
    const folder = mkdtempSync(join(tmpdir(), 'freshet-api-'));
    expect(
      (await post('refreshes', { datasets: ['demo.main'], file: join(folder, 'none.zip') }).expect(400)).body.error,
    ).toContain('there is no');
    expect((await post('refreshes', { datasets: ['demo.main'], file: folder }).expect(400)).body.error).toContain(
      'is not a file',
    );
    const file = join(folder, 'a.zip');
    writeFileSync(file, 'PK');
    expect((await post('refreshes', { datasets: ['demo'], file }).expect(400)).body.error).toContain('one dataset');
    await post('refreshes', { datasets: ['demo.main'], file }).expect(202);
    expect(await world.database.query('SELECT file FROM freshet.run')).toEqual([{ file }]);
    rmSync(folder, { recursive: true });
  });

  it('shows freshness, generations and the last run', async () => {
    await start();
    expect((await get('datasets/demo.main').expect(200)).body).toMatchObject({
      freshness: 'never',
      generation: null,
      lastRun: null,
    });
    const run = await publish();
    await coordinator.ended(run.id);
    expect((await get('datasets/demo.main').expect(200)).body).toMatchObject({
      freshness: 'fresh',
      generation: 1,
      pinned: false,
      rows: 10,
      lastRun: { id: run.id, state: 'published' },
    });
    await world.database.execute(`UPDATE freshet.dataset SET confirmed_at = now() - interval '2 hours'`);
    expect(
      (await get('datasets').expect(200)).body.map(({ id, freshness }: { id: string; freshness: string }) => [
        id,
        freshness,
      ]),
    ).toEqual([
      ['demo.files', 'never'],
      ['demo.main', 'stale'],
      ['demo.other', 'never'],
    ]);
    expect((await get('datasets/demo.main/generations').expect(200)).body).toMatchObject([
      {
        ...{ generation: 1, current: true, rows: 10, runId: run.id, changes: null },
        resources: [{ resource: 'main', rowsFrom: 1 }],
      },
    ]);
    // What the reporter writes down after a second publication.
    await world.database.execute(
      `INSERT INTO freshet.change_log (dataset, from_generation, to_generation, resource, changes)
       VALUES ('demo.main', 0, 1, 'main', '{"added": 2, "removed": 1, "changed": 3}'), ('demo.main', 0, 1, 'more', '{"added": 5, "removed": 0, "changed": 0}')`,
    );
    expect((await get('datasets/demo.main/generations').expect(200)).body).toMatchObject([
      { changes: { from: 0, added: 7, removed: 1, changed: 3 } },
    ]);
    expect((await get('datasets/demo.main/diff').expect(409)).body.error).toContain('no generation before 1');
    await get('datasets/demo.other/diff').expect(409);
    await post('datasets/demo.main/rollback').expect(404);
    await post('datasets/demo.main/rollback', { to: 'x' }).expect(400);
  });

  it('cancels, refuses to cancel, and repeats', async () => {
    await start();
    const run = await refresh();
    expect((await post(`runs/${run.id}/cancel`).expect(200)).body).toMatchObject({ state: 'cancelled' });
    await post(`runs/${run.id}/cancel`).expect(200);
    expect((await post(`runs/${run.id}/retry`).expect(202)).body).toMatchObject({ trigger: 'retry', state: 'running' });
    const published = await publish('demo.other');
    await coordinator.ended(published.id);
    expect((await post(`runs/${published.id}/cancel`).expect(409)).body.error).toContain('published');
  });

  it('masks personal columns in the quarantine, and pages through it', async () => {
    await start();
    const run = await refresh();
    const put = (row: number, column: string | null, detail: string, record: string) =>
      world.database.execute(
        `INSERT INTO freshet.quarantine (dataset, run_id, task_id, attempt, resource, chunk, "row", reason, "column", detail, record, header) VALUES ('demo.main', $1, $1, 1, 'main', 0, $2, 'check_failed', $3, $4, $5, '["ID","CONTACT"]')`,
        [run.id, row, column, detail, record],
      );
    await put(0, 'ID', 'too long', '"7","Jane ""J"" Doe, 555-1234"');
    await put(1, 'CONTACT', 'Jane Doe is no name', '"8",Jane');
    await put(2, null, 'Jane', '"9","Jane');
    const { body } = await get('datasets/demo.main/quarantine').expect(200);
    expect(body.map(({ record, detail }: { record: string; detail: string }) => [record, detail])).toEqual([
      ['***', '***'],
      ['"8",***', '***'],
      ['"7",***', 'too long'],
    ]);
    expect(JSON.stringify(body)).not.toContain('Jane');
    expect((await get(`datasets/demo.main/quarantine?limit=1&after=${body[0].id}`).expect(200)).body).toMatchObject([
      { id: body[1].id },
    ]);
  });

  it('replays a dead letter as a new run of the one that failed, once', async () => {
    await start();
    const run = await refresh();
    const fetch = await coordinator.announced(run.id, 1);
    const chunk: ChunkFetched = {
      type: 'chunk.fetched',
      dataset: 'demo.main',
      runId: run.id,
      taskId: fetch.taskId,
      attempt: 1,
      contentVersion: 'v1',
      resource: 'main',
      chunk: 0,
      records: 1,
      header: [],
      checksum: '',
    };
    await storeDeadLetter(world.database, {
      topic: TOPICS.chunkFetched,
      partition: 0,
      offset: '1',
      key: 'k',
      headers: {},
      value: encodeMessage(chunk),
      code: 'internal',
      reason: 'r',
      step: 's',
      runId: run.id,
    });
    const [letter] = (await get('dead-letters').expect(200)).body as Array<{ id: string }>;
    expect((await post(`dead-letters/${letter?.id}/replay`).expect(202)).body.runs).toMatchObject([
      { id: run.id, state: 'running' },
    ]);
    await world.database.execute(`UPDATE freshet.run SET state = 'failed'`);
    const again = (await post(`dead-letters/${letter?.id}/replay`).expect(202)).body.runs as RunView[];
    expect(again).toMatchObject([{ dataset: 'demo.main', trigger: 'retry', state: 'running' }]);
    expect(((await post(`dead-letters/${letter?.id}/replay`).expect(202)).body.runs as RunView[])[0]?.id).toBe(
      again[0]?.id,
    );
    expect((await get('dead-letters').expect(200)).body[0].replayedAt).not.toBeNull();
  });

  it('has files written again', async () => {
    await start();
    await post('datasets/demo.main/export').expect(409);
    await post('datasets/demo.files/export').expect(409);
    const run = await publish('demo.files');
    await coordinator.commanded(run.id, 'export');
    await world.database.execute(`INSERT INTO freshet.export (run_id, outcome) VALUES ($1, 'written')`, [run.id]);
    await coordinator.ended(run.id);
    const before = coordinator.commands.length;
    expect((await post('datasets/demo.files/export').expect(202)).body).toEqual({
      dataset: 'demo.files',
      generation: 1,
      runId: run.id,
    });
    await eventually('another command', () =>
      coordinator.commands.slice(before).some(({ type, runId }) => type === 'export' && runId === run.id),
    );
    expect((await get(`runs/${run.id}`).expect(200)).body.state).toBe('published');
  });

  it('describes itself, and how it is', async () => {
    await start();
    const { body } = await request(coordinator.url).get('/api/docs-json').expect(200);
    expect(body.openapi).toBe('3.1.0');
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining([
        '/api/v1/refreshes',
        '/api/v1/runs/{id}',
        '/api/v1/datasets/{id}/diff',
        '/api/v1/doctor',
      ]),
    );
    const named = [...JSON.stringify(body).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(named.filter((name) => !((name as string) in body.components.schemas))).toEqual([]);
    expect(body.paths['/api/v1/refreshes'].post.requestBody.content['application/json'].schema.required).toEqual([
      'datasets',
    ]);
    await request(coordinator.url).get('/api/docs').expect(200);
    await request(coordinator.url).get('/health/live').expect(200);
    expect((await request(coordinator.url).get('/health/ready').expect(200)).body.info).toMatchObject({
      database: { status: 'up' },
      leadership: { status: 'up' },
    });
    const doctor = (await get('doctor').expect(200)).body.checks as Array<{
      name: string;
      ok: boolean;
      detail: string;
    }>;
    expect(doctor.filter(({ ok }) => !ok)).toEqual([]);
    expect(doctor.map(({ name }) => name)).toEqual([
      'configuration',
      'datasets',
      'database',
      'outbox',
      'messaging',
      'leader',
      'credentials',
    ]);
    expect(JSON.stringify(doctor)).not.toMatch(/token-of-tests/);
  });

  describe('over gRPC', () => {
    type Reply = Record<string, unknown>;
    type Stub = Client &
      Record<
        string,
        (message: object, metadata: Metadata, callback: (error: ServiceError | null, reply: Reply) => void) => void
      >;
    const clients: Client[] = [];
    const stub = (proto: { package: string; path: string }, service: string): Stub => {
      const tree = loadPackageDefinition(loadSync(proto.path, { longs: Number, defaults: true, enums: String }));
      const Service = proto.package.split('.').reduce<never>((at, part) => at[part], tree as never)[
        service
      ] as unknown as new (address: string, c: ReturnType<typeof credentials.createInsecure>) => Stub;
      const client = new Service(`127.0.0.1:${coordinator.grpcPort}`, credentials.createInsecure());
      clients.push(client);
      return client;
    };
    const as = (token?: string): Metadata => {
      const metadata = new Metadata();
      if (token) metadata.set('authorization', `Bearer ${token}`);
      return metadata;
    };
    const call = (client: Stub, method: string, message: object, token?: string): Promise<Reply> =>
      new Promise((resolve, reject) =>
        client[method]?.(message, as(token), (error, reply) => (error ? reject(error) : resolve(reply))),
      );
    afterEach(() => clients.splice(0).forEach((client) => client.close()));
    const grpc = { grpc: { host: '127.0.0.1', port: 0 } };

    it('says how the publisher was reached', async () => {
      await start(grpc);
      const run = await publish();
      await coordinator.ended(run.id);
      const control = stub(CONTROL_PROTO, 'Control');
      expect(await call(control, 'GetRun', { runId: run.id }, READER)).toMatchObject({
        state: 'published',
        access: { kind: 'url', url: 'https://publisher.example/a.zip', stamp: '', skipped: [] },
        notes: [],
        files: [],
      });
    });

    it('controls and watches runs under the same tokens', async () => {
      await start(grpc);
      const control = stub(CONTROL_PROTO, 'Control');
      await expect(call(control, 'ListDatasets', {})).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
      await expect(call(control, 'StartRefresh', { datasets: ['demo.main'] }, READER)).rejects.toMatchObject({
        code: status.PERMISSION_DENIED,
      });
      await expect(call(control, 'StartRefresh', { datasets: [] }, OPERATOR)).rejects.toMatchObject({
        code: status.INVALID_ARGUMENT,
      });
      await expect(call(control, 'GetRun', { runId: randomUUID() }, READER)).rejects.toMatchObject({
        code: status.NOT_FOUND,
      });
      expect(await call(control, 'ListDatasets', {}, READER)).toMatchObject({
        datasets: [{ id: 'demo.files', freshness: 'never' }, { id: 'demo.main' }, { id: 'demo.other' }],
      });
      const { runs } = (await call(control, 'StartRefresh', { datasets: ['demo.main'] }, OPERATOR)) as {
        runs: Array<{ id: string }>;
      };
      const id = runs[0]?.id ?? '';
      await expect(call(control, 'StartRefresh', { datasets: ['demo.main'] }, OPERATOR)).rejects.toMatchObject({
        code: status.FAILED_PRECONDITION,
      });
      const seen: string[] = [];
      const watching = new Promise<void>((resolve, reject) => {
        const stream = (
          control as unknown as Record<string, (message: object, metadata: Metadata) => NodeJS.ReadableStream>
        )['WatchRun']?.({ runId: id }, as(READER));
        stream
          ?.on('data', ({ state }: { state: string }) => seen.push(state))
          .on('end', resolve)
          .on('error', reject);
      });
      await eventually('the first message', () => seen.length > 0);
      expect(await call(control, 'CancelRun', { runId: id }, OPERATOR)).toMatchObject({ state: 'cancelled' });
      await watching;
      expect(seen).toEqual(['running', 'cancelled']);
      const lost = new Promise((resolve) => {
        const stream = (
          control as unknown as Record<string, (message: object, metadata: Metadata) => NodeJS.ReadableStream>
        )['WatchRun']?.({ runId: randomUUID() }, as(READER));
        stream?.on('error', resolve).on('data', () => undefined);
      });
      expect(await lost).toMatchObject({ code: status.NOT_FOUND });
      expect(await call(control, 'RetryRun', { runId: id }, OPERATOR)).toMatchObject({ trigger: 'retry' });
      expect(await call(control, 'ListRuns', { dataset: 'demo.main' }, READER)).toMatchObject({ runs: [{}, { id }] });
    });

    it('leases tasks to workers under a token of their own', async () => {
      await start(grpc);
      const worker = stub(WORKER_PROTO, 'Worker');
      const run = await refresh();
      const { taskId } = await coordinator.announced(run.id, 1);
      const claim = { taskId, attempt: 1, worker: 'fetcher-9' };
      await expect(call(worker, 'Claim', claim, OPERATOR)).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
      const granted = await call(worker, 'Claim', claim, WORKER);
      expect(granted).toMatchObject({ granted: true, leaseMs: 30_000 });
      expect(JSON.parse(granted['specJson'] as string)).toMatchObject({
        dataset: 'demo.main',
        tries: 1,
        validators: {},
      });
      expect(await call(worker, 'Claim', claim, WORKER)).toMatchObject({ granted: false });
      const lease = { taskId, attempt: 1, leaseToken: granted['leaseToken'] };
      expect(
        await call(
          worker,
          'Renew',
          { ...lease, progress: { bytesReceived: 5, bytesExpected: 10, chunksCut: 1 } },
          WORKER,
        ),
      ).toMatchObject({ held: true });
      expect((await get(`runs/${run.id}`)).body.progress).toMatchObject({ bytesReceived: 5, bytesExpected: 10 });
      await expect(call(worker, 'Complete', { ...lease, manifestJson: '{' }, WORKER)).rejects.toMatchObject({
        code: status.INVALID_ARGUMENT,
      });
      expect(
        await call(worker, 'Complete', { ...lease, manifestJson: JSON.stringify(manifest()), progress }, WORKER),
      ).toEqual({ held: true });
      await loadChunk(world.database, { taskId, attempt: 1 });
      await coordinator.commanded(run.id, 'publish');
    });

    it('is found by reflection, answers health checks, and refuses what is too large', async () => {
      await start(grpc);
      const reflectionProto = join(
        dirname(require.resolve('@grpc/reflection')),
        '..',
        'proto',
        'grpc',
        'reflection',
        'v1',
        'reflection.proto',
      );
      const reflection = stub({ package: 'grpc.reflection.v1', path: reflectionProto }, 'ServerReflection');
      const services = await new Promise<string[]>((resolve, reject) => {
        type Listing = { listServicesResponse: { service: Array<{ name: string }> } };
        const stream = (
          reflection as unknown as Record<string, () => NodeJS.ReadWriteStream & { write(message: object): void }>
        )['ServerReflectionInfo']?.();
        stream?.on('error', reject).on('data', ({ listServicesResponse }: Listing) => {
          resolve(listServicesResponse.service.map(({ name }) => name));
          stream.end();
        });
        stream?.write({ listServices: '' });
      });
      expect(services).toEqual(expect.arrayContaining(['freshet.control.v1.Control', 'freshet.worker.v1.Worker']));
      const health = stub({ package: 'grpc.health.v1', path: protoPath }, 'Health');
      expect(await call(health, 'Check', { service: '' })).toMatchObject({ status: 'SERVING' });
      const control = stub(CONTROL_PROTO, 'Control');
      await expect(
        call(control, 'StartRefresh', { datasets: ['x'.repeat(3_000_000)] }, OPERATOR),
      ).rejects.toMatchObject({
        code: status.RESOURCE_EXHAUSTED,
      });
    });
  });
});
