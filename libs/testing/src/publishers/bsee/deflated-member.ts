import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createDeflateRaw } from 'node:zlib';
import type { MemberRequest } from './member-bytes';
import { headerOf, memberBytes } from './member-bytes';

/** A member, compressed into a file, with everything an archive's headers need. */
export interface DeflatedMember {
  readonly name: string;
  readonly path: string;
  readonly compressedBytes: number;
  readonly bytes: number;
  readonly crc: number;
  /** SHA-256 (hex) of the uncompressed member. */
  readonly sha256: string;
  /** The header not counted. */
  readonly records: number;
  readonly header: readonly string[];
}

/** Generates and compresses one member in bounded memory. */
export async function deflateMember(request: MemberRequest, path: string, level: number): Promise<DeflatedMember> {
  const hash = createHash('sha256');
  const seen = { bytes: 0, crc: 0, records: 0, compressedBytes: 0 };
  const blocks = function* (): Generator<Buffer> {
    for (const block of memberBytes(request)) {
      hash.update(block.bytes);
      seen.crc = crc32(block.bytes, seen.crc);
      seen.bytes += block.bytes.length;
      seen.records += block.records;
      yield block.bytes;
    }
  };
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen.compressedBytes += chunk.length;
      done(null, chunk);
    },
  });
  await pipeline(
    Readable.from(blocks(), { objectMode: true, highWaterMark: 2 }),
    createDeflateRaw({ level, chunkSize: 128 * 1024 }),
    count,
    createWriteStream(path),
  );
  return { name: request.spec.name, path, ...seen, sha256: hash.digest('hex'), header: headerOf(request) };
}
