import { Pool, type Client, type PoolClient, type PoolConfig, type QueryResultRow } from 'pg';
import { connectDedicated, type DedicatedOptions } from './dedicated';
import { toDependencyError } from './errors';
import { sessionUrl } from './session';
import { typeParsers } from './types';

export interface DatabaseOptions {
  readonly poolSize?: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName?: string;
}

/** Something that answers SQL: the pool, or a transaction. */
export interface Queryable {
  /** Rows of one statement; values are parameters. bigint comes as number, civil dates and times as text. */
  query<Row extends QueryResultRow = QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Rows affected by one statement. */
  execute(sql: string, values?: readonly unknown[]): Promise<number>;
}

export interface Transaction extends Queryable {
  /** For COPY and cursors. */
  readonly client: PoolClient;
}

export type Isolation = 'read committed' | 'repeatable read';

/** What every pool of ours is made with, besides the address of `sessionUrl`. */
export function poolOptions(options: DatabaseOptions = {}): PoolConfig {
  return {
    max: options.poolSize ?? 10,
    application_name: options.applicationName ?? 'freshet',
    connectionTimeoutMillis: 30_000,
    keepAlive: true,
    // The system waits two hours before it asks whether a silent peer is still there.
    keepAliveInitialDelayMillis: 5_000,
    types: typeParsers as NonNullable<PoolConfig['types']>,
  };
}

/**
 * PostgreSQL over a pool. It survives a restart of the server: a broken connection is thrown away, what was asked on it fails
 * with `dependency_unavailable`, and the next question opens a new one. Nothing here ends the process.
 */
export class Database implements Queryable {
  private constructor(
    private readonly pool: Pool,
    private readonly url: string,
  ) {
    survive(pool);
  }

  static connect(url: string, options: DatabaseOptions = {}): Database {
    return new Database(new Pool({ connectionString: sessionUrl(url), ...poolOptions(options) }), url);
  }

  async query<Row extends QueryResultRow = QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    return translated(async () => (await this.pool.query<Row>(sql, [...values])).rows);
  }

  async execute(sql: string, values: readonly unknown[] = []): Promise<number> {
    return translated(async () => (await this.pool.query(sql, [...values])).rowCount ?? 0);
  }

  /**
   * Commits what `work` did, or nothing of it. A connection lost while committing leaves it open which of the two: callers
   * are idempotent, and ask again.
   */
  async transaction<T>(
    work: (tx: Transaction) => Promise<T>,
    options: { readonly isolation?: Isolation } = {},
  ): Promise<T> {
    return this.withClient(async (client) => {
      await client.query(`BEGIN ISOLATION LEVEL ${options.isolation ?? 'read committed'}`);
      try {
        const result = await work(transactionOn(client));
        await client.query('COMMIT');
        return result;
      } catch (error) {
        // When even the rollback fails the connection is gone, and the server has rolled back.
        await client.query('ROLLBACK').catch(() => broken.add(client));
        throw error;
      }
    });
  }

  /** One connection for as long as `work` takes, for COPY, cursors and session locks. */
  async withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    return translated(async () => {
      const client = await this.pool.connect();
      let failure: unknown;
      try {
        return await work(client);
      } catch (error) {
        failure = toDependencyError(error);
        throw error;
      } finally {
        client.release(broken.has(client) || (failure !== undefined && isConnectionFailure(failure)));
      }
    });
  }

  /** A connection that is not of the pool, for the caller to end. @throws FreshetError `dependency_unavailable` */
  dedicated(options: DedicatedOptions): Promise<Client> {
    return translated(() => connectDedicated(this.url, options));
  }

  /** Closes the pool, once what is checked out of it came back. */
  close(): Promise<void> {
    return this.pool.end();
  }
}

const broken = new WeakSet<PoolClient>();
const survived = new WeakSet<Pool>();

/** Errors of idle and of checked-out connections are events, and an event without a listener would end the process. */
export function survive(pool: Pool): void {
  if (survived.has(pool)) return;
  survived.add(pool);
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.on('error', () => broken.add(client as PoolClient));
  });
}

export function transactionOn(client: PoolClient): Transaction {
  return {
    client,
    query: async <Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
      (await client.query<Row>(sql, [...values])).rows,
    execute: async (sql, values = []) => (await client.query(sql, [...values])).rowCount ?? 0,
  };
}

const isConnectionFailure = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && (error as { code?: unknown }).code === 'dependency_unavailable';

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toDependencyError(error);
  }
}
