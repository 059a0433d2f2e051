import type { IncomingMessage, ServerResponse } from 'node:http';
import { FreshetError } from '@freshet/domain';
import { serve, type TestServer } from '../testing/serve';
import { HttpClient } from './client';
import { download, type DownloadRequest } from './download';

const content = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));
const HEADERS = { etag: '"v1"', 'content-length': String(content.length) };

const open: Array<{ close(): unknown }> = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

type Answer = (response: ServerResponse, from: number, request: IncomingMessage) => void;

/** Answers request after request with the next of `answers`, the last one again and again. */
async function publisher(...answers: Answer[]): Promise<{ server: TestServer; http: HttpClient }> {
  let turn = 0;
  const server = await serve((request, response) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const answer = answers[Math.min(turn, answers.length - 1)] as Answer;
    turn += 1;
    answer(response, from, request);
  });
  const http = new HttpClient({ timeouts: { connectMs: 2000, stallMs: 150 }, allowPrivateHosts: [server.host] });
  open.push(server, http);
  return { server, http };
}

const whole: Answer = (response) => response.writeHead(200, HEADERS).end(content);
const drops =
  (bytes: number, headers: Record<string, string> = HEADERS): Answer =>
  (response, from) => {
    const head = from === 0 ? headers : { ...headers, ...range(from), 'content-length': String(content.length - from) };
    response.writeHead(from === 0 ? 200 : 206, head);
    response.write(content.subarray(from, from + bytes), () => setImmediate(() => response.destroy()));
  };
const rest =
  (over: Record<string, string> = {}, status = 206): Answer =>
  (response, from) =>
    response
      .writeHead(status, { etag: '"v1"', ...range(from), 'content-length': String(content.length - from), ...over })
      .end(content.subarray(from));
const range = (from: number): Record<string, string> => ({
  'content-range': `bytes ${from}-${content.length - 1}/${content.length}`,
});

async function read(http: HttpClient, request: DownloadRequest): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of (await download(http, { resumeDelayMs: 1, ...request })).body) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function failureOf(http: HttpClient, request: DownloadRequest): Promise<FreshetError> {
  return read(http, request).then(
    () => Promise.reject(new Error('it went through')),
    (error: unknown) => (error instanceof FreshetError ? error : Promise.reject(error as Error)),
  );
}

describe('a download', () => {
  it('goes on where lost connections stopped, with the same bytes', async () => {
    const { server, http } = await publisher(drops(70_000), drops(50_000), rest());
    const resumed: number[] = [];
    const found = await read(http, { url: server.url, onResume: ({ receivedBytes }) => resumed.push(receivedBytes) });
    expect(found.equals(content)).toBe(true);
    expect(resumed).toEqual([70_000, 120_000]);
    expect(server.requests[1]?.headers).toMatchObject({ range: 'bytes=70000-', 'if-range': '"v1"' });
  });

  it('goes on after a stall and after a server error in between', async () => {
    const stalls: Answer = (response) => response.writeHead(200, HEADERS).write(content.subarray(0, 1000));
    const { server, http } = await publisher(stalls, (response) => response.writeHead(503).end(), rest());
    expect((await read(http, { url: server.url })).equals(content)).toBe(true);
  });

  it('uses an old Last-Modified where there is no ETag, and no validator that is weak', async () => {
    const old = 'Fri, 20 Nov 2020 09:00:00 GMT';
    const dated = { 'content-length': HEADERS['content-length'], 'last-modified': old };
    const good = await publisher(drops(1000, dated), rest({ 'last-modified': old }));
    expect((await read(good.http, { url: good.server.url })).equals(content)).toBe(true);
    expect(good.server.requests[1]?.headers['if-range']).toBe(old);
    const weak = await publisher(drops(1000, { ...HEADERS, etag: 'W/"v1"' }), rest());
    expect((await failureOf(weak.http, { url: weak.server.url })).code).toBe('connection_lost');
    expect(weak.server.requests).toHaveLength(1);
  });

  it.each<[string, Answer, string]>([
    [
      'answers with all of it, changed',
      (response) => response.writeHead(200, { etag: '"v2"' }).end(content),
      'upstream_changed',
    ],
    ['answers with all of it, because it does not do ranges', whole, 'connection_lost'],
    [
      'starts the rest elsewhere',
      rest({ 'content-range': `bytes 0-${content.length - 1}/${content.length}` }),
      'upstream_changed',
    ],
    ['has another total', rest({ 'content-range': 'bytes 1000-1999/2000' }), 'upstream_changed'],
    ['has another validator', rest({ etag: '"v2"' }), 'upstream_changed'],
    ['is shorter now', (response) => response.writeHead(416).end(), 'upstream_changed'],
    [
      'announced more than there is',
      (response) => response.writeHead(416, { 'content-range': 'bytes */1000' }).end(),
      'connection_lost',
    ],
    ['is gone', (response) => response.writeHead(404).end(), 'not_found'],
    ['sends no Content-Range', (response) => response.writeHead(206, { etag: '"v1"' }).end(), 'connection_lost'],
  ])('starts over when the publisher %s', async (_, answer, code) => {
    const { server, http } = await publisher(drops(1000), answer);
    expect((await failureOf(http, { url: server.url })).code).toBe(code);
  });

  it('gives up after a bounded number of connections, sooner when they bring nothing', async () => {
    const lossy = await publisher(drops(100));
    expect((await failureOf(lossy.http, { url: lossy.server.url, maxResumes: 3 })).code).toBe('connection_lost');
    expect(lossy.server.requests).toHaveLength(4);
    const dead = await publisher(drops(100), (response) => response.destroy());
    expect((await failureOf(dead.http, { url: dead.server.url })).code).toBe('connection_lost');
    expect(dead.server.requests).toHaveLength(3);
  });

  it('finds a body that is shorter than announced even where the connection ends well', async () => {
    const { server, http } = await publisher((response) =>
      response.writeHead(200, { 'content-length': '5' }).end('abcde'),
    );
    expect((await read(http, { url: server.url })).toString()).toBe('abcde');
    const short = await publisher(drops(1000, { 'content-length': HEADERS['content-length'] }));
    expect((await failureOf(short.http, { url: short.server.url })).code).toBe('connection_lost');
  });

  it('asks conditionally and reports what was not modified', async () => {
    const { server, http } = await publisher((response, _, request) =>
      request.headers['if-none-match'] === '"v1"' ? response.writeHead(304).end() : whole(response, 0, request),
    );
    const validators = { etag: '"v1"', lastModified: 'Fri, 20 Nov 2020 09:00:00 GMT' };
    const same = await download(http, { url: server.url, validators });
    expect(same).toMatchObject({ outcome: 'not_modified', validators });
    const other = await download(http, { url: server.url, validators: { etag: '"v0"' } });
    expect(other).toMatchObject({ outcome: 'body', validators: { etag: '"v1"' }, totalBytes: content.length });
    other.close();
  });

  it('refuses a 304 nobody asked for, and a coding nobody asked for', async () => {
    const odd = await publisher((response) => response.writeHead(304).end());
    expect((await failureOf(odd.http, { url: odd.server.url })).code).toBe('http_client_error');
    const coded = await publisher((response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'));
    expect((await failureOf(coded.http, { url: coded.server.url })).code).toBe('http_client_error');
  });
});
