import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, trace } from '@opentelemetry/api';
import type { Logger } from '@freshet/domain';
import { inRun, inSpan } from './spans';
import { startTelemetry, type Telemetry } from './telemetry';

const RUN = '7bca1f12-7d1f-4d5e-8b3a-0123456789ab';
const TRACE = RUN.replaceAll('-', '');

describe('telemetry', () => {
  let telemetry: Telemetry | undefined;
  afterEach(async () => {
    await telemetry?.stop();
    telemetry = undefined;
  });
  const start = async (otlpEndpoint?: string, logger?: Logger): Promise<void> => {
    telemetry = await startTelemetry({ service: 'test', instance: 'one', otlpEndpoint, logger });
  };

  it('carries the trace of a run without an endpoint, and makes no spans', async () => {
    await start();
    const { span, active } = await inRun({ runId: RUN }, () =>
      inSpan('parse', { chunk: 3 }, (span) => ({ span, active: trace.getSpanContext(context.active()) })),
    );
    expect(span.isRecording()).toBe(false);
    expect(active?.traceId).toBe(TRACE);
  });

  it('sends protobuf to the paths of the signals below the endpoint, and what is left when it stops', async () => {
    const requests: Array<{ url?: string; type?: string }> = [];
    const server = await serve((url, type) => void requests.push({ url, type }));
    try {
      await start(`http://127.0.0.1:${(server.address() as AddressInfo).port}/otlp/`);
      await inSpan('parse', {}, (span) => expect(span.isRecording()).toBe(true));
      expect(requests).toEqual([]);
      await telemetry?.stop();
      expect(requests).toEqual(
        expect.arrayContaining([
          { url: '/otlp/v1/traces', type: 'application/x-protobuf' },
          { url: '/otlp/v1/metrics', type: 'application/x-protobuf' },
        ]),
      );
    } finally {
      server.close();
    }
  });

  it('passes results and errors of the work on while the receiver refuses, and says so once', async () => {
    const server = await serve((_url, _type, response) => void response.writeHead(400));
    const warnings: object[] = [];
    const silent = { debug: () => {}, info: () => {}, error: () => {} };
    const logger: Logger = { ...silent, warn: (fields) => void warnings.push(fields), child: () => logger };
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await start(`${endpoint}/?key=secret`, logger);
    expect(await inSpan('parse', {}, () => 'value')).toBe('value');
    await expect(inSpan('parse', {}, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await telemetry?.stop();
    server.close();
    expect(warnings).toEqual([{ endpoint, reason: expect.any(String), failures: 1 }]);
    expect(JSON.stringify(warnings)).not.toContain('secret');
  });

  it('stops within its bound although the receiver never answers', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      await start(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      await inSpan('parse', {}, () => undefined);
      const startedAt = performance.now();
      await telemetry?.stop();
      expect(performance.now() - startedAt).toBeLessThan(4_500);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }, 20_000);
});

async function serve(
  seen: (url: string | undefined, type: string | undefined, response: ServerResponse) => void,
): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      seen(request.url, request.headers['content-type'], response);
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
