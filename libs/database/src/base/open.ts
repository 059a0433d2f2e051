import { setTimeout as delay } from 'node:timers/promises';
import { createDataSource } from './data-source';
import { Database, type DatabaseOptions } from './database';
import { isUnavailable } from './errors';
import { migrate } from './migrate';

export interface OpenOptions extends DatabaseOptions {
  /** How long to wait for a server that does not answer yet. Default 60 s. */
  readonly waitMs?: number;
}

const RETRY_MS = 500;

/** Waits for the server, brings the schema up to date, and connects. @throws FreshetError `dependency_unavailable` */
export async function openDatabase(url: string, options: OpenOptions = {}): Promise<Database> {
  const deadline = Date.now() + (options.waitMs ?? 60_000);
  for (;;) {
    const dataSource = createDataSource(url, { poolSize: 1, applicationName: options.applicationName });
    try {
      await migrate(dataSource);
      return Database.connect(url, options);
    } catch (error) {
      if (!isUnavailable(error) || Date.now() > deadline) throw error;
      await delay(RETRY_MS);
    } finally {
      if (dataSource.isInitialized) await dataSource.destroy().catch(() => undefined);
    }
  }
}
