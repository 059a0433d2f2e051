/**
 * A cutter turns the bytes of one resource into self-contained chunks, cut on record boundaries and from the bytes alone:
 * the same bytes give the same chunks however the network delivered them. That is what makes a chunk index an identity
 * that two attempts, and two replicas, agree on.
 *
 * Called in this order: `push` for every piece, `end` once, then `totals`. Each yielded chunk owns its bytes. A cutter is for one body;
 * where a resource comes in several (pages), each has one of its own, told which chunk it begins with.
 */
export interface Cutter {
  /** @throws FreshetError `record_too_large`, with offsets. */
  push(piece: Buffer): Iterable<CutChunk>;
  /** @throws FreshetError `unclosed_quote` or `payload_incomplete`, with offsets. */
  end(): Iterable<CutChunk>;
  totals(): CutTotals;
}

export interface CutChunk {
  /** From 0 in its resource. */
  readonly index: number;
  /** Raw records, line ends included; the header record is not among them. */
  readonly body: Buffer;
  readonly records: number;
  /** `checksumOf` the body. */
  readonly checksum: string;
  /** Published column names, decoded, or the keys that records of the chunk have; empty where the format has no header. */
  readonly header: readonly string[];
}

export interface CutTotals {
  readonly chunks: number;
  readonly records: number;
  /** Bytes of all chunk bodies. */
  readonly bytes: number;
  /** SHA-256 (hex) of everything pushed, header included. */
  readonly sha256: string;
  readonly header: readonly string[];
}

export interface CutOptions {
  /** A chunk is closed by the record with which it reaches this size. */
  readonly chunkBytes: number;
  readonly maxRecordBytes: number;
  /** For messages. */
  readonly resource: string;
}
