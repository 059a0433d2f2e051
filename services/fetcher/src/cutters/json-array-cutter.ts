import { createHash } from 'node:crypto';
import { checksumOf } from '@freshet/contracts';
import { FreshetError } from '@freshet/domain';
import type { CutChunk, CutOptions, CutTotals, Cutter } from './cutter';
import { scanKeys, stringAt, textBetween, toOneLine } from './json-record';
import { BETWEEN, ENVELOPE, JsonScanner, RECORD } from './json-scanner';

export interface JsonCutOptions extends CutOptions {
  /** Keys that lead to the array; none where the document is the array. */
  readonly path: readonly string[];
  /** Columns of the definition, in order. */
  readonly columns: readonly string[];
  /** The column that is the whole record; it is in every header, and no key of the publisher. */
  readonly record: string | null;
  /** Index of the first chunk, for a document that goes on where another ended. */
  readonly firstChunk?: number;
  /** A key whose different values are counted, where they are texts. */
  readonly tally?: string;
  /** For all that stands around the array. */
  readonly maxEnvelopeBytes?: number;
}

const NEWLINE = Buffer.from('\n');
const MAX_ENVELOPE_BYTES = 256 * 1024;
/** A table cannot hold as many columns: the parser says so. Values of a facet are far fewer. */
const MAX_NAMES = 2_000;

/**
 * Cuts the elements of one array of a JSON document, one a line, as they were received: nothing is parsed, so no digit of a
 * number can be lost. Line breaks between the values of a record become blanks. A chunk's header has the columns of the
 * definition that at least one of its records has as a key, in the definition's order, then the keys nobody declared, as they came.
 *
 * What stands around the array is kept as the envelope, with an empty array in its place.
 */
export class JsonArrayCutter implements Cutter {
  private readonly scanner: JsonScanner;
  private readonly hash = createHash('sha256');
  private record: Buffer[] = [];
  private recordBytes = 0;
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private records = 0;
  private around: Buffer[] = [];
  private aroundBytes = 0;
  private received = 0;
  private recordOffset = 0;
  /** Keys of the chunk being filled, and of all chunks, by their bytes: decoding the same few names for every record costs most. */
  private names = new Map<string, string>();
  private chunkKeys = new Set<string>();
  private readonly allKeys = new Set<string>();
  private readonly counted = new Map<string, number>();
  private readonly total = { chunks: 0, records: 0, bytes: 0 };

  constructor(private readonly options: JsonCutOptions) {
    this.scanner = new JsonScanner(options.path);
  }

  /** @throws FreshetError `record_too_large`; `payload_too_large` for the envelope. */
  *push(piece: Buffer): Generator<CutChunk> {
    this.hash.update(piece);
    for (let from = 0; from < piece.length;) {
      const { region } = this.scanner;
      const to = this.scanner.scan(piece, from);
      if (region === ENVELOPE) this.keepAround(piece.subarray(from, to));
      if (region === RECORD) {
        this.keepRecord(piece.subarray(from, to));
        if (this.scanner.region === BETWEEN) yield* this.finishRecord();
      } else if (this.scanner.region === RECORD) this.recordOffset = this.received + to;
      from = to;
    }
    this.received += piece.length;
  }

  /** @throws FreshetError `payload_incomplete` when the document ends in its middle. */
  *end(): Generator<CutChunk> {
    if (!this.scanner.complete) throw this.incomplete();
    if (this.records > 0) yield this.close();
  }

  totals(): CutTotals {
    return { ...this.total, sha256: this.hash.copy().digest('hex'), header: this.headerOf(this.allKeys) };
  }

  /** Whether there was an array at the path. */
  get found(): boolean {
    return this.scanner.found;
  }

  /** JSON text of all but the records. */
  envelope(): string {
    return Buffer.concat(this.around, this.aroundBytes)
      .toString('utf8')
      .replace(/^\ufeff/, '');
  }

  /** How many records have which value of the key that is tallied. */
  tally(): ReadonlyMap<string, number> {
    return this.counted;
  }

