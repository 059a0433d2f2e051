import { corrupt, truncated, unsupported } from './failures';

/** Signatures and layouts: PKWARE APPNOTE 6.3.10, sections 4.3.12 to 4.3.16 and 4.5.3. */
const SIGNATURE = { entry: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 };
const END_BYTES = 22;
const LOCATOR64_BYTES = 20;
const END64_BYTES = 56;
const ENTRY_BYTES = 46;
const ZIP64_EXTRA = 0x0001;
const UNKNOWN_16 = 0xffff;
const UNKNOWN_32 = 0xffffffff;

const FLAG_ENCRYPTED = 0x0001;
const FLAG_DATA_DESCRIPTOR = 0x0008;
const FLAG_STRONG_ENCRYPTION = 0x0040;
const FLAG_UTF8 = 0x0800;

export interface DirectoryEntry {
  readonly name: string;
  readonly crc32: number;
  readonly compressedBytes: number;
  readonly uncompressedBytes: number;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly dataDescriptor: boolean;
  readonly headerOffset: number;
}

export interface CentralDirectory {
  /** In the order of the local headers. */
  readonly entries: readonly DirectoryEntry[];
  /** Offset of the directory in the archive: everything before it is entries. */
  readonly offset: number;
}

/**
 * Reads the central directory from the last bytes of an archive and checks that it is complete, ends where the archive
 * ends and begins where its entries end.
 *
 * @param tail the last bytes of the archive, all of it if it is smaller
 * @param archiveBytes size of the whole archive
 * @throws FreshetError `archive_truncated`, `archive_corrupt`, `archive_unsupported`
 */
export function readCentralDirectory(tail: Buffer, archiveBytes: number): CentralDirectory {
  const tailStart = archiveBytes - tail.length;
  const endAt = findEnd(tail);
  const end = readEnd(tail, endAt, tailStart);
  if (end.offset + end.bytes !== end.startsAt + tailStart) {
    throw corrupt('its directory is not where its end record says', { offset: end.offset, bytes: end.bytes });
  }
  if (end.offset < tailStart) {
    throw unsupported(`its directory has ${end.bytes} bytes, more than the ${tail.length} that are looked at`, {
      bytes: end.bytes,
    });
  }
  const entries = readEntries(tail.subarray(end.offset - tailStart, end.startsAt));
  if (entries.length !== end.count) {
    throw corrupt(`its end record counts ${end.count} entries, its directory has ${entries.length}`);
  }
  entries.sort((a, b) => a.headerOffset - b.headerOffset);
  return { entries, offset: end.offset };
}

/** Position of the end record: the one whose comment reaches exactly to the end of the archive. */
function findEnd(tail: Buffer): number {
  const first = Math.max(0, tail.length - END_BYTES - UNKNOWN_16);
  let problem: 'missing' | { after: number } | { missing: number } = 'missing';
  for (let at = tail.length - END_BYTES; at >= first; at -= 1) {
    if (tail[at] !== 0x50 || tail.readUInt32LE(at) !== SIGNATURE.end) continue;
    const after = tail.length - at - END_BYTES - tail.readUInt16LE(at + 20);
    if (after === 0) return at;
    if (problem === 'missing') problem = after > 0 ? { after } : { missing: -after };
  }
  if (problem === 'missing') throw truncated('its end record is missing');
  if ('missing' in problem) throw truncated(`${problem.missing} bytes of its comment are missing`);
  throw corrupt(`${problem.after} bytes follow its end`, { trailingBytes: problem.after });
}

interface End {
  readonly count: number;
  readonly bytes: number;
  readonly offset: number;
  /** Where the end records start, in the tail: the directory must end there. */
  readonly startsAt: number;
}

