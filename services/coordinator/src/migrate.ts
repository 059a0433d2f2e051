import 'reflect-metadata';
import { hostname } from 'node:os';
import { prepareSchema } from '@freshet/database';
import { FreshetError } from '@freshet/domain';
import { boundHeap, ConfigError, createLogger, readConfig } from '@freshet/runtime';
import { migrateSchema } from './config';

boundHeap();

/**
 * Brings the database schema up to date and ends: 0 when it is, 2 for a configuration that cannot be read, 1 for anything else. Any
 * number may run at the same time and any number of times.
 */
async function main(): Promise<void> {
  const config = readConfig(migrateSchema);
  const logger = createLogger({
    service: 'migrate',
    instance: config.FRESHET_INSTANCE ?? `${hostname()}-${process.pid}`,
    level: config.FRESHET_LOG_LEVEL,
    format: config.FRESHET_LOG_FORMAT,
    file: config.FRESHET_LOG_FILE,
  });
  const ran = await prepareSchema(config.FRESHET_DATABASE_URL, {
    applicationName: 'freshet-migrate',
    waitMs: config.FRESHET_MIGRATE_WAIT_SECONDS * 1000,
    logger,
  });
  if (ran.length === 0) logger.info({}, 'the database schema is up to date');
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1));

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const text = error instanceof Error ? error.message : String(error);
    const nextStep = error instanceof FreshetError ? `\n${error.nextStep}` : '';
    process.stderr.write(error instanceof ConfigError ? `${text}\n` : `the migration failed: ${text}${nextStep}\n`);
    process.exit(error instanceof ConfigError ? 2 : 1);
  },
);
