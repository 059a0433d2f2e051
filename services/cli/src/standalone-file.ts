import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { StandaloneConnection } from '@freshet/contracts';
import { isAlive } from '@freshet/runtime/process';
import { UsageError } from './exit';

export interface StandaloneFile {
  readonly file: string;
  readonly connection: StandaloneConnection;
  /** Whether its process runs, as far as the file names one. */
  readonly running?: boolean;
}

/**
 * What `npm start` or `npm run demo` wrote: in `home` when that is given, else in the nearest `.freshet` from the working
 * directory upwards. One whose process runs comes before one that was left behind, and
 * one that names no process, which was stopped in order, before one whose process died.
 *
 * @throws UsageError for a file that is there and cannot be read as one.
 */
export function findStandalone(
  home: string | undefined,
  cwd: string,
  alive: (pid: number) => boolean = isAlive,
): StandaloneFile | undefined {
  const found = [...candidates(home, cwd)].flatMap((file) => read(file) ?? []);
  const running = found.find(({ connection: { pid } }) => pid !== undefined && alive(pid));
  if (running) return { ...running, running: true };
  return found.find(({ connection: { pid } }) => pid === undefined) ?? found[0];
}

function* candidates(home: string | undefined, cwd: string): Generator<string> {
  if (home !== undefined) return yield* inHome(resolve(cwd, home));
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    yield* inHome(join(folder, '.freshet'));
    if (dirname(folder) === folder) return;
  }
}

function* inHome(home: string): Generator<string> {
  yield join(home, 'standalone.json');
  yield join(home, 'demo', 'standalone.json');
}

function read(file: string): StandaloneFile | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const connection = parse(text);
  if (connection) return { file, connection };
  throw new UsageError(`${file} is not a connection file`, 'Stop Freshet, remove the file, and run `npm start` again.');
}

function parse(text: string): StandaloneConnection | undefined {
  try {
    const value = JSON.parse(text) as Partial<StandaloneConnection> | null;
    const complete = typeof value?.url === 'string' && URL.canParse(value.url) && typeof value.token === 'string';
    return complete ? (value as StandaloneConnection) : undefined;
  } catch {
    return undefined;
  }
}
