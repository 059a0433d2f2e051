import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '@freshet/runtime/process';
import type { ByteSink } from './pickle-frames';

const BUFFER_BYTES = 1 << 20;
/** A virus scanner or an open file on Windows holds a name for a moment: EPERM, EBUSY or EACCES then pass by themselves. */
const RENAME_TRIES = 8;
const RENAME_FIRST_WAIT_MS = 50;
const BUSY: ReadonlySet<string> = new Set(['EPERM', 'EBUSY', 'EACCES']);
/** A part-file of another process that nobody has written to for so long belongs to a process that is gone. */
const ABANDONED_AFTER_MS = 60 * 60 * 1000;

export interface PartFileOptions {
  /** Ends the names of part-files. */
  readonly suffix: string;
  /** Replaced by tests. */
  readonly rename?: (from: string, to: string) => Promise<void>;
  readonly wait?: (ms: number) => Promise<unknown>;
}

/** What was written. */
export interface FileSummary {
  readonly bytes: number;
  readonly sha256: string;
}

/** A file that appears under its name only when it is complete and on disk. */
export class PartFile implements ByteSink {
  private readonly hash = createHash('sha256');
  private readonly buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  private used = 0;
  private bytes = 0;

  private constructor(
    private readonly handle: FileHandle,
    private readonly part: string,
    private readonly target: string,
    private readonly options: PartFileOptions,
  ) {}

  /** Makes the folder where needed, and opens a part-file beside the target. */
  static async create(target: string, options: PartFileOptions): Promise<PartFile> {
    await mkdir(dirname(target), { recursive: true });
    const part = join(dirname(target), partName(basename(target), options.suffix));
    return new PartFile(await open(part, 'wx'), part, target, options);
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.used + bytes.length > this.buffer.length) await this.drain();
    if (bytes.length >= this.buffer.length) {
      await this.toDisk(bytes);
    } else {
      this.buffer.set(bytes, this.used);
      this.used += bytes.length;
    }
  }

  /** Flushes to disk, then renames over the target. */
  async commit(): Promise<FileSummary> {
    await this.drain();
    await this.handle.sync();
    await this.handle.close();
    await renameWithRetry(this.part, this.target, this.options);
    await syncFolder(dirname(this.target));
    return { bytes: this.bytes, sha256: this.hash.digest('hex') };
  }

  /** Removes the part-file; what stood under the target's name stays. */
  async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    await rm(this.part, { force: true });
  }

  private async drain(): Promise<void> {
    if (this.used > 0) await this.toDisk(this.buffer.subarray(0, this.used));
    this.used = 0;
  }

  private async toDisk(bytes: Uint8Array): Promise<void> {
    this.hash.update(bytes);
    for (let at = 0; at < bytes.length;) at += (await this.handle.write(bytes, at)).bytesWritten;
    this.bytes += bytes.length;
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

async function renameWithRetry(from: string, to: string, options: PartFileOptions): Promise<void> {
  const wait = options.wait ?? sleep;
  for (let tried = 1; ; tried++) {
    try {
      await (options.rename ?? rename)(from, to);
      return;
    } catch (error) {
      if (tried === RENAME_TRIES || !BUSY.has(codeOf(error))) throw error;
      await wait(RENAME_FIRST_WAIT_MS * 2 ** (tried - 1));
    }
  }
}

/** Makes the new name itself durable. Windows does not open folders, and needs none of it. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** Host and process, so that a part-file can be told to be abandoned. Dots separate, so the host has none. */
const owner = (): string => `${hostname().replace(/[^A-Za-z0-9-]/g, '_')}.${process.pid}`;

const partName = (target: string, suffix: string): string =>
  `.${target}.${owner()}.${randomBytes(4).toString('hex')}${suffix}`;

/**
 * Removes what killed processes left in a folder and returns how many files that were. A part-file that a living process is
 * writing, here or on another host that shares the folder, is left alone, also when the clock of a host is wrong.
 */
export async function removePartFiles(folder: string, suffix: string): Promise<number> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const [ownHost] = owner().split('.');
  let now: number | undefined;
  let removed = 0;
  for (const name of names.filter((name) => name.endsWith(suffix))) {
    const path = join(folder, name);
    const [host, pid] = name.slice(0, -suffix.length).split('.').slice(-3);
    const abandoned =
      host === ownHost
        ? Number(pid) !== process.pid && !isAlive(Number(pid))
        : await isOld(path, (now ??= await fileSystemTime(folder, suffix)));
    if (!abandoned) continue;
    await rm(path, { force: true });
    removed++;
  }
  return removed;
}

async function isOld(path: string, now: number): Promise<boolean> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }));
  return now - mtimeMs > ABANDONED_AFTER_MS;
}

/**
 * Milliseconds on the clock that stamps the files of a folder, which on a shared folder is that of its server: the time of a file
 * just created. The clock of this host may differ from it by any amount. Where no file can be created, nothing is old.
 */
async function fileSystemTime(folder: string, suffix: string): Promise<number> {
  const probe = join(folder, partName('clock', suffix));
  try {
    const handle = await open(probe, 'wx');
    try {
      return (await handle.stat()).mtimeMs;
    } finally {
      await handle.close();
    }
  } catch {
    return -Infinity;
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}
