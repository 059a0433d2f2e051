import type { Data, RecordBatch, Schema } from 'apache-arrow';
import { storedColumn } from './arrow-columns';
import { physicalColumns, type Column } from './column';
import type { TableFormat } from './format';

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

function recordBatch(
  { RecordBatch, Struct, makeData }: typeof import('apache-arrow'),
  schema: Schema,
  length: number,
  children: ReadonlyArray<() => Data>,
): RecordBatch {
  const type = new Struct(schema.fields);
  return new RecordBatch(schema, makeData({ type, length, nullCount: 0, children: children.map((child) => child()) }));
}
