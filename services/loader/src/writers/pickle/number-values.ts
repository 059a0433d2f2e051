import { isPandasNull, parsePandasBoolean, parsePandasFloat, scanInteger } from '@freshet/domain';
import { ColumnMisfit, PIECE_ROWS } from './column';

/** Fixed-width values of one piece, as numpy's `frombuffer` reads them (little-endian). */
export interface FixedValues {
  readonly length: number;
  addText(text: string): void;
  /** An integer below 2⁵³, when the caller has read it already. */
  addSafeInteger(value: number): void;
  /** A decimal of at most 15 digits likewise, as its digits and how many of them follow the point. */
  addSafeDecimal(digits: number, decimals: number): void;
  addNull(): void;
  /** The bytes of the piece; the next piece starts empty. */
  take(): Uint8Array;
}

abstract class Values<T extends Int32Array | Float64Array | Uint8Array> implements FixedValues {
  length = 0;
  protected abstract readonly values: T;
  abstract addText(text: string): void;
  abstract addSafeInteger(value: number): void;
  abstract addSafeDecimal(digits: number, decimals: number): void;
  abstract addNull(): void;

  protected abstract readonly width: number;

  take(): Uint8Array {
    const bytes = new Uint8Array(this.values.buffer, 0, this.length * this.width);
    this.length = 0;
    return bytes;
  }
}

const TWO_32 = 2 ** 32;

/** int64 and uint64, kept as pairs of 32-bit words because a BigInt a value is slow. */
export class Integers extends Values<Int32Array> {
  protected readonly values = new Int32Array(PIECE_ROWS * 2);
  protected readonly width = 8;

  constructor(private readonly type: 'int64' | 'uint64') {
    super();
  }

  addSafeInteger(value: number): void {
    const high = Math.floor(value / TWO_32);
    const at = this.length++ * 2;
    this.values[at] = value - high * TWO_32;
    this.values[at + 1] = high;
  }

  addText(text: string): void {
    const scan = scanInteger(text);
    if ((this.type === 'int64' ? scan.int64 : scan.negative ? 'invalid' : scan.uint64) !== 'ok')
      throw new ColumnMisfit(this.type);
    const value = Number(text);
    if (Number.isSafeInteger(value)) this.addSafeInteger(value);
    else this.addLong(BigInt.asIntN(64, BigInt(text.trim().replace(/^\+/, ''))));
  }

  addSafeDecimal(): void {
    throw new ColumnMisfit(this.type);
  }

  addNull(): void {
    throw new ColumnMisfit(this.type);
  }

  private addLong(value: bigint): void {
    const at = this.length++ * 2;
    this.values[at] = Number(BigInt.asIntN(32, value));
    this.values[at + 1] = Number(value >> 32n);
  }
}

const POWERS_OF_TEN = Float64Array.from({ length: 16 }, (_, exponent) => Number(`1e${exponent}`));
const INT64_MIN = -(2 ** 63);

/** float64: from floats as pandas reads them, or from integers, of which each is rounded once. */
export class Floats extends Values<Float64Array> {
  protected readonly values = new Float64Array(PIECE_ROWS);
  protected readonly width = 8;

  constructor(private readonly from: 'integers' | 'floats' | 'decimals') {
    super();
  }

  addSafeInteger(value: number): void {
    this.values[this.length++] = value;
  }

  /** Both are exact, so the one division rounds as every reader of floats does. */
  addSafeDecimal(digits: number, decimals: number): void {
    if (this.from === 'integers') throw new ColumnMisfit('float64 of integers');
    this.values[this.length++] = digits / (POWERS_OF_TEN[decimals] as number);
  }

  addText(text: string): void {
    if (isPandasNull(text)) this.addNull();
    else
      this.values[this.length++] =
        this.from === 'integers' ? this.integer(text) : this.from === 'floats' ? this.float(text) : Number(text);
  }

  addNull(): void {
    this.values[this.length++] = Number.NaN;
  }

  private integer(text: string): number {
    if (scanInteger(text).int64 !== 'ok') throw new ColumnMisfit('float64 of integers');
    // Adding zero makes 0 of -0, which an integer cannot be. The smallest int64 is how pandas marks a null among integers.
    const value = Number(text) + 0;
    return value === INT64_MIN && BigInt(text.trim()) === BigInt(INT64_MIN) ? Number.NaN : value;
  }

  private float(text: string): number {
    const value = parsePandasFloat(text);
    if (value === undefined) throw new ColumnMisfit('float64');
    return value;
  }
}

export class Booleans extends Values<Uint8Array> {
  protected readonly values = new Uint8Array(PIECE_ROWS);
  protected readonly width = 1;

  addSafeInteger(): void {
    throw new ColumnMisfit('bool');
  }

  addSafeDecimal(): void {
    throw new ColumnMisfit('bool');
  }

  addText(text: string): void {
    const value = parsePandasBoolean(text);
    if (value === undefined) throw new ColumnMisfit('bool');
    this.values[this.length++] = value ? 1 : 0;
  }

  addNull(): void {
    throw new ColumnMisfit('bool');
  }
}
