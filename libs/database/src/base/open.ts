import { setTimeout as delay } from 'node:timers/promises';
import { silentLogger, type Logger } from '@freshet/domain';
import { createDataSource } from './data-source';
import { Database, type DatabaseOptions } from './database';
import { isUnavailable } from './errors';
import { migrate } from './migrate';

export interface OpenOptions extends DatabaseOptions {
  /** How long to wait for a server that does not answer yet; 0: it has to answer at once. Default 60 s. */
  readonly waitMs?: number;
  /** Is told about migrations that ran, and about waiting. */
  readonly logger?: Logger;
}

const RETRY_MS = 1_000;

/** Waits for the server, brings the schema up to date, and connects. @throws FreshetError `dependency_unavailable` */
export async function openDatabase(url: string, options: OpenOptions = {}): Promise<Database> {
  const { waitMs = 60_000, logger = silentLogger, ...pool } = options;
  const deadline = performance.now() + waitMs;
  for (;;) {
    const dataSource = createDataSource(url, { ...pool, poolSize: 1 });
    try {
      const ran = await migrate(dataSource);
      if (ran.length > 0) logger.info({ migrations: ran }, 'the database schema was brought up to date');
      return Database.connect(url, pool);
    } catch (error) {
      if (!isUnavailable(error) || performance.now() >= deadline) throw error;
      logger.warn({ error: error instanceof Error ? error.message : String(error) }, 'waiting for the database');
      await delay(RETRY_MS);
    } finally {
      if (dataSource.isInitialized) await dataSource.destroy().catch(() => undefined);
    }
  }
}
