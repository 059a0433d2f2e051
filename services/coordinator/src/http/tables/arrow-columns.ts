import type { Data, DataType, Dictionary, Int32, Utf8 } from 'apache-arrow';
import type { PhysicalColumn } from './column';

type Arrow = typeof import('apache-arrow');

export interface StoredColumn<Row> {
  readonly name: string;
  readonly type: DataType;
  /** Values of a batch. A dictionary is complete only with the last one, so the data is put together at the end. */
  encode(rows: readonly Row[]): () => Data;
}

/** How a column becomes the buffers of Arrow. They are filled here: the builders of the library take ten times as long. */
export function storedColumn<Row>(arrow: Arrow, column: PhysicalColumn<Row>, id: number): StoredColumn<Row> {
  const { name } = column;
  switch (column.type) {
    case 'text':
      return column.repeats ? dictionary(arrow, name, column.value, id) : texts(arrow, name, column.value);
    case 'double': {
      const fill = (values: Float64Array, index: number, value: number): void => void (values[index] = value);
      return fixed(arrow, name, new arrow.Float64(), column.value, (length) => new Float64Array(length), fill);
    }
    case 'integer': {
      const fill = (values: Int32Array, index: number, value: number): void => void (values[index] = value);
      return fixed(arrow, name, new arrow.Int32(), column.value, (length) => new Int32Array(length), fill);
    }
    case 'instant': {
      const fill = (values: BigInt64Array, index: number, value: string): void =>
        void (values[index] = BigInt(Date.parse(value)));
      const type = new arrow.TimestampMillisecond('UTC');
      return fixed(arrow, name, type, column.value, (length) => new BigInt64Array(length), fill);
    }
    case 'boolean':
      return fixed(arrow, name, new arrow.Bool(), column.value, bitmap, (bits, index, value) => {
        if (value) setBit(bits, index);
      });
  }
}

type Values = Float64Array | Int32Array | BigInt64Array | Uint8Array;

function fixed<Row, T, V extends Values>(
  { makeData }: Arrow,
  name: string,
  type: DataType,
  value: (row: Row) => T | null,
  make: (length: number) => V,
  fill: (values: V, index: number, value: T) => void,
): StoredColumn<Row> {
  return {
    name,
    type,
    encode: (rows) => {
      const data = make(rows.length);
      const nulls = new Nulls(rows.length);
      for (const [index, row] of rows.entries()) {
        const one = value(row);
        if (one !== null) fill(data, index, one);
        nulls.add(index, one === null);
      }
      // The library's own types want a literal type here, and find it by `type`.
      const made = makeData({ type, length: rows.length, data, ...nulls.fields } as never) as Data;
      return () => made;
    },
  };
}

function texts<Row>(arrow: Arrow, name: string, value: (row: Row) => string | null): StoredColumn<Row> {
  const type = new arrow.Utf8();
  return {
    name,
    type,
    encode: (rows) => {
      const nulls = new Nulls(rows.length);
      const values = rows.map((row, index) => {
        const one = value(row);
        nulls.add(index, one === null);
        return one ?? '';
      });
      const data = Buffer.from(values.join(''));
      const valueOffsets = new Int32Array(rows.length + 1);
      for (const [index, text] of values.entries())
        valueOffsets[index + 1] = (valueOffsets[index] ?? 0) + Buffer.byteLength(text);
      const made = arrow.makeData({ type, length: rows.length, data, valueOffsets, ...nulls.fields });
      return () => made;
    },
  };
}

function dictionary<Row>(
  arrow: Arrow,
  name: string,
  value: (row: Row) => string | null,
  id: number,
): StoredColumn<Row> {
  const words = new Map<string, number>();
  const type: Dictionary<Utf8, Int32> = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), id);
  return {
    name,
    type,
    encode: (rows) => {
      const data = new Int32Array(rows.length);
      const nulls = new Nulls(rows.length);
      for (const [index, row] of rows.entries()) {
        const word = value(row);
        nulls.add(index, word === null);
        if (word === null) continue;
        const known = words.get(word) ?? words.size;
        words.set(word, known);
        data[index] = known;
      }
      return () => {
        const all = arrow.vectorFromArray([...words.keys()], new arrow.Utf8());
        return arrow.makeData({ type, length: rows.length, data, dictionary: all, ...nulls.fields });
      };
    },
  };
}

const bitmap = (length: number): Uint8Array => new Uint8Array(Math.ceil(length / 64) * 8);

function setBit(bits: Uint8Array, index: number): void {
  bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
}

/** The validity of a batch: a bit is set where there is a value. */
class Nulls {
  private readonly bits: Uint8Array;
  private count = 0;

  constructor(length: number) {
    this.bits = bitmap(length);
  }

  add(index: number, isNull: boolean): void {
    if (isNull) this.count += 1;
    else setBit(this.bits, index);
  }

  get fields(): { readonly nullCount: number; readonly nullBitmap: Uint8Array | undefined } {
    return { nullCount: this.count, nullBitmap: this.count === 0 ? undefined : this.bits };
  }
}
