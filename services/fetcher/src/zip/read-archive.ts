import { crc32 } from 'node:zlib';
import type { ArchiveLimits } from '@freshet/domain';
import {
  auditContents,
  auditDirectory,
  checkEntryCount,
  checkMethod,
  checkRatio,
  checkUncompressed,
  type EntryTally,
} from './archive-audit';
import { readCentralDirectory, type CentralDirectory } from './central-directory';
import { assertSafeName, isFolder } from './entry-name';
import { corrupt, tooLarge, unsafeEntry } from './failures';
import { TailWindow } from './tail-window';
import { createParser, parserFailure, type LocalHeader, type UnzipEntry, type UnzipParser } from './unzip-parser';
import { WaitingLine } from './waiting-line';

/** Held back until the end has been checked: room for about ten thousand directory entries. */
const TAIL_BYTES = 1024 * 1024;
/** Bytes that may be on their way inside the parser when an entry is handed over. */
const RATIO_SLACK_BYTES = 128 * 1024;

export interface ArchiveEntry {
  readonly name: string;
  readonly folder: boolean;
  /** Can be read once; what is left unread when the next entry is asked for is read and checked without being given out. */
  readonly content: AsyncIterable<Buffer>;
}

export interface ReadArchiveOptions {
  readonly limits: ArchiveLimits;
  /** How long the unzip library may hold bytes without giving any out, in milliseconds. */
  readonly watchdogMs?: number;
}

/**
 * Reads a zip archive as a stream, entry after entry, through unzip-stream and a guard that catches what it does not:
 * a cut anywhere (on a cut directory the library loops for ever, so it is never given the directory at all, and its end only
 * after the directory was found whole), wrong checksums and sizes, bombs, unsafe and duplicate names, unsupported methods,
 * trailing bytes, entries the directory does not know. Memory is bounded, nothing is written to disk, and the body is read
 * only as fast as entries are.
 *
 * Contents are verified only when the generator has ended: until then whatever was made of them is provisional.
 *
 * @param body the archive; whoever opened it must be able to end it (abort), since this may be waiting for its next piece
 * @throws FreshetError `archive_*`, `payload_too_large`, and whatever `body` throws
 */
export function readArchive(body: AsyncIterable<Buffer>, options: ReadArchiveOptions): AsyncGenerator<ArchiveEntry> {
  return new ArchiveReader(body, options).entries();
}

interface Arrival {
  readonly entry: UnzipEntry;
  readonly header: LocalHeader;
  /** Bytes the parser had been given when the entry appeared. */
  readonly from: number;
}

class ArchiveReader {
  private readonly parser: UnzipParser;
  private readonly arrivals = new WaitingLine<Arrival>();
  private readonly tallies: EntryTally[] = [];
  private readonly names = new Set<string>();
  private readonly limits: ArchiveLimits;
  private directory: CentralDirectory | null = null;
  private current: UnzipEntry | null = null;
  private currentName = 'the first entry';
  private failure: unknown;
  private given = 0;
  private unpacked = 0;
  private rejectGive: ((error: unknown) => void) | null = null;
  /** For the watchdog: whether each side waits for the parser, and since when nothing moved. */
  private giving = false;
  private taking = false;
  private movedAt = performance.now();

  constructor(
    private readonly body: AsyncIterable<Buffer>,
    private readonly options: ReadArchiveOptions,
  ) {
    this.limits = options.limits;
    this.parser = createParser((entry, header) => {
      this.movedAt = performance.now();
      this.arrivals.push({ entry, header, from: this.given });
    });
    this.parser.on('error', (error: Error) => this.fail(parserFailure(error, this.currentName)));
    this.parser.on('end', () => this.arrivals.close());
  }

