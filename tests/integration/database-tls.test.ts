import { X509Certificate } from 'node:crypto';
import { chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { openDatabase } from '@freshet/database';
import { TestAuthority, startPostgres, type RunningPostgres, type SignedCertificate } from '@freshet/testing';
import { Client } from 'pg';

describe('PostgreSQL over TLS', () => {
  jest.setTimeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'freshet-database-tls-'));
  const authority = new TestAuthority('database');
  const stranger = new TestAuthority('stranger');
  let postgres: RunningPostgres;
  let url: string;

  beforeAll(async () => {
    postgres = await startPostgres({ own: true });
    url = await postgres.createDatabase('tls');
  });
  afterAll(async () => {
    await postgres.stop();
    for (const each of [authority, stranger]) each.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The server shows this certificate to sessions from now on. */
  async function present({ cert, key }: SignedCertificate): Promise<void> {
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ data: string }>(`SELECT current_setting('data_directory') AS data`);
    const data = rows[0]?.data ?? '';
    const { uid, gid } = statSync(data);
    for (const [name, text] of Object.entries({ 'server.crt': cert, 'server.key': key })) {
      writeFileSync(join(data, name), text, { mode: 0o600 });
      chownSync(join(data, name), uid, gid);
    }
    await client.query(`ALTER SYSTEM SET ssl = on`);
    await client.query('SELECT pg_reload_conf()');
    await client.end();
    // The postmaster reads its configuration on a signal.
    for (let tries = 0; tries < 200 && (await serial()) !== serialOf(cert); tries++)
      await new Promise((resolve) => setTimeout(resolve, 25));
  }

  const address = (parameters: Record<string, string>, host = 'localhost'): string => {
    const target = new URL(url);
    target.hostname = host;
    for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value);
    return target.href;
  };
  const ca = (of: TestAuthority, name: string): string => {
    writeFileSync(join(folder, name), of.cert);
    return join(folder, name);
  };
  const refusal = (of: string) =>
    openDatabase(of, { waitMs: 0 }).then(
      () => null,
      (error: unknown) => error as { code: string; message: string; nextStep: string },
    );

  /** Of the certificate that the server shows. */
  async function serial(): Promise<string | undefined> {
    const client = new Client({ connectionString: url, ssl: { rejectUnauthorized: false } });
    try {
      await client.connect();
      const socket = (client as unknown as { connection: { stream: TLSSocket } }).connection.stream;
      return socket.getPeerX509Certificate()?.serialNumber;
    } catch {
      return undefined;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  it('says that a server without TLS does not offer what the address asks for', async () => {
    expect(await refusal(address({ sslmode: 'verify-full', sslrootcert: ca(authority, 'ca.pem') }))).toMatchObject({
      code: 'dependency_unavailable',
      message: expect.stringContaining('does not offer TLS'),
      nextStep: expect.stringContaining('ssl = on'),
    });
  });

  it('is used by migrations, pool and dedicated connections alike with sslmode=verify-full', async () => {
    await present(authority.issue('localhost'));
    const database = await openDatabase(address({ sslmode: 'verify-full', sslrootcert: ca(authority, 'ca.pem') }));
    const USED = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
    expect(await database.query(USED)).toEqual([{ ssl: true }]);
    expect(await database.query('SHOW idle_in_transaction_session_timeout')).toMatchObject([
      { idle_in_transaction_session_timeout: '15s' },
    ]);
    const client = await database.dedicated({ applicationName: 'freshet-test', timeoutMs: 2_000 });
    expect((await client.query(USED)).rows).toEqual([{ ssl: true }]);
    await client.end();
    await database.close();
  });

  it('is refused where the certificate is signed by another authority, and says which setting names it', async () => {
    const said = await refusal(address({ sslmode: 'verify-full', sslrootcert: ca(stranger, 'other.pem') }));
    expect(said).toMatchObject({
      code: 'dependency_unavailable',
      message: expect.stringContaining('signed by an authority that is not trusted here'),
      nextStep: expect.stringContaining('sslrootcert'),
    });
    expect((await refusal(address({ sslmode: 'verify-full' })))?.message).toContain('not trusted here');
  });

  it('is refused where the certificate is for another host', async () => {
    await present(authority.issue('db.example.org'));
    const said = await refusal(address({ sslmode: 'verify-full', sslrootcert: ca(authority, 'ca.pem') }));
    expect(said?.message).toContain('for another name than the host');
    expect(said?.nextStep).toContain('Name the host as its certificate does');
  });

  it('says which file cannot be read', async () => {
    const said = await refusal(address({ sslmode: 'verify-full', sslrootcert: '/nowhere/ca.pem' }));
    expect(said?.message).toContain('/nowhere/ca.pem');
    expect(said?.nextStep).toContain('Correct sslrootcert');
  });

  it('says that the password is wrong without repeating it, and that a database is missing', async () => {
    const wrong = new URL(url);
    wrong.password = 'wrong-donkey';
    const said = await refusal(wrong.href);
    expect(said).toMatchObject({ code: 'dependency_unavailable', message: expect.stringContaining('the password') });
    expect(`${said?.message}${said?.nextStep}`).not.toContain('wrong-donkey');
    const absent = new URL(url);
    absent.pathname = '/nothing_here';
    expect((await refusal(absent.href))?.message).toContain('it has no such database');
  });
});

const serialOf = (pem: string): string => new X509Certificate(pem).serialNumber;
