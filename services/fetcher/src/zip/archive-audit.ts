import type { ArchiveLimits } from '@freshet/domain';
import type { CentralDirectory, DirectoryEntry } from './central-directory';
import { assertSafeName, isFolder } from './entry-name';
import { bomb, corrupt, emptyArchive, unsafeEntry, unsupported } from './failures';

const STORED = 0;
const DEFLATED = 8;

/** What one entry really gave. */
export interface EntryTally {
  readonly name: string;
  bytes: number;
  crc32: number;
}

/** The ratio is looked at from here on: small entries of repeated text compress as well as bombs do. */
const RATIO_FROM_BYTES = 1024 * 1024;

export function checkRatio(name: string, bytes: number, compressedBytes: number, limits: ArchiveLimits): void {
  if (bytes <= RATIO_FROM_BYTES || bytes <= compressedBytes * limits.maxRatio) return;
  throw bomb(`${name} unpacks to more than ${limits.maxRatio} times its size`, 'maxRatio', {
    entry: name,
    bytes,
    compressedBytes,
    maxRatio: limits.maxRatio,
  });
}

export function checkMethod(name: string, method: number, encrypted: boolean): void {
  if (encrypted) throw unsupported(`${name} is encrypted`, { entry: name });
  if (method !== STORED && method !== DEFLATED) {
    throw unsupported(`${name} is compressed with method ${method}`, { entry: name, method });
  }
}

export function checkEntryCount(count: number, limits: ArchiveLimits): void {
  if (count > limits.maxEntries) {
    throw bomb(`it has more than ${limits.maxEntries} entries`, 'maxEntries', {
      entries: count,
      maxEntries: limits.maxEntries,
    });
  }
}

export function checkUncompressed(bytes: number, limits: ArchiveLimits): void {
  if (bytes > limits.maxUncompressedBytes) {
    throw bomb(`it unpacks to more than ${limits.maxUncompressedBytes} bytes`, 'maxUncompressedBytes', {
      bytes,
      maxUncompressedBytes: limits.maxUncompressedBytes,
    });
  }
}

/** Everything a directory can be refused for, before the rest of the archive is unpacked. */
export function auditDirectory(directory: CentralDirectory, limits: ArchiveLimits): void {
  checkEntryCount(directory.entries.length, limits);
  const names = new Set<string>();
  for (const entry of directory.entries) {
    assertSafeName(entry.name);
    const key = entry.name.toLowerCase();
    if (names.has(key)) throw unsafeEntry(`two entries are named ${entry.name}`, { entry: entry.name });
    names.add(key);
    checkMethod(entry.name, entry.method, entry.encrypted);
    checkRatio(entry.name, entry.uncompressedBytes, entry.compressedBytes, limits);
  }
  checkUncompressed(
    directory.entries.reduce((sum, entry) => sum + entry.uncompressedBytes, 0),
    limits,
  );
  if (directory.entries.every((entry) => isFolder(entry.name))) throw emptyArchive();
}

/**
 * Compares what was unpacked with what the directory says: the unzip library checks none of it.
 * @throws FreshetError `archive_corrupt`
 */
export function auditContents(directory: CentralDirectory, tallies: readonly EntryTally[]): void {
  if (tallies.length !== directory.entries.length) {
    throw corrupt(`its directory has ${directory.entries.length} entries, ${tallies.length} were found`);
  }
  directory.entries.forEach((entry, index) => auditEntry(entry, tallies[index] as EntryTally));
}

function auditEntry(entry: DirectoryEntry, tally: EntryTally): void {
  const ascii = !/[^\x20-\x7e]/.test(entry.name);
  if (ascii && entry.name !== tally.name) {
    throw corrupt(`an entry is ${JSON.stringify(tally.name)} where its directory says ${JSON.stringify(entry.name)}`);
  }
  if (entry.uncompressedBytes !== tally.bytes) {
    throw corrupt(`${entry.name} has ${tally.bytes} bytes, its directory says ${entry.uncompressedBytes}`, {
      entry: entry.name,
      bytes: tally.bytes,
      expected: entry.uncompressedBytes,
    });
  }
  if (entry.crc32 !== tally.crc32) {
    throw corrupt(`${entry.name} does not have the checksum its directory says`, {
      entry: entry.name,
      crc32: hex(tally.crc32),
      expected: hex(entry.crc32),
    });
  }
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');
