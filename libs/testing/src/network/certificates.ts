import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SignedCertificate {
  /** PEM; the key is PKCS #8, as Java wants it. */
  readonly cert: string;
  readonly key: string;
}

/** An authority made for one test, with OpenSSL, so that no key stands in the repository. */
export class TestAuthority {
  readonly cert: string;
  private readonly folder = mkdtempSync(join(tmpdir(), 'freshet-authority-'));

  constructor(private readonly name: string) {
    this.openssl(
      'req',
      '-x509',
      ...NEW_KEY,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '30',
      '-subj',
      `/CN=${name}`,
    );
    this.cert = readFileSync(join(this.folder, 'ca.pem'), 'utf8');
  }

  /** @param names of hosts, or addresses; the first is the subject as well */
  issue(...names: readonly [string, ...string[]]): SignedCertificate {
    const subject = names.map((name) => `${/^[\d.]+$/.test(name) ? 'IP' : 'DNS'}:${name}`).join(',');
    writeFileSync(join(this.folder, 'extensions'), `subjectAltName=${subject}\n`);
    this.openssl('req', '-new', ...NEW_KEY, '-keyout', 'key', '-out', 'request', '-subj', `/CN=${names[0]}`);
    this.openssl(
      ...['x509', '-req', '-in', 'request', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
      ...['-extfile', 'extensions', '-days', '30', '-out', 'cert'],
    );
    const read = (file: string): string => readFileSync(join(this.folder, file), 'utf8');
    return { cert: read('cert'), key: read('key') };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private openssl(...args: readonly string[]): void {
    try {
      execFileSync('openssl', args, { cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] });
    } catch (error) {
      throw new Error(
        `${this.name}: openssl ${args[0]} failed: ${String((error as { stderr?: Buffer }).stderr ?? error)}`,
      );
    }
  }
}

const NEW_KEY = ['-newkey', 'rsa:2048', '-nodes'] as const;
