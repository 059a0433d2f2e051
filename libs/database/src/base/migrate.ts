import { FreshetError } from '@freshet/domain';
import { MigrationExecutor, type DataSource, type QueryRunner } from 'typeorm';
import { migrations } from '../migrations';
import { initialize } from './data-source';
import { codeOf, toDependencyError } from './errors';

/** Any constant of our own: advisory locks are numbers shared by all users of a database. */
const MIGRATION_LOCK = 4_706_110_853;
const LOCK_NOT_AVAILABLE = '55P03';
const UNDEFINED_TABLE = '42P01';

/**
 * Of the session that migrates. It holds the lock and runs the migrations itself, so that the two live and die together; when its
 * process vanishes the server ends it after 15 s, in a transaction or between two. DDL waits for readers a moment and is then tried
 * again, because whoever comes after a waiting DDL statement waits with it.
 */
const SESSION = `SET idle_session_timeout = '15s'; SET lock_timeout = '10s'`;
const SESSION_BEFORE = `RESET idle_session_timeout; RESET lock_timeout; SELECT pg_advisory_unlock(${MIGRATION_LOCK})`;

/**
 * Brings the schema up to date; returns the names of the migrations it ran. Processes that start together take turns under an
 * advisory lock, and the later ones find nothing to do.
 *
 * @throws FreshetError `dependency_unavailable`, also when another process migrates or holds a table: then try again
 */
export async function migrate(dataSource: DataSource): Promise<readonly string[]> {
  let runner: QueryRunner | undefined;
  try {
    await initialize(dataSource);
    runner = dataSource.createQueryRunner();
    await runner.connect();
    await runner.query(SESSION);
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await runner.query('CREATE SCHEMA IF NOT EXISTS freshet');
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = 'each';
    return (await executor.executePendingMigrations()).map(({ name }) => name);
  } catch (error) {
    throw codeOf(error) === LOCK_NOT_AVAILABLE ? lockHeld(error) : toDependencyError(error);
  } finally {
    // Where even this fails the session is gone, and the lock with it.
    await runner?.query(SESSION_BEFORE).catch(() => undefined);
    await runner?.release().catch(() => undefined);
  }
}

/**
 * Names of the migrations known here that have not run. Migrations of a newer release, which are not known here, do not matter: an
 * old service works with the next schema (ADR 0018). @throws FreshetError `dependency_unavailable`
 */
export async function pendingMigrations(dataSource: DataSource): Promise<readonly string[]> {
  try {
    await initialize(dataSource);
    const ran = await dataSource.query<Array<{ name: string }>>('SELECT name FROM freshet.migration');
    const names = new Set(ran.map(({ name }) => name));
    return migrations.map(({ name }) => name).filter((name) => !names.has(name));
  } catch (error) {
    if (codeOf(error) === UNDEFINED_TABLE) return migrations.map(({ name }) => name);
    throw toDependencyError(error);
  }
}

const lockHeld = (cause: unknown): FreshetError =>
  new FreshetError('dependency_unavailable', {
    message: 'the database schema cannot be brought up to date: another process migrates it, or a reader holds a table',
    nextStep:
      'It is tried again. If it keeps failing, look in pg_stat_activity and pg_locks for a transaction that stays open.',
    attributes: { dependency: 'postgres', code: LOCK_NOT_AVAILABLE },
    cause,
  });
