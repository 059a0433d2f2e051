import type { Data, DataType, Dictionary, Int32, RecordBatch, Schema, Utf8 } from 'apache-arrow';
import { physicalColumns, type Column, type PhysicalColumn } from './column';
import type { TableFormat } from './format';

type Arrow = typeof import('apache-arrow');

/**
 * Arrow IPC stream. Instants are `timestamp[ms, UTC]`, repeated texts dictionaries, a decimal is a double and its exact text
 * (see `physicalColumns`). Every `add` becomes a record batch.
 */
export const arrow: TableFormat = {
  name: 'arrow',
  mediaType: 'application/vnd.apache.arrow.stream',
  contentType: 'application/vnd.apache.arrow.stream',
  open: async <Row>(columns: ReadonlyArray<Column<Row>>) => {
    // Loaded when somebody asks for it: it costs a coordinator that is never asked nothing.
    const library = await import('apache-arrow');
    const stored = physicalColumns(columns).map((column, index) => storedColumn(library, column, index));
    const batches: Array<{ readonly length: number; readonly children: ReadonlyArray<() => Data> }> = [];
    return {
      add: (rows: readonly Row[]) => {
        if (rows.length > 0) batches.push({ length: rows.length, children: stored.map(({ encode }) => encode(rows)) });
      },
      finish: () => {
        const schema = new library.Schema(stored.map(({ name, type }) => new library.Field(name, type, true)));
        const made = batches.map(({ length, children }) => recordBatch(library, schema, length, children));
        const writer = new library.RecordBatchStreamWriter();
        writer.reset(undefined, schema);
        for (const batch of made) writer.write(batch);
        writer.finish();
        return [writer.toUint8Array(true)];
      },
    };
  },
};

interface StoredColumn<Row> {
  readonly name: string;
  readonly type: DataType;
  /** Values of a batch. A dictionary is complete only with the last one, so the data is put together at the end. */
  encode(rows: readonly Row[]): () => Data;
}

function recordBatch(
  { RecordBatch, Struct, makeData }: Arrow,
  schema: Schema,
  length: number,
  children: ReadonlyArray<() => Data>,
): RecordBatch {
  const type = new Struct(schema.fields);
  return new RecordBatch(schema, makeData({ type, length, nullCount: 0, children: children.map((child) => child()) }));
}

function storedColumn<Row>(arrow: Arrow, column: PhysicalColumn<Row>, id: number): StoredColumn<Row> {
  if (column.type === 'text' && column.repeats) return dictionaryColumn(arrow, column.name, column.value, id);
  const plain = <T extends DataType>(type: T, value: (row: Row) => T['TValue'] | null): StoredColumn<Row> => ({
    name: column.name,
    type,
    encode: (rows) => {
      const data = build(arrow, type, rows.map(value));
      return () => data;
    },
  });
  switch (column.type) {
    case 'text':
      return plain(new arrow.Utf8(), column.value);
    case 'double':
      return plain(new arrow.Float64(), column.value);
    case 'integer':
      return plain(new arrow.Int32(), column.value);
    case 'boolean':
      return plain(new arrow.Bool(), column.value);
    case 'instant':
      return plain(new arrow.TimestampMillisecond('UTC'), (row) => {
        const text = column.value(row);
        return text === null ? null : Date.parse(text);
      });
  }
}

function dictionaryColumn<Row>(
  arrow: Arrow,
  name: string,
  value: (row: Row) => string | null,
  id: number,
): StoredColumn<Row> {
  const words = new Map<string, number>();
  const type: Dictionary<Utf8, Int32> = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), id);
  const indexOf = (word: string): number => {
    const index = words.get(word) ?? words.size;
    words.set(word, index);
    return index;
  };
  return {
    name,
    type,
    encode: (rows) => {
      const indexes = build(
        arrow,
        new arrow.Int32(),
        rows.map((row) => {
          const word = value(row);
          return word === null ? null : indexOf(word);
        }),
      );
      return () => {
        const { length, nullCount, nullBitmap, values } = indexes;
        const dictionary = arrow.vectorFromArray([...words.keys()], new arrow.Utf8());
        return arrow.makeData({ type, length, nullCount, nullBitmap, data: values as Int32Array, dictionary });
      };
    },
  };
}

function build<T extends DataType>(
  { makeBuilder }: Arrow,
  type: T,
  values: ReadonlyArray<T['TValue'] | null>,
): Data<T> {
  const builder = makeBuilder<T, null>({ type, nullValues: [null] });
  for (const value of values) builder.append(value);
  return builder.finish().flush();
}
