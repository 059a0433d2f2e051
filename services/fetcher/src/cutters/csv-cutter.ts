import { createHash } from 'node:crypto';
import { checksumOf } from '@freshet/contracts';
import { FreshetError, type CsvFormat } from '@freshet/domain';
import type { CutChunk, CutOptions, CutTotals, Cutter } from './cutter';
import { CsvScanner } from './csv-scanner';
import { decodeHeader } from './header';

const CR = 0x0d;
const UTF8_BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Cuts CSV. Records keep their line ends; the last one may lack it. An empty line is not a record: it stays in the bytes of
 * the chunk it stands in (and may fill it up), except before the chunk's first record, where it is dropped.
 */
export class CsvCutter implements Cutter {
  private readonly scanner: CsvScanner;
  private readonly hash = createHash('sha256');
  /** Bytes of the chunk being filled (or of the header record) that came with earlier pieces. */
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  /** Bytes of the current record that came with earlier pieces. */
  private carried = 0;
  private lastByte = 0;
  private header: readonly string[] | null;
  private records = 0;
  private started = false;
  private opening: Buffer = Buffer.alloc(0);
  /** Offsets in the member, for messages: of the current piece, of the current record, of what the scanner was given first. */
  private scanned = 0;
  private recordOffset = 0;
  private bomBytes = 0;
  private readonly total = { chunks: 0, records: 0, bytes: 0 };

  constructor(
    private readonly format: CsvFormat,
    private readonly options: CutOptions,
  ) {
    this.scanner = new CsvScanner(byteOf(format.delimiter, 'delimiter'), byteOf(format.quote, 'quote'));
    this.header = format.header ? null : [];
  }

  *push(piece: Buffer): Generator<CutChunk> {
    this.hash.update(piece);
    yield* this.scan(this.withoutBom(piece, false));
  }

  *end(): Generator<CutChunk> {
    yield* this.scan(this.withoutBom(Buffer.alloc(0), true));
    if (this.scanner.insideQuotes) throw this.unclosedQuote();
    const lastIsRecord = this.carried > 0 && !(this.carried === 1 && this.lastByte === CR);
    if (this.header === null) {
      if (lastIsRecord) this.takeHeader();
      return;
    }
    if (lastIsRecord) this.records += 1;
    if (this.records > 0) yield this.close();
  }

  totals(): CutTotals {
    return { ...this.total, sha256: this.hash.copy().digest('hex'), header: this.header ?? [] };
  }

  private *scan(piece: Buffer): Generator<CutChunk> {
    /** Start of the bytes of this piece that are not in a closed chunk. */
    let open = 0;
    let recordStart = 0;
    for (;;) {
      const end = this.scanner.nextEnd(piece, recordStart);
      if (end === -1) break;
      const bytes = this.carried + end - recordStart;
      if (bytes > this.options.maxRecordBytes) throw this.tooLarge();
      const blank = bytes === 1 || (bytes === 2 && (end >= 2 ? piece[end - 2] : this.lastByte) === CR);
      this.carried = 0;
      recordStart = end;
      this.recordOffset = this.scanned + end;
      if (blank) {
        if (this.records === 0) {
          open = this.drop(end);
          continue;
        }
      } else if (this.header === null) {
        this.keep(piece.subarray(open, end));
        this.takeHeader();
        open = end;
        continue;
      } else this.records += 1;
      if (this.pendingBytes + end - open >= this.options.chunkBytes) {
        this.keep(piece.subarray(open, end));
        open = end;
        yield this.close();
      }
    }
    this.carried += piece.length - recordStart;
    if (this.carried > this.options.maxRecordBytes) throw this.tooLarge();
    this.keep(piece.subarray(open));
    this.scanned += piece.length;
    if (piece.length > 0) this.lastByte = piece[piece.length - 1] as number;
  }

  private keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.pending.push(bytes);
    this.pendingBytes += bytes.length;
  }

  /** Forgets the bytes before `end`: nothing but empty lines. */
  private drop(end: number): number {
    this.pending = [];
    this.pendingBytes = 0;
    return end;
  }

  private take(): Buffer {
    const bytes = Buffer.concat(this.pending, this.pendingBytes);
    this.pending = [];
    this.pendingBytes = 0;
    return bytes;
  }

  private takeHeader(): void {
    this.header = decodeHeader(this.take(), this.format);
  }

  private close(): CutChunk {
    const body = this.take();
    const chunk: CutChunk = {
      index: this.total.chunks,
      body,
      records: this.records,
      checksum: checksumOf(body),
      header: this.header ?? [],
    };
    this.total.chunks += 1;
    this.total.records += this.records;
    this.total.bytes += body.length;
    this.records = 0;
    return chunk;
  }

  /** A UTF-8 byte order mark is no part of the first field; in a single-byte encoding the same bytes are text. */
  private withoutBom(piece: Buffer, last: boolean): Buffer {
    if (this.started || this.format.encoding !== 'utf-8') return piece;
    const start = Buffer.concat([this.opening, piece]);
    const undecided = start.length < UTF8_BOM.length && UTF8_BOM.subarray(0, start.length).equals(start);
    if (undecided && !last) {
      this.opening = start;
      return Buffer.alloc(0);
    }
    this.started = true;
    if (!start.subarray(0, UTF8_BOM.length).equals(UTF8_BOM)) return start;
    this.bomBytes = this.scanned = this.recordOffset = UTF8_BOM.length;
    return start.subarray(UTF8_BOM.length);
  }

  private tooLarge(): FreshetError {
    const { resource, maxRecordBytes } = this.options;
    return new FreshetError('record_too_large', {
      message: `a record of ${resource} is larger than ${maxRecordBytes} bytes (it starts at byte ${this.recordOffset})`,
      nextStep:
        'Look at the member from that offset: a quote that never closes swallows all that follows. If the record is right, raise maxRecordBytes of the resource.',
      attributes: {
        resource,
        offset: this.recordOffset,
        record: this.total.records + this.records + 1,
        maxRecordBytes,
        insideQuotes: this.scanner.insideQuotes,
        quoteOffset: this.scanner.lastQuoteOffset + this.bomBytes,
      },
    });
  }

  private unclosedQuote(): FreshetError {
    const offset = this.scanner.lastQuoteOffset + this.bomBytes;
    return new FreshetError('unclosed_quote', {
      message: `${this.options.resource} ends inside a quoted field that opened at byte ${offset}`,
      nextStep:
        'Look at the member from that offset; if the publisher is at fault, wait for a corrected file or report it to them.',
      attributes: { resource: this.options.resource, offset, record: this.total.records + this.records + 1 },
    });
  }
}

function byteOf(character: string, what: string): number {
  const byte = character.charCodeAt(0);
  if (character.length === 1 && byte < 0x80) return byte;
  throw new FreshetError('definition_invalid', {
    message: `the ${what} of a csv format must be one ASCII character, not ${JSON.stringify(character)}`,
    nextStep: 'Correct the definition of the dataset.',
  });
}
