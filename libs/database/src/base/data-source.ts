import { DataSource } from 'typeorm';
import { entities } from '../entities';
import { migrations } from '../migrations';
import { poolOptions, survive, type DatabaseOptions } from './database';
import { toDependencyError } from './errors';
import { sessionUrl } from './session';

/** A TypeORM data source of explicit entity and migration classes. It never changes the schema by itself: `migrate` does. */
export function createDataSource(url: string, options: DatabaseOptions = {}): DataSource {
  return new DataSource({
    type: 'postgres',
    url: sessionUrl(url),
    schema: 'freshet',
    entities: [...entities],
    migrations,
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'each',
    synchronize: false,
    migrationsRun: false,
    installExtensions: false,
    extra: poolOptions(options),
    poolErrorHandler: () => undefined,
    logging: false,
  });
}

/** Connects; the pool then survives restarts of the server. @throws FreshetError `dependency_unavailable` */
export async function initialize(dataSource: DataSource): Promise<DataSource> {
  if (dataSource.isInitialized) return dataSource;
  try {
    await dataSource.initialize();
  } catch (error) {
    throw toDependencyError(error);
  }
  survive((dataSource.driver as unknown as { master: Parameters<typeof survive>[0] }).master);
  return dataSource;
}
