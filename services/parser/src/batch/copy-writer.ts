import { COPY_NULL, escapeField } from '@freshet/contracts';

const TAB = 9;
const LF = 10;
const CR = 13;
const BACKSLASH = 92;
const [NULL_FIRST = BACKSLASH, NULL_SECOND = 78] = Buffer.from(COPY_NULL, 'latin1');
const NULL_LENGTH = COPY_NULL.length;
/** Up to this length a loop over the characters is faster than handing the text to the runtime. */
const SHORT = 64;
const GROWTH = 1.5;

/**
 * Lines of COPY text (see `copy-text.ts` of the contracts) into one buffer. A row is begun, gets its values, and is ended or
 * taken back. Written value by value, because joining strings first costs more than all the rest of the parser.
 */
export class CopyWriter {
  private buffer: Buffer;
  private used = 0;
  private rowStart = 0;
  private verbatimStart = 0;

  constructor(expectedBytes: number) {
    this.buffer = Buffer.allocUnsafeSlow(Math.max(1024, expectedBytes));
  }

  begin(chunk: number, row: number): void {
    this.rowStart = this.used;
    this.reserve(32);
    this.writeInteger(chunk);
    this.buffer[this.used++] = TAB;
    this.writeInteger(row);
    this.buffer[this.used++] = TAB;
    this.verbatimStart = this.used;
    this.writeNull();
  }

  value(text: string | null): void {
    this.reserve(text === null ? 3 : text.length * 3 + 1);
    this.buffer[this.used++] = TAB;
    if (text === null) this.writeNull();
    else if (text.length > SHORT || !this.writeShort(text)) this.writeLong(escapeField(text));
  }

  /** `verbatim` stands before the values and is known after them: what was written moves to make room. */
  end(verbatim: string | null): void {
    if (verbatim !== null) this.insertVerbatim(Buffer.from(escapeField(verbatim), 'utf8'));
    this.reserve(1);
    this.buffer[this.used++] = LF;
  }

  /** Forgets the row that was begun. */
  takeBack(): void {
    this.used = this.rowStart;
  }

  /** What was written; a view, so the writer is used once. */
  finish(): Buffer {
    return this.buffer.subarray(0, this.used);
  }

  /** False, with nothing written, for a text that is not all ASCII. */
  private writeShort(text: string): boolean {
    const { buffer } = this;
    const length = text.length;
    let at = this.used;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 127) return false;
      if (code === BACKSLASH || (code <= CR && (code === TAB || code === LF || code === CR))) {
        buffer[at++] = BACKSLASH;
        buffer[at++] = code === BACKSLASH ? BACKSLASH : code === TAB ? 116 : code === LF ? 110 : 114;
      } else buffer[at++] = code;
    }
    this.used = at;
    return true;
  }

  private writeLong(escaped: string): void {
    this.reserve(escaped.length * 3);
    this.used += this.buffer.write(escaped, this.used, 'utf8');
  }

  private writeNull(): void {
    this.buffer[this.used++] = NULL_FIRST;
    this.buffer[this.used++] = NULL_SECOND;
  }

  private writeInteger(value: number): void {
    const digits = String(value);
    for (let index = 0; index < digits.length; index++) this.buffer[this.used++] = digits.charCodeAt(index);
  }

  private insertVerbatim(bytes: Buffer): void {
    const shift = bytes.length - NULL_LENGTH;
    this.reserve(shift);
    const valuesStart = this.verbatimStart + NULL_LENGTH;
    this.buffer.copyWithin(valuesStart + shift, valuesStart, this.used);
    bytes.copy(this.buffer, this.verbatimStart);
    this.used += shift;
  }

  private reserve(bytes: number): void {
    if (this.used + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.used + bytes, Math.ceil(this.buffer.length * GROWTH)));
    this.buffer.copy(larger, 0, 0, this.used);
    this.buffer = larger;
  }
}
