/**
 * A real PostgreSQL: for tests, and for standalone, which passes a `dataDir` that stays.
 * `FRESHET_TEST_DATABASE_URL` names a server to use in tests instead; it cannot be killed or restarted from here.
 */
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { PostgresServer, type PostgresServerOptions } from './server';

export { PostgresServer, type PostgresServerOptions } from './server';

export interface RunningPostgres {
  /** Of the database `freshet`, made at the first start. With password: never log it. */
  readonly url: string;
  /** False with `FRESHET_TEST_DATABASE_URL`: then `kill` and `restart` throw. */
  readonly ownsServer: boolean;
  /** A new empty database, for one test file; returns its URL. */
  createDatabase(prefix?: string): Promise<string>;
  /** Stops the server; a temporary one is removed, of a server that is not ours the databases made here are dropped. */
  stop(): Promise<void>;
  /** SIGKILL of the postmaster. */
  kill(): Promise<void>;
  /** Starts it again, with the same port and data; stops it first when it is running. */
  restart(): Promise<void>;
  /** Told each time the server ends without being told to; one listener. Never called for a server that is not ours. */
  whenLost(listener: () => void): void;
}

export interface StartOptions extends PostgresServerOptions {
  /** A server of our own in any case, for tests that kill it. */
  readonly own?: boolean;
}

export async function startPostgres(options: StartOptions = {}): Promise<RunningPostgres> {
  const given = process.env['FRESHET_TEST_DATABASE_URL'];
  if (given && options.dataDir === undefined && !options.own) return useServer(given);
  const server = await PostgresServer.start(options);
  const admin = server.urlOf('postgres');
  await asAdmin(admin, async (client) => {
    const { rowCount } = await client.query(`SELECT FROM pg_database WHERE datname = 'freshet'`);
    if (!rowCount) await client.query('CREATE DATABASE freshet');
  });
  return {
    url: server.urlOf('freshet'),
    ownsServer: true,
    createDatabase: async (prefix) => server.urlOf(await createDatabase(admin, prefix)),
    stop: () => server.stop(),
    kill: () => server.kill(),
    restart: () => server.restart(),
    whenLost: (listener) => server.whenLost(listener),
  };
}

async function useServer(url: string): Promise<RunningPostgres> {
  const made: string[] = [];
  const create = async (prefix?: string): Promise<string> => {
    const name = await createDatabase(url, prefix);
    made.push(name);
    const target = new URL(url);
    target.pathname = `/${name}`;
    return target.href;
  };
  const refuse = async (): Promise<never> => {
    throw new Error('this server is not ours to stop; unset FRESHET_TEST_DATABASE_URL to run this test');
  };
  return {
    url: await create(),
    ownsServer: false,
    createDatabase: create,
    kill: refuse,
    restart: refuse,
    whenLost: () => undefined,
    stop: () =>
      asAdmin(url, async (client) => {
        for (const name of made) await client.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      }),
  };
}

async function createDatabase(admin: string, prefix = 'test'): Promise<string> {
  const name = `${prefix.toLowerCase().replace(/[^a-z0-9]+/g, '_')}_${randomBytes(5).toString('hex')}`;
  await asAdmin(admin, async (client) => void (await client.query(`CREATE DATABASE "${name}" TEMPLATE template0`)));
  return name;
}

async function asAdmin(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
