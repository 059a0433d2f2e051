import { unescapeField, type ColumnRenderer } from '@freshet/contracts';
import { isPandasNull } from '@freshet/domain';
import { ByteBuffer } from './byte-buffer';
import type { PickleColumn } from './column';
import { hasEscape, isNullField } from './copy-lines';
import { get, OP, textHeader } from './pickle-ops';
import type { RepeatedTexts } from './repeated-texts';
import { SLOT } from './slots';

/** How a text column takes its values. */
export interface TextRules {
  /** What is a missing value: pandas' null words and stored nulls, stored nulls alone, or nothing (a stored null is then blank text). */
  readonly nulls: 'words' | 'stored' | 'none';
  /** How a stored value is published, where that is not the stored text itself. */
  readonly render: ColumnRenderer | null;
}

const LONGEST_NULL_WORD = 8;
const NULL_WORD_STARTS = Buffer.from('Nn-#1<');

/** Decides by the first byte for nearly every value, without making a string of it. */
const isNullWord = (bytes: Buffer, start: number, end: number): boolean =>
  start === end ||
  (end - start <= LONGEST_NULL_WORD &&
    NULL_WORD_STARTS.includes(bytes[start] as number) &&
    isPandasNull(bytes.toString('latin1', start, end)));
const RENDERED_KEPT = 2048;

const writeText = (out: ByteBuffer, bytes: Uint8Array, start: number, end: number): void => {
  textHeader(out, end - start);
  out.append(bytes, start, end);
};

/** `pandas.Series([…], index, 'str')`: an object column in pandas 2, a `str` column in pandas 3. */
export class TextColumn implements PickleColumn {
  private readonly items = new ByteBuffer();
  private readonly rendered = new Map<string, Buffer>();

  constructor(
    private readonly rules: TextRules,
    private readonly repeated: RepeatedTexts,
  ) {}

  get held(): number {
    return this.items.length;
  }

  addField(bytes: Buffer, start: number, end: number): void {
    if (isNullField(bytes, start, end)) {
      if (this.rules.nulls === 'none') this.addBytes(bytes, start, start);
      else this.addMissing();
    } else if (this.rules.render) {
      this.addRendered(bytes.toString('latin1', start, end), this.rules.render);
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

  /** Dates repeat a lot, and rendering one costs more than looking it up. */
  private addRendered(stored: string, render: ColumnRenderer): void {
    let bytes = this.rendered.get(stored);
    if (!bytes) {
      if (this.rendered.size === RENDERED_KEPT) this.rendered.clear();
      bytes = Buffer.from(render(stored), 'utf8');
      this.rendered.set(stored, bytes);
    }
    this.addBytes(bytes, 0, bytes.length);
  }
}
