import type { SchemaElement } from 'hyparquet-writer';
import { physicalColumns, type Column, type PhysicalColumn } from './column';
import type { TableFormat } from './format';

/** Rows of a row group. Writing one keeps the process busy, so it is no larger than it must be for a reader to skip by. */
const GROUP_ROWS = 10_000;

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
      const columnData = stored.map((column, index) => ({
        name: column.name,
        data: held[index] ?? [],
        encoding: encodingOf(column),
      }));
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

/** Instants follow each other and shrink to almost nothing; what hardly repeats is not searched for a dictionary. */
const encodingOf = <Row>(column: PhysicalColumn<Row>): 'DELTA_BINARY_PACKED' | 'PLAIN' | undefined =>
  column.type === 'instant'
    ? 'DELTA_BINARY_PACKED'
    : column.type === 'double' || (column.type === 'text' && !column.repeats)
      ? 'PLAIN'
      : undefined;

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
