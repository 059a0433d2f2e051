import { setTimeout as delay } from 'node:timers/promises';
import { FreshetError, silentLogger, type Logger } from '@freshet/domain';
import type { DataSource } from 'typeorm';
import { createDataSource } from './data-source';
import { Database, type DatabaseOptions } from './database';
import { isUnavailable } from './errors';
import { migrate, pendingMigrations } from './migrate';

export interface OpenOptions extends DatabaseOptions {
  /** How long to wait for a server that does not answer yet, or for its schema; 0: it has to be there at once. Default 60 s. */
  readonly waitMs?: number;
  /** `run`: bring the schema up to date. `wait`: wait until something else did, and never change it. Default `run`. */
  readonly migrations?: 'run' | 'wait';
  /** Is told about migrations that ran, and about waiting. */
  readonly logger?: Logger;
}

const RETRY_MS = 1_000;

/** Waits for the server and its schema, and connects. @throws FreshetError `dependency_unavailable` */
export async function openDatabase(url: string, options: OpenOptions = {}): Promise<Database> {
  const { waitMs: _, migrations: __, logger: ___, ...pool } = options;
  await prepareSchema(url, options);
  return Database.connect(url, pool);
}

/**
 * Brings the schema up to date, or waits until it is. Returns the names of the migrations that ran here.
 * @throws FreshetError `dependency_unavailable`
 */
export async function prepareSchema(url: string, options: OpenOptions = {}): Promise<readonly string[]> {
  const { waitMs = 60_000, migrations = 'run', logger = silentLogger, applicationName } = options;
  const deadline = performance.now() + waitMs;
  let said = '';
  for (;;) {
    const dataSource = createDataSource(url, { applicationName, poolSize: 1 });
    try {
      return await (migrations === 'run' ? run(dataSource, logger) : assertMigrated(dataSource));
    } catch (error) {
      if (!isUnavailable(error) || performance.now() >= deadline) throw error;
      const text = error instanceof Error ? error.message : String(error);
      if (text !== said) logger.warn({ error: text }, 'waiting for the database');
      said = text;
      await delay(RETRY_MS);
    } finally {
      if (dataSource.isInitialized) await dataSource.destroy().catch(() => undefined);
    }
  }
}

async function run(dataSource: DataSource, logger: Logger): Promise<readonly string[]> {
  const ran = await migrate(dataSource);
  if (ran.length > 0) logger.info({ migrations: ran }, 'the database schema was brought up to date');
  return ran;
}

async function assertMigrated(dataSource: DataSource): Promise<readonly string[]> {
  const pending = await pendingMigrations(dataSource);
  if (pending.length === 0) return [];
  throw new FreshetError('dependency_unavailable', {
    message: `the database schema lacks ${pending.length} migration(s): ${pending.join(', ')}`,
    nextStep:
      'Run the migration (node services/coordinator/dist/migrate.js; in Kubernetes the migration Job of the chart), or set FRESHET_MIGRATIONS=run.',
    attributes: { dependency: 'postgres', migrations: pending.length },
  });
}