  async *entries(): AsyncGenerator<ArchiveEntry> {
    const watchdog = this.watch(this.options.watchdogMs ?? 30_000);
    const feeding = this.feed().catch((error: unknown) => this.fail(error));
    try {
      for (let arrival = await this.arrive(); arrival; arrival = await this.arrive()) yield* this.entry(arrival);
      await feeding;
      if (this.failure !== undefined) throw this.failure;
      auditContents(this.directory as CentralDirectory, this.tallies);
    } finally {
      clearInterval(watchdog);
      this.fail(corrupt('reading it was given up'));
    }
  }

  private async arrive(): Promise<Arrival | undefined> {
    this.taking = true;
    try {
      return await this.arrivals.next();
    } finally {
      this.taking = false;
    }
  }

  private async *entry({ entry, header, from }: Arrival): AsyncGenerator<ArchiveEntry> {
    const name = entry.path;
    this.current = entry;
    this.currentName = name;
    checkEntryCount(this.tallies.length + 1, this.limits);
    assertSafeName(name);
    if (this.names.has(name.toLowerCase())) throw unsafeEntry(`two entries are named ${name}`, { entry: name });
    this.names.add(name.toLowerCase());
    checkMethod(name, header.method, header.encrypted);
    const tally: EntryTally = { name, bytes: 0, crc32: 0 };
    this.tallies.push(tally);
    const content = this.content(entry, tally, from);
    if (!isFolder(name)) yield { name, folder: false, content };
    else yield { name, folder: true, content: nothing() };
    for await (const piece of content) void piece;
    this.current = null;
  }

  private async *content(entry: UnzipEntry, tally: EntryTally, from: number): AsyncGenerator<Buffer> {
    const pieces = entry[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    for (;;) {
      this.taking = true;
      const next = await pieces.next().finally(() => (this.taking = false));
      if (this.failure !== undefined) throw this.failure;
      if (next.done === true) return;
      this.movedAt = performance.now();
      tally.bytes += next.value.length;
      tally.crc32 = crc32(next.value, tally.crc32);
      this.unpacked += next.value.length;
      checkUncompressed(this.unpacked, this.limits);
      checkRatio(tally.name, tally.bytes, this.given - from + RATIO_SLACK_BYTES, this.limits);
      yield next.value;
    }
  }

  /** Gives the parser everything up to the directory, and its end only after the directory was found whole. */
  private async feed(): Promise<void> {
    const window = new TailWindow(TAIL_BYTES);
    let received = 0;
    for await (const piece of this.body) {
      if (this.failure !== undefined) return;
      received += piece.length;
      if (received > this.limits.maxCompressedBytes) throw tooLarge(received, this.limits.maxCompressedBytes);
      for (const released of window.push(piece)) await this.give(released);
    }
    const tail = window.take();
    this.directory = readCentralDirectory(tail, received);
    auditDirectory(this.directory, this.limits);
    const rest = this.directory.offset - (received - tail.length);
    if (rest > 0) await this.give(tail.subarray(0, rest));
    if (this.failure !== undefined) return;
    this.giving = true;
    this.parser.end();
  }

  private give(piece: Buffer): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.given += piece.length;
    this.giving = true;
    return new Promise<void>((resolve, reject) => {
      this.rejectGive = reject;
      this.parser.write(piece, (error) => {
        this.giving = false;
        this.movedAt = performance.now();
        if (error) reject(error);
        else resolve();
      });
    });
  }

  private watch(limitMs: number): NodeJS.Timeout {
    const timer = setInterval(() => {
      const stuck = this.giving && this.taking && performance.now() - this.movedAt > limitMs;
      if (stuck) this.fail(corrupt(`the unzip library made nothing of ${this.currentName} for ${limitMs} ms`));
    }, limitMs / 4);
    return timer.unref();
  }

  /** The first failure wins; everything that waits is woken with it. */
  private fail(failure: unknown): void {
    if (this.failure !== undefined) return;
    this.failure = failure;
    this.arrivals.fail(failure);
    this.rejectGive?.(failure);
    this.current?.destroy(failure as Error);
    this.parser.destroy();
  }
}

async function* nothing(): AsyncGenerator<Buffer> {
  yield* [];
}
