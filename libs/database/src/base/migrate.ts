import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { initialize } from './data-source';
import { toDependencyError } from './errors';

/** Any constant of our own: advisory locks are numbers shared by all users of a database. */
const MIGRATION_LOCK = 4_706_110_853;

/**
 * Brings the schema up to date; returns the names of the migrations it ran. Processes that start together take turns under an
 * advisory lock, and the later ones find nothing to do. @throws FreshetError `dependency_unavailable`
 */
export async function migrate(dataSource: DataSource): Promise<readonly string[]> {
  // Not from the pool: a pool of one could not run the migrations while it holds the lock.
  const holder = new Client({
    connectionString: (dataSource.options as { url?: string }).url,
    application_name: 'freshet-migrate',
  });
  holder.on('error', () => undefined);
  try {
    await initialize(dataSource);
    await holder.connect();
    await holder.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await holder.query('CREATE SCHEMA IF NOT EXISTS freshet');
    const ran = await dataSource.runMigrations({ transaction: 'each' });
    return ran.map((migration) => migration.name);
  } catch (error) {
    throw toDependencyError(error);
  } finally {
    await holder.end().catch(() => undefined); // ends the session and with it the lock
  }
}
