import { unescapeField, type ColumnRenderer } from '@freshet/contracts';
import type { ByteBuffer } from './byte-buffer';
import { PIECE_ROWS, type PickleColumn } from './column';
import { hasEscape, isNullField } from './copy-lines';
import type { FixedValues } from './number-values';
import { get, OP } from './pickle-ops';
import { SLOT } from './slots';

const MINUS = 45;
const ZERO = 48;
const POINT = 46;
/** Digits that a double holds exactly, whatever they are. */
const SAFE_DIGITS = 15;

/** Adds a field that is `-?digits(.digits)?` with at most 15 digits straight from its bytes; false for any other. */
function addPlainNumber(values: FixedValues, bytes: Buffer, start: number, end: number): boolean {
  const negative = bytes[start] === MINUS;
  const first = negative ? start + 1 : start;
  if (end - first > SAFE_DIGITS + 1) return false;
  let number = 0;
  let point = end;
  for (let at = first; at < end; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit >= 0 && digit <= 9) number = number * 10 + digit;
    else if (digit === POINT - ZERO && point === end && at > first) point = at;
    else return false;
  }
  const decimals = point === end ? 0 : end - point - 1;
  const digits = end - first - (point === end ? 0 : 1);
  // Minus zero is left to the slow way: an integer has none, a float does.
  if (digits === 0 || digits > SAFE_DIGITS || (number === 0 && negative)) return false;
  if (point === end) values.addSafeInteger(negative ? -number : number);
  else values.addSafeDecimal(negative ? -number : number, decimals);
  return true;
}

/** Adds a COPY field that is not null: the plain ones straight from the bytes, anything else by way of text. */
function addNumber(
  values: FixedValues,
  bytes: Buffer,
  start: number,
  end: number,
  render: ColumnRenderer | null,
): void {
  if (!render && addPlainNumber(values, bytes, start, end)) return;
  const text = hasEscape(bytes, start, end)
    ? (unescapeField(bytes.toString('utf8', start, end)) ?? '')
    : bytes.toString('latin1', start, end);
  values.addText(render ? render(text) : text);
}

/** `numpy.frombuffer(bytes, dtype)`. */
export function emitBytes(out: ByteBuffer, bytes: Uint8Array, dtypeSlot: number): void {
  get(out, SLOT.frombuffer);
  out.wide(OP.BINBYTES, bytes.length);
  out.append(bytes);
  get(out, dtypeSlot);
  out.byte(OP.TUPLE2);
  out.byte(OP.REDUCE);
}

/** Numbers of one width; pandas copies it into the frame, so that the column can be written to. */
export class NumberColumn implements PickleColumn {
  constructor(
    private readonly values: FixedValues,
    private readonly dtypeSlot: number,
    /** Where the published text is not the stored one: dates that pandas takes for numbers, for example. */
    private readonly render: ColumnRenderer | null,
  ) {}

  addField(bytes: Buffer, start: number, end: number): void {
    if (isNullField(bytes, start, end)) this.values.addNull();
    else addNumber(this.values, bytes, start, end, this.render);
  }

  addPublished(text: string): void {
    this.values.addText(text);
  }

  emit(out: ByteBuffer): void {
    emitBytes(out, this.values.take(), this.dtypeSlot);
  }
}

/** `pandas.arrays.IntegerArray(values, mask)` or `BooleanArray`: the nullable types, for declared columns. */
export class NullableColumn implements PickleColumn {
  private readonly mask = new Uint8Array(PIECE_ROWS);

  constructor(
    private readonly values: FixedValues,
    private readonly arraySlot: number,
    private readonly dtypeSlot: number,
    private readonly placeholder: string,
    private readonly render: ColumnRenderer | null,
  ) {}

  addField(bytes: Buffer, start: number, end: number): void {
    const missing = isNullField(bytes, start, end);
    this.mask[this.values.length] = missing ? 1 : 0;
    if (missing) this.values.addText(this.placeholder);
    else addNumber(this.values, bytes, start, end, this.render);
  }

  /** What was published is not what is stored; a declared column shows what is stored. */
  addPublished(): void {
    throw new Error('a declared column takes stored values only');
  }

  emit(out: ByteBuffer): void {
    const rows = this.values.length;
    get(out, this.arraySlot);
    emitBytes(out, this.values.take(), this.dtypeSlot);
    emitBytes(out, this.mask.subarray(0, rows), SLOT.bool);
    out.byte(OP.TUPLE2);
    out.byte(OP.REDUCE);
  }
}
