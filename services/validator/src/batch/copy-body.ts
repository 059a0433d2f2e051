import { LEADING_COLUMNS, unescapeField } from '@freshet/contracts';
import { FreshetError } from '@freshet/domain';

const TAB = 9;
const LF = 10;
const BACKSLASH = 92;
const LETTER_N = 78;
const ZERO = 48;
const LEADING = LEADING_COLUMNS.length;

/**
 * Reads the COPY text body of a batch where it stands, line by line, no further into a line than asked for: most rows are
 * passed on without any of their values becoming a string. Fields may be asked for in any order; left to right is cheapest.
 */
export class CopyBody {
  private lineStart = 0;
  private lineEnd = -1;
  /** Start of the field that was reached, and its number in the line. */
  private at = 0;
  private field = 0;

  constructor(private readonly body: Buffer) {}

  /** Moves to the next line; false after the last one. */
  next(): boolean {
    this.lineStart = this.lineEnd + 1;
    if (this.lineStart >= this.body.length) return false;
    this.lineEnd = this.body.indexOf(LF, this.lineStart);
    if (this.lineEnd === -1) throw malformed('its last line has no end');
    this.at = this.lineStart;
    this.field = 0;
    return true;
  }

  /** Where the line stands in the body, line end included. */
  get start(): number {
    return this.lineStart;
  }
  get end(): number {
    return this.lineEnd + 1;
  }

  /** Row in the chunk. */
  row(): number {
    let at = this.seek(1);
    let row = 0;
    for (let byte = this.body[at]; byte !== undefined && byte !== TAB && at < this.lineEnd; byte = this.body[++at]) {
      row = row * 10 + (byte - ZERO);
    }
    return row;
  }

  /** Whether the value of the column at `index` (among the columns of the batch) is null. */
  isNull(index: number): boolean {
    const start = this.seek(LEADING + index);
    return this.body[start] === BACKSLASH && this.body[start + 1] === LETTER_N;
  }

  /** The value of the column at `index`, unescaped; ask only where it is not null. */
  text(index: number): string {
    const start = this.seek(LEADING + index);
    const tab = this.body.indexOf(TAB, start);
    const end = tab === -1 || tab > this.lineEnd ? this.lineEnd : tab;
    return unescapeField(this.body.toString('utf8', start, end)) ?? '';
  }

  /** The whole line as text, without its end. */
  line(): string {
    return this.body.toString('utf8', this.lineStart, this.lineEnd);
  }

  private seek(field: number): number {
    if (field < this.field) {
      this.at = this.lineStart;
      this.field = 0;
    }
    const { body, lineEnd } = this;
    let at = this.at;
    for (; this.field < field; this.field++) {
      while (at < lineEnd && body[at] !== TAB) at++;
      if (at >= lineEnd) throw malformed(`a line has fewer than ${field + 1} fields`);
      at += 1;
    }
    this.at = at;
    return at;
  }
}

const malformed = (why: string): FreshetError =>
  new FreshetError('message_invalid', {
    message: `the body of a batch is not COPY text as agreed: ${why}`,
    nextStep: 'Look at the dead letter; parser and validator must be of the same release.',
  });
