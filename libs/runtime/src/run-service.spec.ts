import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Inject, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from '@freshet/domain';
import { commonSchema } from './config';
import { HealthModule, type HealthAnswer } from './health';
import { startService, type RunningService } from './run-service';
import { LOGGER } from './tokens';

const state: { database: HealthAnswer } = { database: { ok: true, detail: 'connected' } };

@Injectable()
class Adapter implements OnApplicationShutdown {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}
  onApplicationShutdown(): void {
    this.logger.info({ token: 'very-secret', nested: { password: 'hidden' } }, 'disconnected');
  }
}

@Module({
  imports: [
    HealthModule.register({
      checks: () => [
        { name: 'loop', kind: 'liveness', check: () => ({ ok: true, detail: 'ticks' }) },
        { name: 'database', kind: 'readiness', check: () => state.database },
      ],
    }),
  ],
  providers: [Adapter],
})
class SomeService {}

describe('startService', () => {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-runtime-'));
  const logFile = join(folder, 'logs', 'service.log');
  let service: RunningService;

  beforeAll(async () => {
    service = await startService({
      name: 'some-service',
      module: SomeService,
      config: commonSchema.parse({
        FRESHET_HTTP_PORT: '0',
        FRESHET_LOG_LEVEL: 'info',
        FRESHET_LOG_FILE: logFile,
        FRESHET_INSTANCE: 'one',
      }),
    });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${service.port}${path}`);

  it('is live while a dependency is down, and not ready', async () => {
    expect((await get('/health/ready')).status).toBe(200);
    state.database = { ok: false, detail: 'connection refused' };
    const ready = await get('/health/ready');
    expect(ready.status).toBe(503);
    expect(JSON.stringify(await ready.json())).toContain('connection refused');
    expect((await get('/health/live')).status).toBe(200);
  });

  it('gives its metrics as Prometheus text', async () => {
    expect(await (await get('/metrics')).text()).toContain('target_info');
  });

  it('stops once, writes to the log file, and prints no secret', async () => {
    await Promise.all([service.stop(), service.stop()]);
    const lines = readFileSync(logFile, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.filter((line) => line.msg === 'disconnected')).toHaveLength(1);
    expect(lines[0]).toMatchObject({ service: 'some-service', instance: 'one', level: 'info' });
    expect(JSON.stringify(lines)).not.toMatch(/very-secret|hidden/);
  });

  it('disconnects what it had created when it cannot listen', async () => {
    const closed = jest.fn();
    @Module({ providers: [{ provide: 'ADAPTER', useValue: { onApplicationShutdown: closed } }] })
    class Refused {}
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const config = commonSchema.parse({ FRESHET_HTTP_PORT: String(port), FRESHET_LOG_LEVEL: 'error' });
      await expect(startService({ name: 'refused', module: Refused, config, host: '127.0.0.1' })).rejects.toThrow(
        'EADDRINUSE',
      );
      expect(closed).toHaveBeenCalledTimes(1);
    } finally {
      server.close();
    }
  });
});
