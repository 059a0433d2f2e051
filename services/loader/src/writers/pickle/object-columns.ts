import { isPandasNull, parsePandasBoolean } from '@freshet/domain';
import { unescapeField, type ColumnRenderer } from '@freshet/contracts';
import { ByteBuffer } from './byte-buffer';
import { ColumnMisfit, type PickleColumn } from './column';
import { isNullField } from './copy-lines';
import { get, OP } from './pickle-ops';
import { SLOT } from './slots';

/** Python booleans and NaN in an object column: what pandas makes of booleans with nulls. */
export class MixedBooleanColumn implements PickleColumn {
  private readonly items = new ByteBuffer();

  constructor(private readonly render: ColumnRenderer | null) {}

  addField(bytes: Buffer, start: number, end: number): void {
    const stored = isNullField(bytes, start, end) ? null : (unescapeField(bytes.toString('utf8', start, end)) ?? '');
    this.addPublished(this.render ? this.render(stored) : (stored ?? ''));
  }

  addPublished(text: string): void {
    if (isPandasNull(text)) {
      get(this.items, SLOT.nan);
      return;
    }
    const value = parsePandasBoolean(text);
    if (value === undefined) throw new ColumnMisfit('object of booleans');
    this.items.byte(value ? OP.NEWTRUE : OP.NEWFALSE);
  }

  emit(out: ByteBuffer): void {
    emitObjects(out, this.items);
    this.items.clear();
  }
}

/** A column of no rows: pandas gives it the type object, text or not. */
export class EmptyColumn implements PickleColumn {
  addField(): void {
    throw new ColumnMisfit('object, without rows');
  }

  addPublished(): void {
    throw new ColumnMisfit('object, without rows');
  }

  emit(out: ByteBuffer): void {
    emitObjects(out, new ByteBuffer(1));
  }
}

function emitObjects(out: ByteBuffer, items: ByteBuffer): void {
  get(out, SLOT.series);
  out.byte(OP.EMPTY_LIST);
  out.byte(OP.MARK);
  out.appendBuffer(items);
  out.byte(OP.APPENDS);
  get(out, SLOT.index);
  get(out, SLOT.object);
  out.byte(OP.TUPLE3);
  out.byte(OP.REDUCE);
}
