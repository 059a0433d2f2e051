/**
 * A zip as the publisher's exporter lays it out: the folder's entry first (stored, empty, old date), then members deflated,
 * sizes and checksum in the local header, no extra fields, no data descriptors, no zip64, made by "MS-DOS".
 * The archive is never assembled: it is a list of segments, buffers and slices of files, so that any range can be read and a
 * nightly rebuild (same data, new times) costs nothing.
 */
import { open } from 'node:fs/promises';
import type { DeflatedMember } from './deflated-member';

export type Segment = Buffer | { readonly path: string; readonly start: number; readonly length: number };

export interface VirtualFile {
  readonly segments: readonly Segment[];
  readonly length: number;
}

export interface ZipEntry {
  readonly name: string;
  readonly modified: CivilTime;
  readonly directory?: boolean;
  readonly member?: DeflatedMember;
  /** For faults. */
  readonly flags?: number;
  readonly crc?: number;
  /** Written instead of the member's file. */
  readonly data?: Segment;
}

export interface CivilTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const dosTime = (at: CivilTime): number => (at.hour << 11) | (at.minute << 5) | (at.second >> 1);
const dosDate = (at: CivilTime): number => ((at.year - 1980) << 9) | (at.month << 5) | at.day;
const lengthOf = (segment: Segment): number => segment.length;

export const virtualFile = (segments: readonly Segment[]): VirtualFile => {
  const kept = segments.filter((segment) => segment.length > 0);
  return { segments: kept, length: kept.reduce((sum, segment) => sum + lengthOf(segment), 0) };
};

export function zipOf(entries: readonly ZipEntry[]): VirtualFile {
  const segments: Segment[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name, 'latin1');
    const data: Segment =
      entry.data ??
      (entry.member ? { path: entry.member.path, start: 0, length: entry.member.compressedBytes } : Buffer.alloc(0));
    const common = Buffer.alloc(26);
    common.writeUInt16LE(entry.directory ? 10 : 20, 0);
    common.writeUInt16LE(entry.flags ?? 0, 2);
    common.writeUInt16LE(entry.directory ? 0 : 8, 4);
    common.writeUInt16LE(dosTime(entry.modified), 6);
    common.writeUInt16LE(dosDate(entry.modified), 8);
    common.writeUInt32LE(entry.crc ?? entry.member?.crc ?? 0, 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(entry.member?.bytes ?? 0, 18);
    common.writeUInt16LE(name.length, 22);

    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, name]);
    segments.push(local, data);

    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(entry.directory ? 0x10 : 0x20, 6);
    tail.writeUInt32LE(offset, 10);
    const madeBy = Buffer.from([entry.directory ? 10 : 20, 0]);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), madeBy, common, tail, name]));
    offset += local.length + data.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return virtualFile([...segments, central, end]);
}

/** The first `length` bytes. */
export function cut(file: VirtualFile, length: number): VirtualFile {
  const segments: Segment[] = [];
  let left = Math.max(0, Math.min(length, file.length));
  for (const segment of file.segments) {
    if (left === 0) break;
    const take = Math.min(left, segment.length);
    segments.push(Buffer.isBuffer(segment) ? segment.subarray(0, take) : { ...segment, length: take });
    left -= take;
  }
  return virtualFile(segments);
}

/** Bytes `start` to `end` (excluded), in pieces of at most `pieceBytes`. */
export async function* readRange(
  file: VirtualFile,
  start: number,
  end: number,
  pieceBytes = 64 * 1024,
): AsyncGenerator<Buffer> {
  let position = 0;
  for (const segment of file.segments) {
    const from = Math.max(0, start - position);
    const to = Math.min(segment.length, end - position);
    position += segment.length;
    if (from >= to) continue;
    if (Buffer.isBuffer(segment)) {
      yield segment.subarray(from, to);
      continue;
    }
    const handle = await open(segment.path, 'r');
    try {
      for (let at = from; at < to;) {
        const piece = Buffer.allocUnsafe(Math.min(pieceBytes, to - at));
        const { bytesRead } = await handle.read(piece, 0, piece.length, segment.start + at);
        if (bytesRead === 0) throw new Error(`${segment.path} is shorter than expected`);
        at += bytesRead;
        yield piece.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  }
}
