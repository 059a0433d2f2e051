import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePorts } from './free-port';
import { SupervisedProcess } from './supervised-process';

const folder = mkdtempSync(join(tmpdir(), 'freshet-supervisor-spec-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SERVER = `
  require('http').createServer((q, r) => r.writeHead(q.url === '/health/ready' ? 200 : 404).end()).listen(+process.env.PORT, '127.0.0.1');
  console.log('life', process.pid);
  process.on('SIGTERM', () => process.env.STUBBORN || process.exit(0));`;

async function started(name: string, env: Record<string, string> = {}): Promise<SupervisedProcess> {
  const [port] = (await freePorts(1)) as [number];
  const supervised = new SupervisedProcess({
    name,
    command: process.execPath,
    args: ['-e', SERVER],
    env: { PORT: String(port), ...env },
    httpPort: port,
    logFile: join(folder, `${name}.log`),
  });
  supervised.start();
  await supervised.ready();
  return supervised;
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !condition(); i++) await pause(25);
  expect(condition()).toBe(true);
}

it('starts a killed process again, keeps one log over its lives, and says that the end was wanted', async () => {
  const supervised = await started('killed');
  const first = supervised.pid;
  expect(supervised.kill()).toBe(true);
  await until(() => supervised.pid !== first);
  await supervised.ready();
  expect(supervised.exits).toEqual([expect.objectContaining({ signal: 'SIGKILL', wanted: true })]);
  expect(await supervised.stop()).toBe(true);
  expect(readFileSync(supervised.spec.logFile, 'utf8').match(/^life \d+$/gm)).toHaveLength(2);
});

it('knows a process that died by itself', async () => {
  const supervised = await started('dying');
  process.kill(supervised.pid as number, 'SIGABRT');
  await until(() => supervised.exits.length === 1);
  expect(supervised.exits[0]).toMatchObject({ signal: 'SIGABRT', wanted: false });
  await supervised.stop();
});

it('kills a process that does not stop, and says so', async () => {
  const supervised = await started('stubborn', { STUBBORN: '1' });
  expect(await supervised.stop(200)).toBe(false);
});

(process.platform === 'linux' ? it : it.skip)('remembers the highest resident memory', async () => {
  const supervised = await started('memory');
  expect(supervised.peakRssBytes).toBeGreaterThan(10 * 1024 * 1024);
  await supervised.stop();
});
