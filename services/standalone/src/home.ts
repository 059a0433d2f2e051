import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { StandaloneConnection } from '@freshet/contracts';
import { isAlive } from '@freshet/runtime/process';

/** The folder cannot be worked in; the message says why, and what to do. */
export class HomeError extends Error {}

/** Another standalone works in this folder. */
export class HomeTakenError extends HomeError {}

/**
 * The folder of a standalone: the database, the files it writes, and `standalone.json`, by which the `freshet` command finds
 * address and token. The token is made once and stays, so that scripts may keep it.
 */
export class Home {
  readonly folder: string;
  readonly postgres: string;
  readonly files: string;
  readonly connectionFile: string;

  constructor(folder: string) {
    this.folder = resolve(folder);
    this.postgres = join(this.folder, 'postgres');
    this.files = join(this.folder, 'files');
    this.connectionFile = join(this.folder, 'standalone.json');
  }

  /**
   * @throws HomeTakenError when a standalone that still runs works here: two would fight over one database.
   * @throws HomeError when nothing can be written here.
   */
  open(): { token: string } {
    try {
      return this.take();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (error instanceof HomeError || code === undefined) throw error;
      throw new HomeError(
        `Freshet cannot keep its data in ${this.folder} (${code}). Set FRESHET_HOME to a folder that it can write.`,
      );
    }
  }

  private take(): { token: string } {
    mkdirSync(this.folder, { recursive: true });
    const earlier = this.readConnection();
    if (earlier?.pid !== undefined && earlier.pid !== process.pid && isAlive(earlier.pid)) {
      throw new HomeTakenError(
        `Freshet already runs in ${this.folder} (process ${earlier.pid}, ${earlier.url}). Use that one, stop it, or set FRESHET_HOME to another folder.`,
      );
    }
    const token = earlier?.token ?? randomBytes(24).toString('base64url');
    // Marks the folder as taken before the slow part of the start.
    this.writeConnection({ url: earlier?.url ?? 'http://127.0.0.1:0', token, pid: process.pid });
    return { token };
  }

  writeConnection(connection: StandaloneConnection): void {
    writeFileSync(this.connectionFile, `${JSON.stringify(connection, null, 2)}\n`, { mode: 0o600 });
    chmodSync(this.connectionFile, 0o600);
  }

  /** Leaves the token, and says that nobody works here. */
  close(): void {
    const connection = this.readConnection();
    if (connection?.pid !== process.pid) return;
    const { pid: _gone, ...rest } = connection;
    this.writeConnection(rest);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private readConnection(): StandaloneConnection | null {
    try {
      const value = JSON.parse(readFileSync(this.connectionFile, 'utf8')) as Partial<StandaloneConnection>;
      return typeof value.url === 'string' && typeof value.token === 'string' ? (value as StandaloneConnection) : null;
    } catch {
      return null;
    }
  }
}
