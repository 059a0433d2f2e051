import { setTimeout as delay } from 'node:timers/promises';
import { Database, createDataSource, migrate } from '@freshet/database';
import { FreshetError, type Logger } from '@freshet/domain';

export interface OpenDatabase {
  readonly database: Database;
  close(): Promise<void>;
}

const START_PATIENCE_MS = 60_000;
const RETRY_MS = 1_000;

/** Connects and brings the schema up to date, waiting for a database that is still starting. */
export async function openDatabase(url: string, logger: Logger): Promise<OpenDatabase> {
  const dataSource = createDataSource(url, { applicationName: 'freshet-coordinator' });
  const deadline = performance.now() + START_PATIENCE_MS;
  for (;;) {
    try {
      const ran = await migrate(dataSource);
      if (ran.length > 0) logger.info({ migrations: ran }, 'the database schema was brought up to date');
      return { database: Database.of(dataSource), close: () => closeOnce(dataSource) };
    } catch (error) {
      const waiting = error instanceof FreshetError && error.code === 'dependency_unavailable';
      if (!waiting || performance.now() > deadline) throw error;
      logger.warn({ error: error.message }, 'waiting for the database');
      await delay(RETRY_MS);
    }
  }
}

const closeOnce = async (dataSource: ReturnType<typeof createDataSource>): Promise<void> => {
  if (dataSource.isInitialized) await dataSource.destroy();
};
