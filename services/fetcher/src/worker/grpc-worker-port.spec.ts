import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  status,
  type ServiceClientConstructor,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { WORKER_PROTO } from '@freshet/contracts';
import type { TaskManifest } from '@freshet/domain';
import { spec, TASK } from '../testing/parts';
import { GrpcWorkerPort } from './grpc-worker-port';

const LEASE = { taskId: TASK, attempt: 2, token: 'lease-token' };
const PROGRESS = { bytesReceived: 6_000_000_000, bytesExpected: 0, chunksCut: 3, peakRssBytes: 9 };
const MANIFEST: TaskManifest = {
  outcome: 'not_modified',
  access: { kind: 'url', url: 'http://h/', skipped: [] },
  validators: { etag: '"1"' },
  bytesReceived: 0,
  resources: [],
  ignoredMembers: [],
};

type Answer = { [key: string]: unknown } | { error: status; details: string };
let server: Server;
let port: GrpcWorkerPort;
let target: string;
let answers: Record<string, Answer>;
let asked: Array<{ method: string; request: Record<string, unknown>; authorization: unknown }>;

beforeEach(async () => {
  asked = [];
  answers = {};
  const tree = loadPackageDefinition(loadSync(WORKER_PROTO.path, { longs: Number, defaults: true })) as unknown as {
    freshet: { worker: { v1: { Worker: ServiceClientConstructor } } };
  };
  const handler =
    (method: string): UntypedHandleCall =>
    (
      call: { request: Record<string, unknown>; metadata: { get(name: string): unknown[] } },
      done: (error: object | null, answer?: object) => void,
    ) => {
      asked.push({ method, request: call.request, authorization: call.metadata.get('authorization')[0] });
      const answer = answers[method] ?? {};
      if ('error' in answer) done({ code: answer.error, details: answer.details });
      else done(null, answer);
    };
  server = new Server();
  const methods = ['claim', 'renew', 'complete', 'fail', 'release', 'permit', 'coolDown'];
  server.addService(
    tree.freshet.worker.v1.Worker.service,
    Object.fromEntries(methods.map((method) => [method, handler(method)])),
  );
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, number) =>
      error ? reject(error) : resolve(number),
    ),
  );
  target = `127.0.0.1:${bound}`;
  port = new GrpcWorkerPort({ target, token: 'worker-token', deadlineMs: 2000 });
});
afterEach(() => {
  port.close();
  server.forceShutdown();
});

describe('the coordinator over gRPC', () => {
  it('carries a claim and its token', async () => {
    answers.claim = { granted: true, leaseToken: 't', leaseMs: 30_000, specJson: JSON.stringify(spec({ tries: 4 })) };
    expect(await port.claim(TASK, 2, 'me')).toEqual({
      granted: true,
      token: 't',
      leaseMs: 30_000,
      spec: spec({ tries: 4 }),
    });
    expect(asked).toMatchObject([
      { method: 'claim', request: { taskId: TASK, attempt: 2, worker: 'me' }, authorization: 'Bearer worker-token' },
    ]);
    answers.claim = { granted: false };
    expect(await port.claim(TASK, 2, 'me')).toEqual({ granted: false });
    expect(port.ready()).toMatchObject({ ok: true });
  });

  it('carries everything else', async () => {
    answers.renew = { held: true, leaseMs: 9, cancelled: false };
    expect(await port.renew(LEASE, PROGRESS)).toEqual({ held: true, leaseMs: 9, cancelled: false });
    answers.complete = answers.fail = { held: true };
    expect(await port.complete(LEASE, MANIFEST, PROGRESS)).toEqual({ held: true });
    const failure = { code: 'stalled', kind: 'transient', message: 'm', nextStep: 'n', attributes: {} } as const;
    expect(await port.fail(LEASE, failure, 41.7)).toEqual({ held: true });
    expect(await port.release(LEASE)).toEqual({ held: false });
    expect(asked.map(({ method }) => method)).toEqual(['renew', 'complete', 'fail', 'release']);
    expect(asked[0]?.request).toMatchObject({ leaseToken: 'lease-token', progress: PROGRESS });
    expect(JSON.parse(String(asked[1]?.request.manifestJson))).toEqual(MANIFEST);
    expect(asked[2]?.request).toMatchObject({ failureJson: JSON.stringify(failure), retryAfterMs: 42 });
  });

  it('carries what a task with intervals is to ask for', async () => {
    const asked = spec({ window: { from: '2026-11-10T00:00:00Z', to: '2026-11-13T00:00:00.000Z' }, only: ['PJM'] });
    answers.claim = { granted: true, leaseToken: 't', leaseMs: 1, specJson: JSON.stringify(asked) };
    expect(await port.claim(TASK, 1, 'me')).toMatchObject({ spec: asked });
  });

  it('asks for permits, and says when the publisher suspended us', async () => {
    answers.permit = { granted: false, waitMs: 10_000 };
    expect(await port.permit(LEASE)).toEqual({ granted: false, waitMs: 10_000 });
    expect(await port.coolDown(LEASE, 300_000.4)).toBeUndefined();
    const held = { taskId: TASK, attempt: 2, leaseToken: 'lease-token' };
    expect(asked).toMatchObject([
      { method: 'permit', request: held },
      { method: 'coolDown', request: { ...held, ms: 300_000 } },
    ]);
  });

  it.each([
    [status.UNAVAILABLE, 'dependency_unavailable', /coordinator runs/],
    [status.INTERNAL, 'dependency_unavailable', /coordinator runs/],
    [status.UNAUTHENTICATED, 'dependency_unavailable', /FRESHET_WORKER_TOKEN/],
    [status.INVALID_ARGUMENT, 'internal', /same release/],
  ])('says what status %d means', async (error, code, nextStep) => {
    answers.renew = { error, details: 'because' };
    await expect(port.renew(LEASE, PROGRESS)).rejects.toMatchObject({
      code,
      nextStep: expect.stringMatching(nextStep),
    });
  });

  it('calls a coordinator that is not there, or says nonsense, by name', async () => {
    answers.claim = { granted: true, leaseToken: 't', leaseMs: 1, specJson: '{' };
    await expect(port.claim(TASK, 1, 'me')).rejects.toMatchObject({ code: 'internal' });
    server.forceShutdown();
    await expect(port.release(LEASE)).rejects.toMatchObject({ code: 'dependency_unavailable', attributes: { target } });
  });
});
