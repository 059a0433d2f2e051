import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A Python with one version of pandas. */
export interface PythonEnv {
  readonly pandas: string;
  /** Runs a script and returns what it printed. */
  run(script: string, ...args: string[]): Promise<string>;
}

const [python, version] = findPython();
/** The Python of this machine, for scripts that need nothing but its own modules; null when there is none. */
export const PYTHON: string | null = version.startsWith('Python 3') ? python : null;
const minor = Number(/^Python 3\.(\d+)/.exec(version)?.[1] ?? 0);

/** The oldest pandas that counts as current, with the oldest numpy that can be had, and the newest of both. */
export const ENVIRONMENTS: ReadonlyArray<{ readonly pandas: string; readonly numpy: string; readonly from: number }> = [
  { pandas: '2.3.3', numpy: minor <= 12 ? '1.26.4' : '2.4.6', from: 9 },
  { pandas: '3.0.6', numpy: '2.4.6', from: 11 },
];

const SKIPPED = 'no Python 3.11 with venv and pip for tests: the files are not compared with what pandas reads';

/**
 * A `describe` with Pythons of all `ENVIRONMENTS`. Where none can be had the tests pass without looking at anything, which is
 * said loudly; with `CI=true` that is a failure.
 */
export function describeWithPandas(name: string, tests: (environments: () => readonly PythonEnv[]) => void): void {
  describe(name, () => {
    let environments: readonly PythonEnv[] = [];
    beforeAll(async () => {
      try {
        if (ENVIRONMENTS.some(({ from }) => minor < from)) throw new Error(version || 'python3 is not there');
        environments = await Promise.all(ENVIRONMENTS.map(preparePython));
      } catch (error) {
        if (process.env['CI'] === 'true') throw new Error(SKIPPED, { cause: error });
        process.stderr.write(
          `\n*** SKIPPED: ${name}: ${SKIPPED} (${error instanceof Error ? error.message : error})\n\n`,
        );
      }
    }, 10 * 60_000);
    tests(() => environments);
  });
}

function findPython(): [string, string] {
  for (const command of ['python3', 'python']) {
    const { status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8', timeout: 20_000 });
    if (status === 0) return [command, stdout.trim()];
  }
  return ['python3', ''];
}

/** A virtual environment below the user's cache folder. It is renamed into place when it is complete, so several may try at once. */
async function preparePython({ pandas, numpy }: { pandas: string; numpy: string }): Promise<PythonEnv> {
  const wanted = [`pandas==${pandas}`, `numpy==${numpy}`];
  const hash = createHash('sha256')
    .update(JSON.stringify([version, process.platform, process.arch, wanted]))
    .digest('hex')
    .slice(0, 12);
  const cache = join(homedir(), '.cache', 'freshet');
  const folder = join(cache, `python-${hash}`);
  if (!existsSync(folder)) await install(cache, folder, wanted);
  const executable = executableIn(folder);
  return {
    pandas,
    run: async (script, ...args) =>
      (
        await run(executable, [script, ...args], {
          maxBuffer: 64 << 20,
          env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
        })
      ).stdout,
  };
}

const executableIn = (folder: string): string =>
  process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');

async function install(cache: string, folder: string, wanted: readonly string[]): Promise<void> {
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'python-new-'));
  try {
    await run(python, ['-m', 'venv', work]);
    await run(executableIn(work), [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--only-binary',
      ':all:',
      ...wanted,
    ]);
    await rename(work, folder);
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}