  private keepAround(bytes: Buffer): void {
    this.aroundBytes += bytes.length;
    const limit = this.options.maxEnvelopeBytes ?? MAX_ENVELOPE_BYTES;
    if (this.aroundBytes > limit) throw envelopeTooLarge(this.options.resource, limit);
    // Copied: a piece may be a view of far more than these few bytes.
    this.around.push(Buffer.from(bytes));
  }

  private keepRecord(bytes: Buffer): void {
    this.recordBytes += bytes.length;
    if (this.recordBytes > this.options.maxRecordBytes) throw this.tooLarge();
    this.record.push(bytes);
  }

  private *finishRecord(): Generator<CutChunk> {
    const record = Buffer.concat(this.record, this.recordBytes);
    this.record = [];
    this.recordBytes = 0;
    toOneLine(record);
    this.look(record);
    this.pending.push(record, NEWLINE);
    this.pendingBytes += record.length + 1;
    this.records += 1;
    if (this.pendingBytes >= this.options.chunkBytes) yield this.close();
  }

  /** Notes the keys of a record, and the value that is tallied. */
  private look(record: Buffer): void {
    scanKeys(record, (start, end, value) => {
      const raw = record.toString('latin1', start, end);
      let name = this.names.get(raw);
      if (name === undefined) {
        name = textBetween(record, start, end);
        if (this.names.size < MAX_NAMES) this.names.set(raw, name);
      }
      if (this.chunkKeys.size < MAX_NAMES) this.chunkKeys.add(name);
      if (name === this.options.tally) this.count(stringAt(record, value));
    });
  }

  private count(value: string | null): void {
    if (value === null) return;
    const before = this.counted.get(value);
    if (before !== undefined || this.counted.size < MAX_NAMES) this.counted.set(value, (before ?? 0) + 1);
  }

  private headerOf(keys: ReadonlySet<string>): readonly string[] {
    if (keys.size === 0 && this.total.records === 0) return [];
    const { columns, record } = this.options;
    const declared = columns.filter((name) => name === record || keys.has(name));
    const known = new Set([...columns, record]);
    return [...declared, ...[...keys].filter((name) => !known.has(name))];
  }

  private close(): CutChunk {
    const body = Buffer.concat(this.pending, this.pendingBytes);
    this.total.records += this.records;
    const chunk: CutChunk = {
      index: (this.options.firstChunk ?? 0) + this.total.chunks,
      body,
      records: this.records,
      checksum: checksumOf(body),
      header: this.headerOf(this.chunkKeys),
    };
    for (const key of this.chunkKeys) if (this.allKeys.size < MAX_NAMES) this.allKeys.add(key);
    this.chunkKeys = new Set();
    this.pending = [];
    this.pendingBytes = 0;
    this.records = 0;
    this.total.chunks += 1;
    this.total.bytes += body.length;
    return chunk;
  }

  private tooLarge(): FreshetError {
    const { resource, maxRecordBytes } = this.options;
    return new FreshetError('record_too_large', {
      message: `a record of ${resource} is larger than ${maxRecordBytes} bytes (it starts at byte ${this.recordOffset})`,
      nextStep:
        'Look at the answer from that offset: a string that never closes swallows all that follows. If the record is right, raise maxRecordBytes of the resource.',
      attributes: {
        resource,
        offset: this.recordOffset,
        record: this.total.records + this.records + 1,
        maxRecordBytes,
      },
    });
  }

  private incomplete(): FreshetError {
    return new FreshetError('payload_incomplete', {
      message: `the JSON of ${this.options.resource} ends in its middle, after ${this.received} bytes`,
      nextStep: 'It is asked for again by itself; if it repeats, ask for less at once (pageSize in the definition).',
      attributes: {
        resource: this.options.resource,
        bytes: this.received,
        records: this.total.records + this.records,
      },
    });
  }
}

const envelopeTooLarge = (resource: string, maxBytes: number): FreshetError =>
  new FreshetError('payload_too_large', {
    message: `what stands around the records of ${resource} is larger than ${maxBytes} bytes`,
    nextStep: 'Look at the answer, and correct where its records stand (`records` of paging in the definition).',
    attributes: { resource, maxBytes },
  });
