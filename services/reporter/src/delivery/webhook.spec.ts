import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudEvent } from 'cloudevents';
import { WebhookNotifier } from './webhook';

const event = new CloudEvent({
  id: 'b1a1a1a1-0000-8000-8000-000000000001',
  source: 'urn:freshet',
  type: 'freshet.dataset.failed.v1',
  subject: 'bsee.well',
  time: '2026-11-20T12:00:00.000Z',
  datacontenttype: 'application/json',
  data: { dataset: 'bsee.well', message: 'it failed' },
}).toJSON();

describe('WebhookNotifier', () => {
  let server: Server;
  let url: string;
  let received: Array<{ headers: IncomingHttpHeaders; body: unknown }>;
  let answer: (response: ServerResponse) => void;
  const signal = new AbortController().signal;

  beforeEach(async () => {
    received = [];
    answer = (response) => void response.writeHead(204).end();
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) as unknown });
        answer(response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/very-secret`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('posts a CloudEvent 1.0 in structured mode with its token', async () => {
    expect(await new WebhookNotifier({ url, token: 'bearer-secret' }).send(event, signal)).toEqual({ state: 'sent' });
    expect(received).toHaveLength(1);
    expect(received[0]?.headers['content-type']).toMatch(/^application\/cloudevents\+json/);
    expect(received[0]?.headers.authorization).toBe('Bearer bearer-secret');
    expect(received[0]?.body).toEqual({
      specversion: '1.0',
      id: 'b1a1a1a1-0000-8000-8000-000000000001',
      source: 'urn:freshet',
      type: 'freshet.dataset.failed.v1',
      subject: 'bsee.well',
      time: '2026-11-20T12:00:00.000Z',
      datacontenttype: 'application/json',
      data: { dataset: 'bsee.well', message: 'it failed' },
    });
  });

  it.each([
    [500, {}, { state: 'retry', reason: 'HTTP 500', retryAfterMs: 0 }],
    [429, { 'retry-after': '30' }, { state: 'retry', reason: 'HTTP 429', retryAfterMs: 30_000 }],
    [503, { 'retry-after': '999999' }, { state: 'retry', reason: 'HTTP 503', retryAfterMs: 3_600_000 }],
    [410, {}, { state: 'refused', reason: 'HTTP 410' }],
    [401, {}, { state: 'refused', reason: 'HTTP 401' }],
  ] as const)('takes HTTP %d for %j', async (status, headers, expected) => {
    answer = (response) => void response.writeHead(status, headers).end('very long body');
    expect(await new WebhookNotifier({ url }).send(event, signal)).toEqual(expected);
  });

  it('follows no redirect', async () => {
    answer = (response) => void response.writeHead(307, { location: `${url}/elsewhere` }).end();
    expect(await new WebhookNotifier({ url, token: 't' }).send(event, signal)).toMatchObject({
      state: 'refused',
      reason: expect.stringContaining('redirects are not followed'),
    });
    expect(received).toHaveLength(1);
  });

  it('names neither the address nor the token when it cannot connect or gets no answer', async () => {
    answer = () => undefined;
    const slow = await new WebhookNotifier({ url, timeoutMs: 30 }).send(event, signal);
    expect(slow).toEqual({ state: 'retry', reason: 'no answer in time', retryAfterMs: 0 });
    const dead = await new WebhookNotifier({ url: 'http://127.0.0.1:1/hook/very-secret', token: 'bearer-secret' }).send(
      event,
      signal,
    );
    expect(dead.state).toBe('retry');
    expect(JSON.stringify(dead)).not.toMatch(/secret/);
    expect(new WebhookNotifier({ url }).destination).toBe(new URL(url).host);
  });
});
