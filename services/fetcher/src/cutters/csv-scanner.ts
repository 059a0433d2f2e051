const LF = 0x0a;

const FIELD_START = 0;
const IN_FIELD = 1;
const QUOTED = 2;
/** After a quote inside a quoted field: doubled when another follows, otherwise the field's quoted part is over. */
const QUOTE_SEEN = 3;

/**
 * Finds record ends in CSV bytes that arrive in pieces of any size. A line feed ends a record unless it is inside a quoted
 * field; a quote opens a field only where a field starts, so a quote in the middle of an unquoted one is a character (as
 * csv readers in general, and pandas, have it). A lone carriage return is a character too.
 *
 * Works on single-byte encodings and on UTF-8, whose multi-byte sequences contain no ASCII byte.
 */
export class CsvScanner {
  private state = FIELD_START;
  /** Offsets of the current piece and of the last opening quote, in everything scanned so far. */
  private base = 0;
  private quoteStart = -1;

  constructor(
    private readonly delimiter: number,
    private readonly quote: number,
  ) {}

  /**
   * Index just after the next line feed that ends a record, at or after `from`; −1 when the piece is used up. The caller
   * goes on in the same piece from the index returned, or in the next piece from 0.
   */
  nextEnd(piece: Buffer, from: number): number {
    const { delimiter, quote } = this;
    const length = piece.length;
    let state = this.state;
    let at = from;
    while (at < length) {
      const byte = piece[at++];
      if (state === QUOTED) {
        if (byte !== quote) {
          at = skipTo(piece, quote, at, length);
          if (at === length) break;
          at += 1;
        }
        state = QUOTE_SEEN;
      } else if (byte === quote && state !== IN_FIELD) {
        if (state === FIELD_START) this.quoteStart = this.base + at - 1;
        state = QUOTED;
      } else if (byte === delimiter) {
        state = FIELD_START;
      } else if (byte === LF) {
        this.state = FIELD_START;
        return at;
      } else {
        state = IN_FIELD;
      }
    }
    this.state = state;
    this.base += length;
    return -1;
  }

  /** Whether the bytes so far end inside a quoted field. */
  get insideQuotes(): boolean {
    return this.state === QUOTED;
  }

  /** Offset of the quote that opened the last quoted field; −1 when there was none. */
  get lastQuoteOffset(): number {
    return this.quoteStart;
  }
}

/** Short fields are faster in a plain loop, long texts with the vectorised search; `length` when there is none. */
function skipTo(piece: Buffer, byte: number, from: number, length: number): number {
  const near = Math.min(length, from + 24);
  for (let at = from; at < near; at += 1) if (piece[at] === byte) return at;
  if (near === length) return length;
  const found = piece.indexOf(byte, near);
  return found === -1 ? length : found;
}
