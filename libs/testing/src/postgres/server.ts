import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, createHash } from 'node:crypto';
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '@freshet/runtime/process';
import { Client } from 'pg';
import { ROOT_FOLDER, findAccount, findBinaries, isReachable, type Account, type Binaries } from './binaries';

export interface PostgresServerOptions {
  /** Where the cluster lives. Without it, a temporary folder that `stop()` removes. */
  readonly dataDir?: string;
  /** Default: a free port, the same one over restarts. */
  readonly port?: number;
  /** Whether commits reach the disk. Default: true with a `dataDir`, false without. A killed server loses nothing either way. */
  readonly durable?: boolean;
  /** Further settings, as `postgres -c name=value`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Whole datasets are written at once: fewer checkpoints, and no time spent on compiling queries that run once. */
const BULK_LOADS = {
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  shared_buffers: '128MB',
  maintenance_work_mem: '64MB',
  jit: 'off',
};

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;

/**
 * A PostgreSQL server of our own, on 127.0.0.1 only. It is not in our process group, so that Ctrl-C reaches our services first
 * and they can drain; a guardian stops it when our process dies without a chance to.
 */
export class PostgresServer {
  private child: ChildProcess | undefined;
  private guardian: ChildProcess | undefined;
  private onLost: () => void = () => undefined;

