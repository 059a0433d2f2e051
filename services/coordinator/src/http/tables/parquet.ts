import type { SchemaElement } from 'hyparquet-writer';
import { physicalColumns, type Column, type PhysicalColumn } from './column';
import type { TableFormat } from './format';

/** Rows held before they are written as a row group: enough for a reader to skip by, little enough to hold. */
const GROUP_ROWS = 50_000;

/** Apache Parquet, Snappy. Instants are UTC timestamps in milliseconds, a decimal is a double and its exact text (`physicalColumns`). */
export const parquet: TableFormat = {
  name: 'parquet',
  mediaType: 'application/vnd.apache.parquet',
  contentType: 'application/vnd.apache.parquet',
  open: async <Row>(columns: ReadonlyArray<Column<Row>>) => {
    const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
    const stored = physicalColumns(columns);
    const bytes = new ByteWriter();
    const schema = [{ name: 'schema', num_children: stored.length }, ...stored.map(schemaElement)];
    const writer = new ParquetWriter({ writer: bytes, schema, createdBy: 'freshet' });
    let held: unknown[][] = stored.map(() => []);
    const write = (): void => {
      if ((held[0]?.length ?? 0) === 0) return;
      const columnData = stored.map(({ name }, index) => ({ name, data: held[index] ?? [] }));
      // A writer into memory never gives a promise.
      void writer.write({ columnData, rowGroupSize: GROUP_ROWS });
      held = stored.map(() => []);
    };
    return {
      add: (rows: readonly Row[]) => {
        for (const [index, column] of stored.entries())
          for (const row of rows) held[index]?.push(parquetValue(column, row));
        if ((held[0]?.length ?? 0) >= GROUP_ROWS) write();
      },
      finish: () => {
        write();
        void writer.finish();
        return [bytes.getBytes()];
      },
    };
  },
};

function parquetValue<Row>(column: PhysicalColumn<Row>, row: Row): unknown {
  const value = column.value(row);
  return column.type === 'instant' && typeof value === 'string' ? new Date(value) : value;
}

const TYPES: Readonly<Record<PhysicalColumn<never>['type'], Partial<SchemaElement>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  instant: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  double: { type: 'DOUBLE' },
  integer: { type: 'INT32' },
  boolean: { type: 'BOOLEAN' },
};

const schemaElement = <Row>({ name, type }: PhysicalColumn<Row>): SchemaElement => ({
  name,
  repetition_type: 'OPTIONAL',
  ...TYPES[type],
});
