import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../environment';
import { FakeCoordinator, published, runId, runView } from '../testing/fake-coordinator';
import { FakeKubectl } from '../testing/fake-kubectl';
import { fakeWorld } from '../testing/fake-world';
import { runPlugin } from './plugin';

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
};

const deployment = (ready = 2, name = 'freshet-coordinator', namespace = 'data') => ({
  metadata: { name, namespace },
  spec: {
    replicas: 2,
    template: {
      spec: {
        volumes: [
          { name: 'tmp' },
          { name: 'ca', secret: { secretName: 'kafka-ca' } },
          { name: 'secrets', projected: { sources: [{ secret: { name: 'freshet-secrets' } }] } },
        ],
      },
    },
  },
  status: ready > 0 ? { replicas: 2, readyReplicas: ready } : { replicas: 2 },
});
const secret = (token: string) => ({ data: { 'cli-token': Buffer.from(`${token}\n`).toString('base64') } });
const FOUND = 'deployment freshet-coordinator';
const forbidden = (what: string): string =>
  `Error from server (Forbidden): ${what} is forbidden: User "joe" cannot get resource "${what}" in API group "" in the namespace "data"`;

describe('kubectl freshet', () => {
  let coordinator: FakeCoordinator;
  let kubectl: FakeKubectl;
  let folder: string;

  beforeEach(async () => {
    coordinator = await new FakeCoordinator().start();
    folder = mkdtempSync(join(tmpdir(), 'freshet-kubectl-'));
    kubectl = new FakeKubectl(folder).set({
      target: Number(new URL(coordinator.url).port),
      objects: { [FOUND]: deployment(), 'secret freshet-secrets': secret(coordinator.token) },
    });
  });
  afterEach(async () => {
    await coordinator.stop();
    await until(() => !kubectl.forwards.some(alive));
    rmSync(folder, { recursive: true });
  });

  const run = async (line: string, environment: Environment = {}) => {
    const world = fakeWorld(environment, { cwd: folder });
    const code = await runPlugin(line.split(' '), world, kubectl.program);
    return { code, out: world.out(), err: world.err() };
  };

  it('finds the coordinator and the token of the release, runs the command, and leaves no kubectl behind', async () => {
    const { code, out, err } = await run('--context prod datasets -n data --json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toHaveLength(3);
    expect(kubectl.calls.map((call) => call.slice(0, 3))).toEqual([
      ['get', 'deployment', 'freshet-coordinator'],
      ['get', 'secret', 'kafka-ca'],
      ['get', 'secret', 'freshet-secrets'],
      ['port-forward', 'service/freshet-coordinator', ':8080'],
    ]);
    for (const call of kubectl.calls) expect(call.slice(-4)).toEqual(['--context', 'prod', '--namespace', 'data']);
    await until(() => !kubectl.forwards.some(alive));
    expect(kubectl.forwards).toHaveLength(1);
  });

  it.each([['FRESHET_TOKEN'], ['--token']])('reads no Secret when %s gives the token', async (how) => {
    const { code } =
      how === '--token'
        ? await run(`datasets --token ${coordinator.token}`)
        : await run('datasets', { FRESHET_TOKEN: coordinator.token });
    expect(code).toBe(0);
    expect(kubectl.calls.some((call) => call[1] === 'secret')).toBe(false);
  });

  it('passes the exit code of the command on', async () => {
    coordinator.on('POST refreshes', () => ({ status: 409, body: { error: 'in the way' } }));
    expect((await run('refresh bsee.well')).code).toBe(1);
    expect((await run('refresh bsee.wel')).code).toBe(2);
  });

  it('reconnects on the same port while a run is followed', async () => {
    coordinator.on('POST refreshes', () => ({ status: 202, body: { runs: [runView()] } }));
    let killed = false;
    coordinator.on(`GET runs/${runId(1)}`, () => {
      if (!killed) process.kill(kubectl.forwards.at(-1) ?? 0, 'SIGKILL');
      killed = true;
      return { body: kubectl.forwards.length > 1 ? published() : runView({ state: 'running' }) };
    });
    const world = {
      ...fakeWorld({}, { cwd: folder }),
      sleep: (ms: number) => new Promise<void>((done) => setTimeout(done, ms / 20)),
    };
    const code = await runPlugin(['refresh', 'bsee.well', '--wait'], world, kubectl.program);
    expect(code).toBe(0);
    expect(world.err()).toContain('the connection to the coordinator was lost; reconnecting');
    expect(world.err()).toContain('reconnected to the coordinator');
    const ports = kubectl.calls.filter(([what]) => what === 'port-forward').map((call) => call[2]);
    expect(ports[1]).toMatch(/^\d+:8080$/);
    expect(kubectl.forwards).toHaveLength(2);
  });

  it('refuses files of this machine, which the coordinator cannot read', async () => {
    writeFileSync(join(folder, 'a.zip'), 'PK');
    expect(await run('refresh bsee.well --file a.zip')).toMatchObject({
      code: 2,
      err: expect.stringContaining(
        '--file names a file of this machine, and the coordinator of the release "freshet" in the namespace "data" is on another',
      ),
    });
    expect(await run(`diff bsee.well --against ${folder}`)).toMatchObject({
      code: 2,
      err: expect.stringContaining('are not on this machine'),
    });
  });

  it('shows its flags with the help, without a cluster', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    expect(out).toContain('Usage: kubectl freshet [options] [command]');
    expect(out).toContain('--release <name>');
    expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(kubectl.calls).toEqual([]);
  });

  describe('when something is missing', () => {
    it('names kubectl', async () => {
      const world = fakeWorld({});
      expect(await runPlugin(['status'], world, join(folder, 'absent'))).toBe(2);
      expect(world.err()).toBe('kubectl freshet: kubectl was not found\nInstall kubectl, or add its folder to PATH.\n');
    });

    it('suggests a context', async () => {
      kubectl.set({
        objects: {},
        errors: { [FOUND]: 'Error in configuration: context was not found for specified context: prd' },
        contexts: ['prod', 'kind-test'],
      });
      expect(await run('status --context prd')).toMatchObject({
        code: 2,
        err: 'kubectl freshet: there is no context "prd" in the kubeconfig\nDid you mean prod?\n',
      });
    });

    it('suggests a namespace', async () => {
      kubectl.set({
        objects: { namespaces: { items: ['data', 'default'].map((name) => ({ metadata: { name } })) } },
        errors: { [FOUND]: 'Error from server (NotFound): namespaces "dat" not found' },
      });
      expect(await run('status -n dat')).toMatchObject({
        code: 2,
        err: 'kubectl freshet: there is no namespace "dat"\nDid you mean data?\n',
      });
    });

    it('suggests a release here, then elsewhere', async () => {
      kubectl.set({ objects: { deployments: { items: [deployment(2, 'fresh-coordinator')] } } });
      expect((await run('status -n data')).err).toBe(
        'kubectl freshet: there is no release "freshet" in the namespace "data"\nDid you mean fresh?\n',
      );
      kubectl.set({
        objects: { 'deployments --all-namespaces -l app.kubernetes.io/name=freshet': { items: [deployment()] } },
      });
      expect((await run('status')).err).toBe(
        'kubectl freshet: there is no release "freshet" in the namespace of the context\nElsewhere: --release freshet -n data\n',
      );
    });

    it('says that no coordinator is ready', async () => {
      kubectl.set({ objects: { [FOUND]: deployment(0) } });
      expect(await run('status')).toMatchObject({
        code: 3,
        err: expect.stringContaining(
          'no coordinator of the release "freshet" in the namespace "data" is ready (0 of 2)',
        ),
      });
    });

    it('says what the user may not do', async () => {
      kubectl.set({ objects: {}, errors: { [FOUND]: forbidden('deployments.apps') } });
      expect(await run('status --json')).toMatchObject({
        code: 2,
        out: expect.stringContaining('"nextStep": "kubectl freshet needs: get deployments'),
      });
      kubectl.set({ objects: { [FOUND]: deployment() }, errors: { 'secret freshet-secrets': forbidden('secrets') } });
      expect(await run('status')).toMatchObject({
        code: 2,
        err: 'kubectl freshet: you may not read the Secret "freshet-secrets" in the namespace "data"\nSet FRESHET_TOKEN or FRESHET_TOKEN_FILE to a token of your own.\n',
      });
    });

    it('says where it looked for a token', async () => {
      kubectl.set({ objects: { [FOUND]: deployment() } });
      expect((await run('status')).err).toContain(
        'no Secret of the coordinator has the key cli-token (looked in kafka-ca, freshet-secrets)',
      );
    });

    it('says that the API server cannot be reached', async () => {
      kubectl.set({
        objects: {},
        errors: {
          [FOUND]: 'The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?',
        },
      });
      expect(await run('status')).toMatchObject({
        code: 3,
        err: expect.stringContaining('API server cannot be reached'),
      });
    });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends kubectl on %s, when a process runs it', async (signal) => {
    coordinator.on('POST refreshes', () => ({ status: 202, body: { runs: [runView()] } }));
    coordinator.runIs(runId(1), [runView({ state: 'running' })]);
    const bin = join(__dirname, '..', '..', 'bin', 'kubectl-freshet.js');
    const child = spawn(process.execPath, [bin, 'refresh', 'bsee.well', '--wait'], {
      cwd: folder,
      env: { PATH: `${folder}:/usr/bin:/bin` },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.on('data', (data: Buffer) => {
      if (data.toString().includes('bsee.well: waiting')) child.kill(signal);
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
    await until(() => !kubectl.forwards.some(alive));
    expect(kubectl.forwards).toHaveLength(1);
  });
});