function readEnd(tail: Buffer, at: number, tailStart: number): End {
  const end = {
    count: tail.readUInt16LE(at + 10),
    bytes: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
    startsAt: at,
  };
  const disk = tail.readUInt16LE(at + 4);
  const needs64 = end.count === UNKNOWN_16 || end.bytes === UNKNOWN_32 || end.offset === UNKNOWN_32;
  const locatorAt = at - LOCATOR64_BYTES;
  const has64 = locatorAt >= 0 && tail.readUInt32LE(locatorAt) === SIGNATURE.locator64;
  if (!has64) {
    if (needs64) throw corrupt('its zip64 end record is missing');
    if (disk !== 0) throw unsupported('it is one part of several');
    return end;
  }
  const at64 = number64(tail, locatorAt + 8) - tailStart;
  if (at64 < 0 || at64 + END64_BYTES > locatorAt || tail.readUInt32LE(at64) !== SIGNATURE.end64) {
    throw corrupt('its zip64 end record is not where its locator says');
  }
  return {
    count: number64(tail, at64 + 32),
    bytes: number64(tail, at64 + 40),
    offset: number64(tail, at64 + 48),
    startsAt: at64,
  };
}

function readEntries(directory: Buffer): DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  let at = 0;
  while (at < directory.length) {
    if (at + ENTRY_BYTES > directory.length || directory.readUInt32LE(at) !== SIGNATURE.entry) {
      throw corrupt(`entry ${entries.length + 1} of its directory cannot be read`);
    }
    const nameBytes = directory.readUInt16LE(at + 28);
    const extraBytes = directory.readUInt16LE(at + 30);
    const next = at + ENTRY_BYTES + nameBytes + extraBytes + directory.readUInt16LE(at + 32);
    if (next > directory.length) throw corrupt(`entry ${entries.length + 1} of its directory is cut off`);
    const nameEnd = at + ENTRY_BYTES + nameBytes;
    entries.push(readEntry(directory, at, nameEnd, directory.subarray(nameEnd, nameEnd + extraBytes)));
    at = next;
  }
  return entries;
}

function readEntry(directory: Buffer, at: number, nameEnd: number, extra: Buffer): DirectoryEntry {
  const flags = directory.readUInt16LE(at + 8);
  const name = directory.subarray(at + ENTRY_BYTES, nameEnd);
  const sizes = {
    uncompressedBytes: directory.readUInt32LE(at + 24),
    compressedBytes: directory.readUInt32LE(at + 20),
    headerOffset: directory.readUInt32LE(at + 42),
  };
  return {
    name: name.toString((flags & FLAG_UTF8) !== 0 ? 'utf8' : 'latin1'),
    crc32: directory.readUInt32LE(at + 16),
    method: directory.readUInt16LE(at + 10),
    encrypted: (flags & (FLAG_ENCRYPTED | FLAG_STRONG_ENCRYPTION)) !== 0,
    dataDescriptor: (flags & FLAG_DATA_DESCRIPTOR) !== 0,
    ...withZip64(sizes, extra),
  };
}

type Sizes = Pick<DirectoryEntry, 'uncompressedBytes' | 'compressedBytes' | 'headerOffset'>;

/** The zip64 extra field holds, in this order, just those values that are all ones in the entry itself. */
function withZip64(sizes: Sizes, extra: Buffer): Sizes {
  const result: { -readonly [K in keyof Sizes]: number } = { ...sizes };
  let at = 0;
  while (at + 4 <= extra.length) {
    const bytes = extra.readUInt16LE(at + 2);
    const field = extra.subarray(at + 4, at + 4 + bytes);
    if (extra.readUInt16LE(at) === ZIP64_EXTRA) {
      let value = 0;
      for (const key of ['uncompressedBytes', 'compressedBytes', 'headerOffset'] as const) {
        if (sizes[key] !== UNKNOWN_32) continue;
        if (value + 8 > field.length) throw corrupt('a zip64 field of its directory is cut off');
        result[key] = number64(field, value);
        value += 8;
      }
    }
    at += 4 + bytes;
  }
  return result;
}

function number64(buffer: Buffer, at: number): number {
  const value = buffer.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw corrupt('a size in its directory is absurd');
  return Number(value);
}
