/** A column of a table that is sent as CSV, Arrow or Parquet. Instants are RFC 3339 in UTC with milliseconds, decimals exact text. */
export type Column<Row> =
  /** `repeats`: few distinct values, worth a dictionary. */
  | {
      readonly name: string;
      readonly type: 'text';
      readonly repeats?: boolean;
      readonly value: (row: Row) => string | null;
    }
  | { readonly name: string; readonly type: 'instant'; readonly value: (row: Row) => string | null }
  | { readonly name: string; readonly type: 'decimal'; readonly value: (row: Row) => string | null }
  | { readonly name: string; readonly type: 'integer'; readonly value: (row: Row) => number | null }
  | { readonly name: string; readonly type: 'boolean'; readonly value: (row: Row) => boolean | null };

/** A column as the binary formats store it. */
export type PhysicalColumn<Row> =
  | Exclude<Column<Row>, { type: 'decimal' }>
  | { readonly name: string; readonly type: 'double'; readonly value: (row: Row) => number | null };

/**
 * For binary formats a decimal becomes two columns: the nearest double under its name, which can be computed with, and its exact
 * text as `<name>_text`. A decimal type would need one scale for all values, and the publisher has none.
 */
export const physicalColumns = <Row>(columns: ReadonlyArray<Column<Row>>): ReadonlyArray<PhysicalColumn<Row>> =>
  columns.flatMap((column): ReadonlyArray<PhysicalColumn<Row>> => {
    if (column.type !== 'decimal') return [column];
    const double = (row: Row): number | null => {
      const text = column.value(row);
      return text === null ? null : Number(text);
    };
    return [
      { name: column.name, type: 'double', value: double },
      { name: `${column.name}_text`, type: 'text', value: column.value },
    ];
  });
