import { crc32, deflateRawSync } from 'node:zlib';

export interface HandMadeEntry {
  readonly name: string;
  readonly content?: Buffer | string;
  readonly method?: number;
  readonly flags?: number;
  /** Lies, each overriding what is true. */
  readonly crc32?: number;
  readonly uncompressedBytes?: number;
  readonly directoryName?: string;
  /** Leaves the entry out of the directory. */
  readonly hidden?: boolean;
  /** Compressed bytes as they stand in the archive. */
  readonly raw?: Buffer;
  readonly versionNeeded?: number;
  /** Extra field of the local header. */
  readonly extra?: Buffer;
}

/** An archive made by hand, byte for byte, so that it can be wrong in any way (APPNOTE 6.3.10). */
export function handMadeZip(entries: readonly HandMadeEntry[], comment = ''): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? '');
    const method = entry.method ?? 8;
    const data = entry.raw ?? (method === 0 ? content : deflateRawSync(content));
    const flags = entry.flags ?? 0;
    const sums = [entry.crc32 ?? crc32(content), data.length, entry.uncompressedBytes ?? content.length] as const;
    const described = (flags & 0x08) !== 0;
    const extra = entry.extra ?? Buffer.alloc(0);
    const local = fields(30, entry.name, (header) => {
      header.writeUInt16LE(extra.length, 28);
      header.writeUInt32LE(0x04034b50, 0);
      common(header, 4, entry, flags, method, described ? [0, 0, 0] : sums);
      header.writeUInt16LE(Buffer.byteLength(entry.name), 26);
    });
    const descriptor = Buffer.alloc(described ? 16 : 0);
    if (described) [0x08074b50, ...sums].forEach((value, index) => descriptor.writeUInt32LE(value, index * 4));
    const at = offset;
    bodies.push(local, extra, data, descriptor);
    offset += local.length + extra.length + data.length + descriptor.length;
    if (entry.hidden) continue;
    const name = entry.directoryName ?? entry.name;
    directory.push(
      fields(46, name, (header) => {
        header.writeUInt32LE(0x02014b50, 0);
        header.writeUInt16LE(20, 4);
        common(header, 6, entry, flags, method, sums);
        header.writeUInt16LE(Buffer.byteLength(name), 28);
        header.writeUInt32LE(at, 42);
      }),
    );
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...bodies, ...directory, end, Buffer.from(comment, 'latin1')]);
}

function fields(bytes: number, name: string, fill: (header: Buffer) => void): Buffer {
  const header = Buffer.alloc(bytes);
  fill(header);
  return Buffer.concat([header, Buffer.from(name)]);
}

function common(
  header: Buffer,
  at: number,
  entry: HandMadeEntry,
  flags: number,
  method: number,
  [crc, compressed, uncompressed]: readonly [number, number, number],
): void {
  header.writeUInt16LE(entry.versionNeeded ?? 20, at);
  header.writeUInt16LE(flags, at + 2);
  header.writeUInt16LE(method, at + 4);
  header.writeUInt32LE(crc, at + 10);
  header.writeUInt32LE(compressed, at + 14);
  header.writeUInt32LE(uncompressed, at + 18);
}

/** `bytes` in pieces of `size`, as a network would deliver them. */
export async function* inPieces(bytes: Buffer, size = 4096): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
