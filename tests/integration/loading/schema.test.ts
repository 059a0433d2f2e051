import 'reflect-metadata';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { Database, createDataSource, initialize, migrate, migrations, openDatabase } from '@freshet/database';
import { silentLogger } from '@freshet/domain';
import { startPostgres, type RunningPostgres } from '@freshet/testing';

describe('the schema', () => {
  jest.setTimeout(120_000);
  let postgres: RunningPostgres;
  beforeAll(async () => {
    postgres = await startPostgres({ own: true });
  });
  afterAll(() => postgres.stop());

  it('is made once by processes that start together', async () => {
    const url = await postgres.createDatabase('migrate');
    const sources = [1, 2, 3, 4].map(() => createDataSource(url, { poolSize: 1 }));
    const ran = await Promise.all(sources.map((source) => migrate(source)));
    expect(ran.flat()).toEqual(migrations.map(({ name }) => name));
    await Promise.all(sources.map((source) => source.destroy()));
  });

  it('is made by opening, which waits for the server and says so', async () => {
    const url = new URL(await postgres.createDatabase('open'));
    const { port } = url;
    const gate = createServer((socket) => void socket.pipe(connect(Number(port), url.hostname)).pipe(socket));
    await once(gate.listen(0, url.hostname), 'listening');
    url.port = String((gate.address() as AddressInfo).port);
    await once(gate.close(), 'close');
    await expect(openDatabase(url.href, { waitMs: 0 })).rejects.toMatchObject({ code: 'dependency_unavailable' });

    const said: string[] = [];
    const warn = (_: object, message: string): void => {
      said.push(message);
      gate.listen(Number(url.port), url.hostname);
    };
    const info = (fields: object): void => void said.push(JSON.stringify(fields));
    const database = await openDatabase(url.href, { logger: { ...silentLogger, warn, info } });
    expect(said).toEqual([
      'waiting for the database',
      JSON.stringify({ migrations: migrations.map(({ name }) => name) }),
    ]);
    expect(await database.query('SELECT 1 FROM freshet.run')).toEqual([]);
    await database.close();
    await once(gate.close(), 'close');
  });

  it('is the one the entities describe', async () => {
    const source = createDataSource(await postgres.createDatabase('drift'));
    await migrate(source);
    const log = await source.driver.createSchemaBuilder().log();
    expect(log.upQueries.map((query) => query.query)).toEqual([]);
    const unknown = await source.query(
      `SELECT table_name FROM information_schema.tables WHERE table_schema = 'freshet' AND table_name <> 'migration' AND table_name <> ALL ($1)`,
      [source.entityMetadatas.map((entity) => entity.tableName)],
    );
    expect(unknown).toEqual([]);
    await source.destroy();
  });

  it('is reached again after the server was killed and came back', async () => {
    const url = await postgres.createDatabase('restart');
    const source = await initialize(createDataSource(url, { poolSize: 3 }));
    const own = Database.connect(url, { poolSize: 2 });
    await Promise.all([source.query('SELECT 1'), own.query('SELECT 1')]);
    const sleeping = own.query('SELECT pg_sleep(60)');
    const holding = own.transaction(async (tx) => {
      await tx.query('SELECT 1');
      await sleeping.catch(() => undefined); // checked out and idle while the server dies
      await tx.query('SELECT 1');
    });
    const failures = Promise.allSettled([sleeping, holding]);
    await new Promise((done) => setTimeout(done, 200));
    await postgres.kill();
    for (const outcome of await failures)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'dependency_unavailable' } });
    await expect(own.query('SELECT 1')).rejects.toMatchObject({ code: 'dependency_unavailable' });
    await postgres.restart();
    expect(await own.query('SELECT 2::bigint AS two')).toEqual([{ two: 2 }]);
    expect(await source.query('SELECT 3 AS three')).toEqual([{ three: 3 }]);
    await own.close();
    await source.destroy();
  });
});
