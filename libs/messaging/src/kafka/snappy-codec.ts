import { compressSync, uncompressSync } from 'snappy';

/**
 * Kafka's snappy is not plain snappy: the Java client wraps blocks in the framing of xerial/snappy-java. Header: 8 bytes of
 * magic, version and lowest compatible version (4 bytes each); then blocks, each after its length (all big endian).
 * Some clients write plain snappy, so both are read; framing is written, because every client reads it.
 *
 * The output is copied into memory of Node's own, and nothing runs on other threads: the package's allocator keeps what
 * crosses threads, or waits for the garbage collector, for good. Measured with 512 KiB messages: 110 MiB resident instead
 * of 350 to 600, for 5 ms a MiB to compress and 1.5 ms to uncompress.
 */
const COPIED = { copyOutputData: true } as const;
const MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const HEADER = Buffer.concat([MAGIC, Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])]);
const LENGTH_BYTES = 4;

export function snappyCompress(data: Buffer): Buffer {
  const block = compressSync(data, COPIED);
  const length = Buffer.allocUnsafe(LENGTH_BYTES);
  length.writeUInt32BE(block.length);
  return Buffer.concat([HEADER, length, block]);
}

/** @throws Error when the data is neither. */
export function snappyUncompress(data: Buffer): Buffer {
  if (!data.subarray(0, MAGIC.length).equals(MAGIC)) return uncompressBlock(data);
  const blocks: Buffer[] = [];
  for (let at = HEADER.length; at < data.length;) {
    if (at + LENGTH_BYTES > data.length) throw new Error('snappy data ends inside a block length');
    const start = at + LENGTH_BYTES;
    at = start + data.readUInt32BE(at);
    if (at > data.length) throw new Error('snappy data ends inside a block');
    blocks.push(uncompressBlock(data.subarray(start, at)));
  }
  const [only] = blocks;
  return blocks.length === 1 && only ? only : Buffer.concat(blocks);
}

const uncompressBlock = (block: Buffer): Buffer => uncompressSync(block, { ...COPIED, asBuffer: true }) as Buffer;
