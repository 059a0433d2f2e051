import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { PostgresServer } from './server';

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return (rows[0] as unknown[] | undefined)?.[0];
  } finally {
    await client.end();
  }
}

describe('a PostgreSQL of our own', () => {
  jest.setTimeout(60_000);

  it('keeps what was committed over a SIGKILL and a restart, on the same port, and leaves nothing behind', async () => {
    const server = await PostgresServer.start();
    const url = server.urlOf('postgres');
    await ask(url, 'CREATE TABLE kept AS SELECT 7 AS n');
    await server.kill();
    await expect(ask(url, 'SELECT 1')).rejects.toThrow();
    await server.restart();
    expect(await ask(url, 'SELECT n FROM kept')).toBe(7);
    await server.stop();
    expect(existsSync(server.folder)).toBe(false);
  });

  it('comes back on a persistent folder with its data and password', async () => {
    const dataDir = join(mkdtempSync(join(tmpdir(), 'freshet-spec-')), 'pg');
    const first = await PostgresServer.start({ dataDir, durable: false });
    await ask(first.urlOf('postgres'), 'CREATE TABLE kept AS SELECT 8 AS n');
    await first.stop();
    const second = await PostgresServer.start({ dataDir, durable: false });
    expect(await ask(second.urlOf('postgres'), 'SELECT n FROM kept')).toBe(8);
    // A server that was forgotten (its process died without a word) is stopped, and what it left does not stand in the way.
    const third = await PostgresServer.start({ dataDir, durable: false });
    expect(await ask(third.urlOf('postgres'), 'SELECT n FROM kept')).toBe(8);
    await second.stop();
    await third.kill();
    writeFileSync(join(third.folder, 'cluster', 'postmaster.pid'), `${process.pid}\n`);
    await third.stop();
    const fourth = await PostgresServer.start({ dataDir, durable: false });
    expect(await ask(fourth.urlOf('postgres'), 'SELECT n FROM kept')).toBe(8);
    await fourth.stop();
    rmSync(second.folder, { recursive: true, force: true });
    rmSync(join(dataDir, '..'), { recursive: true, force: true });
  });
});
