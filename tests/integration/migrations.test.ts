import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { Database, createDataSource, migrate, migrations, openDatabase, pendingMigrations } from '@freshet/database';
import { SilentProxy, startPostgres, type RunningPostgres } from '@freshet/testing';

const MIGRATE = join(resolve(__dirname, '..', '..'), 'services', 'coordinator', 'dist', 'migrate.js');
const NAMES = migrations.map(({ name }) => name);

describe('migrations', () => {
  jest.setTimeout(120_000);
  let postgres: RunningPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  async function migrateProcess(env: Record<string, string>): Promise<{ code: number; output: string }> {
    const child = spawn(process.execPath, [MIGRATE], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', ...env },
    });
    let output = '';
    const keep = (data: Buffer): void => void (output += data.toString());
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const [code] = (await once(child, 'close')) as [number];
    return { code, output };
  }
  const ranIn = async (url: string): Promise<string[]> => {
    const database = Database.connect(url, { poolSize: 1 });
    const rows = await database.query<{ name: string }>('SELECT name FROM freshet.migration ORDER BY id');
    await database.close();
    return rows.map(({ name }) => name);
  };

  describe('the migrate command', () => {
    it('runs each migration once, by any number of processes at once, and again without harm', async () => {
      const FRESHET_DATABASE_URL = await postgres.createDatabase('migrate_command');
      const results = await Promise.all([1, 2, 3].map(() => migrateProcess({ FRESHET_DATABASE_URL })));
      expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
      expect(results.filter(({ output }) => output.includes('was brought up to date'))).toHaveLength(1);
      expect(await ranIn(FRESHET_DATABASE_URL)).toEqual(NAMES);
      const again = await migrateProcess({ FRESHET_DATABASE_URL });
      expect(again).toMatchObject({ code: 0, output: expect.stringContaining('is up to date') });
    });

    it('ends with 1 and says why when the server cannot be reached, and with 2 without an address', async () => {
      const unreachable = await migrateProcess({
        FRESHET_DATABASE_URL: 'postgres://u:secret@127.0.0.1:9/x',
        FRESHET_MIGRATE_WAIT_SECONDS: '0',
      });
      expect(unreachable.code).toBe(1);
      expect(unreachable.output).toMatch(/the migration failed: PostgreSQL does not answer.*\nCheck that PostgreSQL/);
      expect(unreachable.output).not.toContain('secret');
      const without = await migrateProcess({});
      expect(without).toMatchObject({ code: 2, output: expect.stringContaining('FRESHET_DATABASE_URL') });
    });

    it('ends with 1 and names what holds it up when a table stays locked', async () => {
      const url = await postgres.createDatabase('migrate_held');
      await (await openDatabase(url)).close();
      const holder = new Client({ connectionString: url });
      await holder.connect();
      await holder.query(`SELECT pg_advisory_lock(4706110853)`);
      const { code, output } = await migrateProcess({ FRESHET_DATABASE_URL: url, FRESHET_MIGRATE_WAIT_SECONDS: '0' });
      await holder.end();
      expect({ code, output }).toMatchObject({
        code: 1,
        output: expect.stringContaining('another process migrates it'),
      });
    });
  });

  describe('a service that waits for them', () => {
    it('runs none, says which are lacking and how to run them, and starts when they have run', async () => {
      const url = await postgres.createDatabase('migrate_wait');
      await expect(openDatabase(url, { migrations: 'wait', waitMs: 0 })).rejects.toMatchObject({
        code: 'dependency_unavailable',
        message: expect.stringContaining(`lacks ${NAMES.length} migration(s): ${NAMES[0]}`),
        nextStep: expect.stringContaining('migrate.js'),
      });
      const probe = createDataSource(url, { poolSize: 1 });
      expect(await pendingMigrations(probe)).toEqual(NAMES);
      const waiting = openDatabase(url, { migrations: 'wait', waitMs: 30_000 });
      expect(await migrate(probe)).toEqual(NAMES);
      const database = await waiting;
      expect(await database.query('SELECT 1 FROM freshet.run')).toEqual([]);
      await Promise.all([database.close(), probe.destroy()]);
    });

    it('starts, and migrates nothing, where a newer release has run migrations that it does not know', async () => {
      const url = await postgres.createDatabase('migrate_newer');
      const database = await openDatabase(url);
      await database.execute(
        `INSERT INTO freshet.migration ("timestamp", name) VALUES (9999999999999, 'OfTheNextRelease9999999999999')`,
      );
      await database.close();
      for (const mode of ['wait', 'run'] as const)
        await (await openDatabase(url, { migrations: mode, waitMs: 0 })).close();
      expect(await ranIn(url)).toEqual([...NAMES, 'OfTheNextRelease9999999999999']);
    });
  });

  it('go on elsewhere within 20 s when a process vanishes while it holds their lock', async () => {
    const url = await postgres.createDatabase('migrate_vanished');
    const proxy = await SilentProxy.start(url);
    const vanished = createDataSource(proxy.url, { poolSize: 1 });
    const silent = proxy.fallSilentAfter('CREATE SCHEMA');
    const lost = migrate(vanished).catch((error: unknown) => error);
    await silent;
    const began = performance.now();
    await (await openDatabase(url, { waitMs: 30_000 })).close();
    expect((performance.now() - began) / 1000).toBeLessThan(20);
    await proxy.close();
    expect(await lost).toMatchObject({ code: 'dependency_unavailable' });
    await vanished.destroy().catch(() => undefined);
  });
});
