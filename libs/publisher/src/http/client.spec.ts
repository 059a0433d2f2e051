import type { lookup } from 'node:dns';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { serve, type TestServer } from '../testing/serve';
import { HttpClient, readAll, type HttpClientOptions } from './client';

const timeouts = { connectMs: 2000, stallMs: 150 };
const open: Array<{ close(): unknown }> = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

function client(server: TestServer | null, over: Partial<HttpClientOptions> = {}): HttpClient {
  const http = new HttpClient({ timeouts, allowPrivateHosts: server ? [server.host] : [], ...over });
  open.push(http);
  return http;
}

async function start(handler: Parameters<typeof serve>[0]): Promise<TestServer> {
  const server = await serve(handler);
  open.push(server);
  return server;
}

/** A resolver that answers with these addresses whatever is asked. */
const resolver = (...addresses: string[]): typeof lookup =>
  ((_name: string, _options: object, callback: (error: null, found: object[]) => void) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )) as unknown as typeof lookup;

describe('the http client', () => {
  it('streams a body and asks for it as it is', async () => {
    const server = await start((_, response) => response.end('hello'));
    const response = await client(server).request({ url: `${server.url}/a?b=1` });
    expect((await readAll(response, 10)).toString()).toBe('hello');
    expect(server.requests[0]?.headers).toMatchObject({ 'accept-encoding': 'identity' });
    expect(server.requests[0]?.headers['user-agent']).toMatch(/^Freshet/);
  });

  it('gives secrets to the host it asks, and to no other that it is sent to', async () => {
    const other = await start((_, response) => response.end('there'));
    const server = await start((request, response) => {
      if (request.url === '/away') response.writeHead(302, { location: `${other.url}/x` }).end();
      else if (request.url === '/near') response.writeHead(302, { location: '/here' }).end();
      else response.end('here');
    });
    const http = client(null, { allowPrivateHosts: [server.host, other.host] });
    for (const path of ['/near', '/away']) {
      const secretHeaders = { 'x-key': 'secret' };
      await readAll(
        await http.request({ url: `${server.url}${path}`, headers: { 'x-params': '1' }, secretHeaders }),
        10,
      );
    }
    expect(server.requests.map(({ headers }) => headers['x-key'])).toEqual(['secret', 'secret', 'secret']);
    expect(other.requests.map(({ headers }) => [headers['x-key'], headers['x-params']])).toEqual([[undefined, '1']]);
  });

  it('does not connect to an address that is not public, literal or resolved', async () => {
    const server = await start((_, response) => response.end('secret'));
    const guarded = client(null);
    await expect(guarded.request({ url: server.url })).rejects.toMatchObject({ code: 'address_not_public' });
    await expect(guarded.request({ url: 'http://[::1]:9/' })).rejects.toMatchObject({ code: 'address_not_public' });
    await expect(guarded.request({ url: 'https://169.254.169.254/' })).rejects.toMatchObject({
      code: 'address_not_public',
    });
    await expect(guarded.request({ url: 'http://[::127.0.0.1]:9/' })).rejects.toMatchObject({
      code: 'address_not_public',
    });
    await expect(guarded.request({ url: 'http://0x7f.1/' })).rejects.toMatchObject({ code: 'address_not_public' });
    const rebinding = client(null, { resolve: resolver('8.8.8.8', '10.0.0.1') });
    await expect(rebinding.request({ url: 'http://publisher.example/' })).rejects.toMatchObject({
      code: 'address_not_public',
      attributes: { address: '10.0.0.1' },
    });
    expect(server.requests).toHaveLength(0);
  });

  it('lets a definition allow a host by name', async () => {
    const server = await start((_, response) => response.end('ok'));
    const port = server.host.split(':')[1];
    const allowed = client(null, { allowPrivateHosts: ['simulator.test'], resolve: resolver('127.0.0.1') });
    const response = await allowed.request({ url: `http://simulator.test:${port}/` });
    expect((await readAll(response, 10)).toString()).toBe('ok');
  });

  it('names a redirect to what is no address', async () => {
    const server = await start((_, response) => response.writeHead(302, { location: 'http://[' }).end());
    await expect(client(server).request({ url: server.url })).rejects.toMatchObject({ code: 'http_client_error' });
  });

  it('follows redirects, a few, and checks each hop', async () => {
    const server = await start((request, response) => {
      if (request.url === '/end') return response.end('there');
      const hops: Record<string, string> = {
        '/one': '/end',
        '/loop': '/loop',
        '/in': 'http://10.0.0.1/',
        '/file': 'file:///etc/x',
      };
      response.writeHead(302, { location: hops[request.url ?? ''] }).end();
    });
    const http = client(server);
    const response = await http.request({ url: `${server.url}/one` });
    expect(response).toMatchObject({ url: `${server.url}/end`, redirects: 1 });
    response.close();
    await expect(http.request({ url: `${server.url}/loop` })).rejects.toMatchObject({ code: 'too_many_redirects' });
    await expect(http.request({ url: `${server.url}/in` })).rejects.toMatchObject({ code: 'address_not_public' });
    await expect(http.request({ url: `${server.url}/file` })).rejects.toMatchObject({ code: 'http_client_error' });
  });

  it.each([
    [429, 'rate_limited'],
    [404, 'not_found'],
    [403, 'http_client_error'],
    [503, 'http_server_error'],
  ])('says what status %d means', async (status, code) => {
    const server = await start((_, response) => response.writeHead(status, { 'retry-after': '7' }).end());
    const http = client(server);
    const response = await http.request({ url: server.url });
    expect(() => http.assertOk(response)).toThrow(
      expect.objectContaining({ code, attributes: expect.objectContaining({ retryAfterMs: 7000 }) }),
    );
    response.close();
  });

  it('names a publisher that refuses, is no TLS, is silent before or in the body, or hangs up', async () => {
    const silent = await start((request, response) => {
      if (request.url === '/body') response.writeHead(200, { 'content-length': '10' }).write('abc');
      if (request.url === '/drop') {
        response.writeHead(200, { 'content-length': '10' }).write('abc', () => setImmediate(() => response.destroy()));
      }
    });
    const http = client(silent, { timeouts: { connectMs: 50, stallMs: 100 } });
    await expect(http.request({ url: `${silent.url}/headers` })).rejects.toMatchObject({ code: 'stalled' });
    await expect(readAll(await http.request({ url: `${silent.url}/body` }), 99)).rejects.toMatchObject({
      code: 'stalled',
    });
    await expect(readAll(await http.request({ url: `${silent.url}/drop` }), 99)).rejects.toMatchObject({
      code: 'connection_lost',
    });
    await expect(http.request({ url: silent.url.replace('http:', 'https:') })).rejects.toMatchObject({
      code: 'tls_failed',
    });
    const gone = await serve(() => undefined);
    await gone.close();
    await expect(client(gone).request({ url: gone.url })).rejects.toMatchObject({ code: 'connect_failed' });
  });

  it('bounds the time until a connection stands', async () => {
    const mute = createServer();
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    open.push({ close: () => mute.close() });
    const host = `127.0.0.1:${(mute.address() as AddressInfo).port}`;
    const sockets: Array<{ destroy(): void }> = [];
    mute.on('connection', (socket) => sockets.push(socket));
    const http = client(null, { allowPrivateHosts: [host], timeouts: { connectMs: 60, stallMs: 5000 } });
    await expect(http.request({ url: `https://${host}/` })).rejects.toMatchObject({ code: 'connect_timeout' });
    sockets.forEach((socket) => socket.destroy());
  });

  it('does not call a slow consumer a silent publisher', async () => {
    const server = await start((_, response) => response.end(Buffer.alloc(400_000)));
    const response = await client(server).request({ url: server.url });
    let bytes = 0;
    for await (const piece of response.body) {
      if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 250));
      bytes += piece.length;
    }
    expect(bytes).toBe(400_000);
  });

  it('ends with the reason of its signal, before and in the body', async () => {
    const server = await start((request, response) => {
      if (request.url === '/body') response.writeHead(200).write('abc');
    });
    const http = client(server, { timeouts: { connectMs: 2000, stallMs: 5000 } });
    for (const path of ['/headers', '/body']) {
      const abort = new AbortController();
      const reason = new Error('given up');
      setTimeout(() => abort.abort(reason), 30);
      const reading = http
        .request({ url: server.url + path, signal: abort.signal })
        .then((response) => readAll(response, 99));
      await expect(reading).rejects.toBe(reason);
    }
  });

  it('limits what it reads whole', async () => {
    const server = await start((_, response) => response.end('x'.repeat(100)));
    await expect(
      client(server)
        .request({ url: server.url })
        .then((response) => readAll(response, 99)),
    ).rejects.toMatchObject({
      code: 'payload_too_large',
    });
  });
});
