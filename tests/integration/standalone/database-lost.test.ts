import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from 'pg';

const MAIN = join(resolve(__dirname, '..', '..', '..'), 'services', 'standalone', 'dist', 'main.js');

describe('a standalone whose PostgreSQL ends by itself', () => {
  jest.setTimeout(180_000);
  const home = mkdtempSync(join(tmpdir(), 'freshet-lost-'));
  chmodSync(home, 0o755);
  let child: ChildProcess;
  let output = '';

  beforeAll(async () => {
    child = spawn(process.execPath, [MAIN], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, FRESHET_HOME: home, FRESHET_HTTP_PORT: '0', FRESHET_SCHEDULES: 'false' },
    });
    const keep = (data: Buffer): void => void (output += data.toString());
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    await eventually('standalone is up', async () => output.includes('Freshet is at'), 60_000);
  });
  afterAll(async () => {
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });

  const connection = () =>
    JSON.parse(readFileSync(join(home, 'standalone.json'), 'utf8')) as { url: string; databaseUrl: string };
  const ready = async (): Promise<boolean> => (await fetch(`${connection().url}/health/ready`)).status === 200;

  async function dataFolder(): Promise<string> {
    const client = new Client({ connectionString: connection().databaseUrl });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ folder: string }>(`SELECT current_setting('data_directory') AS folder`);
    await client.end();
    return rows[0]?.folder ?? '';
  }

  const killPostmaster = (folder: string): void => {
    const pid = Number(readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')[0]);
    process.kill(pid, 'SIGKILL');
  };

  it('starts it again, is ready again, and says so', async () => {
    await eventually('it is ready', ready);
    const folder = await dataFolder();
    killPostmaster(folder);
    await eventually('it is not ready', async () => !(await ready()));
    await eventually('it is ready again', ready, 30_000);
    expect(await dataFolder()).toBe(folder);
    expect(output).toMatch(/PostgreSQL ended by itself and is started again/);
    expect(output).toMatch(/PostgreSQL is up again/);
    expect(child.exitCode).toBeNull();
  });

  it('ends with 1 and says where to look when it cannot be started again', async () => {
    const folder = await dataFolder();
    const exited = once(child, 'exit');
    writeFileSync(join(folder, 'global', 'pg_control'), 'destroyed by the test');
    killPostmaster(folder);
    expect(await exited).toEqual([1, null]);
    expect(output).toMatch(/PostgreSQL ended by itself again after \d+ restarts, so Freshet stops\.\n.*postgres\.log/);
  });
});

async function eventually(what: string, holds: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((done) => setTimeout(done, 25));
  }
}
