import { unescapeField, type ColumnRenderer } from '@freshet/contracts';
import { isPandasNull } from '@freshet/domain';
import { ByteBuffer } from './byte-buffer';
import type { PickleColumn } from './column';
import { hasEscape, isNullField } from './copy-lines';
import { get, OP, textHeader } from './pickle-ops';
import { PUBLISHED_DATE_BYTES, type DateWriter } from './published-dates';
import type { RepeatedTexts } from './repeated-texts';
import { SLOT } from './slots';

/** How a text column takes its values. */
export interface TextRules {
  /** What is a missing value: pandas' null words and stored nulls, stored nulls alone, or nothing (a stored null is then blank text). */
  readonly nulls: 'words' | 'stored' | 'none';
  /** How a stored value is published, where that is not the stored text itself. */
  readonly render: ColumnRenderer | null;
  /** The same for dates, faster. */
  readonly writeDate?: DateWriter | null;
}

const LONGEST_NULL_WORD = 8;

/** Whether pandas takes the text for a null. The first two bytes decide for nearly every value, without making a string of it. */
function isNullWord(bytes: Buffer, start: number, end: number): boolean {
  if (start === end) return true;
  if (end - start > LONGEST_NULL_WORD) return false;
  const second = bytes[start + 1];
  switch (bytes[start]) {
    case 0x4e: // N
    case 0x6e: // n
    case 0x23: // #
    case 0x3c: // <
      break;
    case 0x31: // 1, as in 1.#IND
      if (second !== 0x2e) return false;
      break;
    case 0x2d: // -, as in -nan and -1.#IND
      if (second !== 0x31 && second !== 0x4e && second !== 0x6e) return false;
      break;
    default:
      return false;
  }
  return isPandasNull(bytes.toString('latin1', start, end));
}

const writeText = (out: ByteBuffer, bytes: Uint8Array, start: number, end: number): void => {
  textHeader(out, end - start);
  out.append(bytes, start, end);
};

/** `pandas.Series([…], index, 'str')`: an object column in pandas 2, a `str` column in pandas 3. */
export class TextColumn implements PickleColumn {
  private readonly items = new ByteBuffer();
  private readonly date = Buffer.alloc(PUBLISHED_DATE_BYTES);

  constructor(
    private readonly rules: TextRules,
    private readonly repeated: RepeatedTexts,
  ) {}

  addField(bytes: Buffer, start: number, end: number): void {
    if (isNullField(bytes, start, end)) {
      if (this.rules.nulls === 'none') this.addBytes(bytes, start, start);
      else this.addMissing();
    } else if (this.rules.render) {
      this.addRendered(bytes, start, end, this.rules.render);
    } else if (hasEscape(bytes, start, end)) {
      this.addPublished(unescapeField(bytes.toString('utf8', start, end)) ?? '');
    } else {
      this.addBytes(bytes, start, end);
    }
  }

  addPublished(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.addBytes(bytes, 0, bytes.length);
  }

  emit(out: ByteBuffer): void {
    get(out, SLOT.series);
    out.byte(OP.EMPTY_LIST);
    out.byte(OP.MARK);
    out.appendBuffer(this.items);
    out.byte(OP.APPENDS);
    get(out, SLOT.index);
    get(out, SLOT.str);
    out.byte(OP.TUPLE3);
    out.byte(OP.REDUCE);
    this.items.clear();
  }

  private addMissing(): void {
    get(this.items, SLOT.nan);
  }

  private addBytes(bytes: Buffer, start: number, end: number): void {
    if (this.rules.nulls === 'words' && isNullWord(bytes, start, end)) this.addMissing();
    else this.repeated.write(this.items, bytes, start, end, writeText);
  }

  private addRendered(bytes: Buffer, start: number, end: number, render: ColumnRenderer): void {
    const length = this.rules.writeDate ? this.rules.writeDate(bytes, start, end, this.date) : -1;
    if (length >= 0) this.addBytes(this.date, 0, length);
    else this.addPublished(render(bytes.toString('latin1', start, end)));
  }
}