  private constructor(
    private readonly binaries: Binaries,
    private readonly account: Account,
    /** Holds the cluster, its password and its log. */
    readonly folder: string,
    private readonly temporary: boolean,
    private readonly password: string,
    readonly port: number,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  /** Initialises the cluster where it is new, and starts it. */
  static async start(options: PostgresServerOptions = {}): Promise<PostgresServer> {
    const account = await findAccount();
    const binaries = await findBinaries(account);
    const folder = options.dataDir
      ? await persistentFolder(resolve(options.dataDir), account)
      : await temporaryFolder(account);
    const durable = options.durable ?? options.dataDir !== undefined;
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      timezone: 'UTC',
      log_timezone: 'UTC',
      // The account is named like our schema, which would be the first place for anything people create.
      search_path: 'public',
      ...BULK_LOADS,
      ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
      ...options.settings,
    };
    const password = await initialise(binaries, account, folder);
    await stopForgotten(binaries, account, folder);
    const port = options.port ?? (await freePort());
    const server = new PostgresServer(
      binaries,
      account,
      folder,
      options.dataDir === undefined,
      password,
      port,
      settings,
    );
    try {
      await server.launch();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  urlOf(database: string): string {
    return `postgres://freshet:${this.password}@127.0.0.1:${this.port}/${encodeURIComponent(database)}`;
  }

  /** Fast shutdown: sessions are ended, nothing is lost. */
  async stop(): Promise<void> {
    await this.end('SIGINT');
    if (this.temporary) await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** SIGKILL of the postmaster: what a crash looks like. Call `restart()` to come back. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Starts again, after a fast shutdown when it is running. Port and data stay. */
  async restart(): Promise<void> {
    await this.end('SIGINT');
    await this.launch();
  }

  /** `listener` is called each time a server that was ready ends without being told to from here. */
  whenLost(listener: () => void): void {
    this.onLost = listener;
  }

  private async launch(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      const child = this.spawnServer();
      if (await this.becomesReady(child, deadline)) return this.watch(child);
      // After a SIGKILL the old server's children may hold the shared memory for a moment longer.
      const log = await this.logTail();
      if (Date.now() > deadline || !/pre-existing shared memory|lock file|Address already in use/.test(log)) {
        throw new Error(`PostgreSQL did not start: ${log}`);
      }
      await delay(200);
    }
  }

  private watch(child: ChildProcess): void {
    const lost = (): void => {
      if (this.child === child) this.onLost();
    };
    if (hasExited(child)) lost();
    else child.once('exit', lost);
  }

  private spawnServer(): ChildProcess {
    const log = openSync(this.logFile, 'w', 0o600);
    const settings = Object.entries(this.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(
      this.binaries.postgres,
      ['-D', join(this.folder, 'cluster'), '-p', String(this.port), ...settings],
      {
        ...this.account,
        cwd: this.folder,
        detached: true,
        stdio: ['ignore', log, log],
        env: { ...process.env, LC_ALL: 'C' },
      },
    );
    closeSync(log);
    child.unref();
    child.on('error', () => undefined); // seen as an exit by becomesReady
    this.child = child;
    this.guardian = guard(child, this.temporary ? this.folder : null);
    return child;
  }

  private async becomesReady(child: ChildProcess, deadline: number): Promise<boolean> {
    while (Date.now() < deadline) {
      if (child.pid === undefined || hasExited(child)) {
        this.releaseGuardian();
        return false;
      }
      const client = new Client({ connectionString: this.urlOf('postgres'), connectionTimeoutMillis: 2_000 });
      client.on('error', () => undefined);
      const ready = await client.connect().then(
        () => true,
        () => false,
      );
      await client.end().catch(() => undefined);
      if (ready) return true;
      await delay(25);
    }
    return false;
  }

  private async end(signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
    const child = this.child;
    this.child = undefined;
    this.releaseGuardian();
    if (!child || child.pid === undefined || hasExited(child)) return;
    const exited = new Promise<void>((done) => child.once('exit', () => done()));
    child.ref();
    if (process.platform === 'win32' && signal === 'SIGINT') {
      spawn(this.binaries.pgCtl, ['stop', '-m', 'fast', '-D', join(this.folder, 'cluster')], { stdio: 'ignore' });
    } else {
      child.kill(signal);
    }
    const patience = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(patience);
  }

  private releaseGuardian(): void {
    this.guardian?.stdin?.end('released\n');
    this.guardian = undefined;
  }

  private get logFile(): string {
    return join(this.folder, 'postgres.log');
  }

  private async logTail(): Promise<string> {
    return (await readFile(this.logFile, 'utf8').catch(() => '')).slice(-2_000);
  }
}

const hasExited = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** A shell that waits for our end of a pipe to close without a word, which is what happens when our process is killed. */
function guard(server: ChildProcess, folder: string | null): ChildProcess | undefined {
  if (process.platform === 'win32' || server.pid === undefined) return undefined;
  const script =
    'read -r word && exit; kill -INT "$1"; [ -z "$2" ] && exit; while kill -0 "$1" 2>/dev/null; do sleep 0.2; done; rm -rf "$2"';
  const guardian = spawn('/bin/sh', ['-c', script, 'sh', String(server.pid), folder ?? ''], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guardian.on('error', () => undefined);
  guardian.stdin?.on('error', () => undefined);
  guardian.unref();
  (guardian.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return guardian;
}

async function temporaryFolder(account: Account): Promise<string> {
  for (const parent of [tmpdir(), '/tmp', '/var/tmp']) {
    if (await isReachable(join(parent, 'x'), account)) {
      const folder = await mkdtemp(join(parent, 'freshet-postgres-'));
      chmodSync(folder, 0o711);
      return folder;
    }
  }
  throw new Error('PostgreSQL needs a temporary folder that its account can reach; set TMPDIR to one');
}

async function persistentFolder(wanted: string, account: Account): Promise<string> {
  const folder = (await isReachable(join(wanted, 'cluster'), account))
    ? wanted
    : join(ROOT_FOLDER, `data-${createHash('sha256').update(wanted).digest('hex').slice(0, 12)}`);
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  chmodSync(folder, 0o711);
  return folder;
}

/** Returns the password of the cluster, made at its first start. */
async function initialise(binaries: Binaries, account: Account, folder: string): Promise<string> {
  const secret = join(folder, 'password');
  const cluster = join(folder, 'cluster');
  // The password file is written last, so a cluster without one was left by an interrupted initdb.
  const known = await readFile(secret, 'utf8').catch(() => null);
  if (known) return known;
  await rm(cluster, { recursive: true, force: true });
  await mkdir(cluster, { mode: 0o700 });
  const password = randomBytes(18).toString('hex');
  const draft = join(folder, 'password.new');
  await writeFile(draft, password, { mode: 0o600 });
  if (account.uid !== undefined && account.gid !== undefined) {
    await Promise.all([cluster, draft].map((path) => chown(path, account.uid ?? 0, account.gid ?? 0)));
  }
  const args = [
    '-D',
    cluster,
    '-U',
    'freshet',
    '-A',
    'scram-sha-256',
    `--pwfile=${draft}`,
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
  ];
  await finished(
    spawn(binaries.initdb, args, {
      ...account,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    }),
  );
  await writeFile(secret, password, { mode: 0o600 });
  await unlink(draft);
  return password;
}

/** A server still running on this folder was left by a process that died, and is stopped; that of a living process is left alone. */
async function stopForgotten(binaries: Binaries, account: Account, folder: string): Promise<void> {
  const cluster = join(folder, 'cluster');
  const lockFile = join(cluster, 'postmaster.pid');
  const owner = Number(await readFile(join(folder, 'owner'), 'utf8').catch(() => '0'));
  const postmaster = Number((await readFile(lockFile, 'utf8').catch(() => '')).split('\n')[0]);
  const running = postmaster > 0 && (await isServerOf(postmaster, cluster));
  if (running && owner && owner !== process.pid && isAlive(owner)) {
    throw new Error(
      `the PostgreSQL data in ${folder} is in use by process ${owner}; stop it, or choose another folder`,
    );
  }
  await writeFile(join(folder, 'owner'), String(process.pid));
  if (running) {
    const stop = spawn(binaries.pgCtl, ['stop', '-m', 'fast', '-w', '-D', cluster], {
      ...account,
      cwd: folder,
      stdio: 'ignore',
      env: { ...process.env, LC_ALL: 'C' },
    });
    await new Promise<void>((done) => stop.once('close', () => done()).once('error', () => done()));
  } else {
    // After a restart of a container its number may be that of some other process, which PostgreSQL would take for a server.
    await rm(lockFile, { force: true });
  }
}

async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform !== 'linux') return true;
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(cluster);
}

async function finished(child: ChildProcess): Promise<void> {
  let said = '';
  child.stderr?.on('data', (data: Buffer) => (said += data.toString()));
  await new Promise<void>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => (code === 0 ? done() : fail(new Error(`initdb ended with ${code}: ${said}`))));
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done, fail) => probe.once('error', fail).listen(0, '127.0.0.1', done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
