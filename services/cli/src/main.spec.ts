import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeCoordinator, published, runId, runView } from './testing/fake-coordinator';

const BIN = join(__dirname, '..', 'bin', 'freshet.js');

/** The built command as a shell starts it, with nothing of this process's environment but the path. */
describe('the freshet program', () => {
  let coordinator: FakeCoordinator;
  let folder: string;

  beforeAll(() => {
    if (!existsSync(join(__dirname, '..', 'dist', 'main.js'))) throw new Error('build first: npx tsc -b services/cli');
  });
  beforeEach(async () => {
    coordinator = await new FakeCoordinator().start();
    folder = mkdtempSync(join(tmpdir(), 'freshet-bin-'));
  });
  afterEach(async () => {
    await coordinator.stop();
    rmSync(folder, { recursive: true });
  });

  function start(
    argv: readonly string[],
    environment: Record<string, string>,
    onStderr: (text: string, kill: (signal?: NodeJS.Signals) => void) => void = () => undefined,
  ) {
    const child = spawn(process.execPath, [BIN, ...argv], {
      cwd: folder,
      env: { PATH: '/usr/bin:/bin', ...environment },
    });
    const output = { out: '', err: '' };
    child.stdout.on('data', (data: Buffer) => (output.out += data.toString()));
    child.stderr.on('data', (data: Buffer) => {
      output.err += data.toString();
      onStderr(output.err, (signal = 'SIGINT') => child.kill(signal));
    });
    return new Promise<typeof output & { code: number | null }>((resolve) =>
      child.on('close', (code) => resolve({ code, ...output })),
    );
  }
  const known = (): Record<string, string> => ({ FRESHET_URL: coordinator.url, FRESHET_TOKEN: coordinator.token });

  it('refreshes, waits, and exits with 0', async () => {
    coordinator
      .on('POST refreshes', () => ({ status: 202, body: { runs: [runView()] } }))
      .runIs(runId(1), [published()]);
    const { code, out } = await start(['refresh', 'bsee.well', '--wait'], known());
    expect(code).toBe(0);
    expect(out).toContain('bsee.well  published  867,000        2  14.6 MB     12.5           4');
  });

  it('knows its version without a coordinator', async () => {
    expect(await start(['--version'], {})).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it('takes the token from a file', async () => {
    writeFileSync(join(folder, 'token'), `${coordinator.token}\n`);
    const { code, out } = await start(['datasets', '--json'], {
      FRESHET_URL: coordinator.url,
      FRESHET_TOKEN_FILE: join(folder, 'token'),
    });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toHaveLength(3);
  });

  it('detaches on SIGINT with 130', async () => {
    coordinator
      .on('POST refreshes', () => ({ status: 202, body: { runs: [runView()] } }))
      .runIs(runId(1), [runView({ state: 'running' })]);
    const { code, err } = await start(['refresh', 'bsee.well', '--wait'], known(), (text, kill) => {
      if (text.includes('bsee.well: waiting') && !text.includes('Stopped')) kill();
    });
    expect(code).toBe(130);
    expect(err).toContain(`look again: freshet runs ${runId(1)}`);
  });

  it('ends on SIGTERM with 143, and leaves a termination message', async () => {
    coordinator
      .on('POST refreshes', () => ({ status: 202, body: { runs: [runView()] } }))
      .runIs(runId(1), [runView({ state: 'running' })]);
    const log = join(folder, 'log');
    const { code } = await start(
      ['refresh', 'bsee.well', '--wait'],
      { ...known(), FRESHET_TERMINATION_LOG: log },
      (text, kill) => {
        if (text.includes('bsee.well: waiting') && !text.includes('Stopped')) kill('SIGTERM');
      },
    );
    expect(code).toBe(143);
    expect(readFileSync(log, 'utf8')).toContain(`stopped following run ${runId(1)} (SIGTERM); the run goes on`);
  });

  it('leaves a termination message for a wrong configuration', async () => {
    const log = join(folder, 'log');
    const { code } = await start(['status'], { FRESHET_URL: 'coordinator:4700', FRESHET_TERMINATION_LOG: log });
    expect(code).toBe(2);
    expect(readFileSync(log, 'utf8')).toContain('FRESHET_URL: not an http or https address');
  });

  it('exits with 2 on a wrong configuration, naming every mistake', async () => {
    const { code, err } = await start(['status'], {
      FRESHET_URL: 'coordinator:4700',
      FRESHET_TOKEN: 'a',
      FRESHET_TOKEN_FILE: '/nowhere',
    });
    expect(code).toBe(2);
    expect(err).toContain('FRESHET_URL: not an http or https address');
    expect(err).toContain('FRESHET_TOKEN and FRESHET_TOKEN_FILE are both set: keep one');
  });

  it('exits with 3 when nobody answers', async () => {
    expect(await start(['status'], {})).toMatchObject({
      code: 3,
      err: expect.stringContaining('no coordinator is known'),
    });
  });
});
