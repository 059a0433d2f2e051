import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

const MAIN = join(resolve(__dirname, '..', '..'), 'services', 'coordinator', 'dist', 'main.js');
/** Nothing listens there, so that the service waits for its database. */
const NOWHERE = '127.0.0.1:9';

describe('a service that is still starting', () => {
  it('ends on SIGTERM at once and in order, as process 1 of a container would not by default', async () => {
    const child = spawn(process.execPath, [MAIN], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env['PATH'] ?? '',
        FRESHET_DATABASE_URL: `postgres://freshet:secret@${NOWHERE}/freshet`,
        FRESHET_KAFKA_BROKERS: NOWHERE,
        FRESHET_API_TOKENS: 'test:operator:0123456789abcdef',
        FRESHET_WORKER_TOKEN: '0123456789abcdef',
        FRESHET_HTTP_PORT: '0',
        FRESHET_GRPC_PORT: '0',
      },
    });
    try {
      const exited = once(child, 'exit');
      for await (const line of child.stdout) if (String(line).includes('waiting for the database')) break;
      child.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  }, 30_000);
});
