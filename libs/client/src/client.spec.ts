import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunView } from '@freshet/contracts';
import { ApiError, FreshetClient, NotFreshetError, UnreachableError } from './index';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

const RUN = '7d1f0a1e-0000-4000-8000-000000000001';
const runView = (state: RunView['state'], rowsLoaded = 0): RunView => ({
  id: RUN,
  dataset: 'bsee.well',
  state,
  trigger: 'manual',
  force: false,
  requestedAt: '2026-11-20T10:00:00Z',
  startedAt: null,
  endedAt: null,
  generation: null,
  attempt: 1,
  taskState: null,
  access: null,
  progress: { bytesReceived: 0, bytesExpected: 0, chunksCut: 0, chunksLoaded: 0, rowsLoaded, rowsRefused: 0 },
  resources: [],
  attempts: [],
  files: [],
  peakMemory: [],
  failure: null,
});

describe('FreshetClient', () => {
  let server: Server;
  let baseUrl: string;
  let seen: Seen[];
  let answer: (request: Seen, response: ServerResponse, index: number) => void;
  const pauses: number[] = [];
  const sleep = async (ms: number): Promise<void> => void pauses.push(ms);
  const client = (options: object = {}): FreshetClient =>
    new FreshetClient({ baseUrl, token: 'secret', sleep, ...options });

  beforeEach(async () => {
    seen = [];
    pauses.length = 0;
    answer = (_, response) => json(response, 200, []);
    server = createServer((request, response) => void receive(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const piece of request) text += String(piece);
    const entry = {
      method: request.method ?? '',
      url: request.url ?? '',
      authorization: request.headers.authorization,
      body: text === '' ? undefined : JSON.parse(text),
    };
    seen.push(entry);
    answer(entry, response, seen.length - 1);
  }

  it('sends the bearer token and leaves absent query values out', async () => {
    await client().runs({ dataset: 'bsee.well' });
    expect(seen).toEqual([
      { method: 'GET', url: '/api/v1/runs?dataset=bsee.well', authorization: 'Bearer secret', body: undefined },
    ]);
  });

  it('keeps a path in front of the API and escapes identifiers', async () => {
    await new FreshetClient({ baseUrl: `${baseUrl}/freshet/` }).dataset('../x');
    expect(seen[0]).toMatchObject({ url: '/freshet/api/v1/datasets/..%2Fx', authorization: undefined });
  });

  it('gives an error answer as ApiError with status and problem', async () => {
    answer = (_, response) => json(response, 409, { error: 'bsee.well is being refreshed', nextStep: 'Wait for it.' });
    const error = await client()
      .startRefresh({ datasets: ['bsee.well'] })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 409,
      isMistake: false,
      problem: { nextStep: 'Wait for it.' },
      call: 'POST /api/v1/refreshes',
    });
    expect(seen).toHaveLength(1);
  });

  it('starts a refresh with an idempotency key, and repeats it with the same key when the connection is lost', async () => {
    answer = (_, response, index) =>
      index === 0 ? response.destroy() : json(response, 202, { runs: [runView('queued')] });
    const runs = await client().startRefresh({ datasets: ['bsee.well'] });
    expect(runs.map((run) => run.id)).toEqual([RUN]);
    expect(seen).toHaveLength(2);
    expect(seen[0]?.body).toEqual(seen[1]?.body);
    expect(seen[0]?.body).toMatchObject({
      datasets: ['bsee.well'],
      idempotencyKey: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('never repeats a call that may have arrived and may not happen twice', async () => {
    answer = (_, response) => void response.destroy();
    await expect(client().rollback('bsee.well')).rejects.toMatchObject({ name: 'UnreachableError', reason: 'lost' });
    expect(seen).toHaveLength(1);
  });

  it('repeats any call that was refused, with growing pauses, then says where nobody answers', async () => {
    const gone = baseUrl;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const error = await client()
      .retry(RUN)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({
      reason: 'refused',
      message: `no coordinator answers at ${gone}: connection refused`,
    });
    expect(pauses).toEqual([200, 400, 800]);
  });

  it('takes a gateway without a coordinator behind it as unreachable, and a problem body as an answer', async () => {
    answer = (_, response) => void response.writeHead(503, { 'content-type': 'text/html' }).end('<h1>no upstream</h1>');
    await expect(client({ retries: 0 }).datasets()).rejects.toMatchObject({ reason: 'unavailable' });
    answer = (_, response) => json(response, 503, { error: 'the database is not there' });
    await expect(client({ retries: 0 }).datasets()).rejects.toMatchObject({ name: 'ApiError', status: 503 });
  });

  it('does not follow redirects and does not take a web page for an answer', async () => {
    answer = (_, response) =>
      void response.writeHead(302, { location: 'https://elsewhere.example/login?next=1' }).end();
    await expect(client().datasets()).rejects.toThrow(
      'it answers with a redirect to https://elsewhere.example/login; if that is right, use that address',
    );
    answer = (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hello</p>');
    await expect(client().datasets()).rejects.toBeInstanceOf(NotFreshetError);
    expect(seen).toHaveLength(2);
  });

  it('gives up on an answer that does not come', async () => {
    answer = () => undefined;
    await expect(client({ timeoutMs: 40, retries: 0 }).datasets()).rejects.toMatchObject({
      reason: 'timeout',
      message: expect.stringContaining('no answer within 0.04 s'),
    });
  });

  it('waits longer for a comparison, and does not ask for it twice', async () => {
    answer = () => undefined;
    const controller = new AbortController();
    const patience = jest.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(controller.signal);
    const asked = client({ timeoutMs: 40 }).diff('bsee.war', 3, 4);
    const failed = asked.catch((error: unknown) => error);
    expect(patience).toHaveBeenCalledWith(290_000);
    controller.abort();
    expect(await failed).toMatchObject({
      reason: 'timeout',
      message: expect.stringContaining('no answer within 290 s'),
    });
    expect(pauses).toEqual([]);
    patience.mockRestore();
  });

  it('refuses an address with credentials or another protocol', () => {
    expect(() => new FreshetClient({ baseUrl: 'http://user:pass@host' })).toThrow('give the token apart');
    expect(() => new FreshetClient({ baseUrl: 'ftp://host' })).toThrow('not an http or https address');
  });

  describe('waitForRun', () => {
    it('reports every answer, asks less often while nothing moves, and ends with the run', async () => {
      const states = [
        runView('queued'),
        runView('queued'),
        runView('queued'),
        runView('running', 5),
        runView('published', 9),
      ];
      answer = (_, response, index) => json(response, 200, states[index]);
      const updates: string[] = [];
      const ended = await client().waitForRun(RUN, { onUpdate: (run) => updates.push(run.state) });
      expect(ended.state).toBe('published');
      expect(updates).toEqual(['queued', 'queued', 'queued', 'running', 'published']);
      expect(pauses).toEqual([200, 300, 450, 200]);
    });

    it('sits out a coordinator that restarts, and not for ever', async () => {
      answer = (_, response, index) =>
        index < 2 ? void response.destroy() : json(response, 200, runView('unchanged'));
      const silences: number[] = [];
      let time = 0;
      const options = {
        onUnreachable: (_: Error, ms: number) => silences.push(ms),
        now: () => (time += 10),
        patienceMs: 25,
      };
      await expect(client({ retries: 0 }).waitForRun(RUN, options)).resolves.toMatchObject({ state: 'unchanged' });
      expect(silences).toEqual([10, 20]);
      answer = (_, response) => void response.destroy();
      await expect(client({ retries: 0 }).waitForRun(RUN, options)).rejects.toBeInstanceOf(UnreachableError);
    });

    it('sits out a database that is away behind the coordinator', async () => {
      answer = (_, response, index) =>
        index < 2
          ? json(response, 503, { error: 'the database is not there' })
          : json(response, 200, runView('published'));
      const messages: string[] = [];
      const options = { onUnreachable: (error: Error) => messages.push(error.message) };
      await expect(client().waitForRun(RUN, options)).resolves.toMatchObject({ state: 'published' });
      expect(messages).toEqual(['the database is not there', 'the database is not there']);
      answer = (_, response) => json(response, 500, { error: 'something went wrong here' });
      await expect(client().waitForRun(RUN, options)).rejects.toMatchObject({ status: 500 });
    });

    it('stops when its signal is aborted', async () => {
      const controller = new AbortController();
      answer = (_, response) => json(response, 200, runView('running'));
      const waiting = client().waitForRun(RUN, {
        signal: controller.signal,
        onUpdate: () => controller.abort(new Error('detached')),
      });
      await expect(waiting).rejects.toThrow('detached');
      expect(seen).toHaveLength(1);
    });
  });
});

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
