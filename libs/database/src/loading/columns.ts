import { LEADING_COLUMNS, type StoredColumn } from '@freshet/contracts';
import { quoteIdent, type Queryable } from '../base';
import type { TablePath } from './names';

export const SQL_TYPES: Readonly<Record<StoredColumn['type'], string>> = {
  text: 'text',
  integer: 'bigint',
  decimal: 'numeric',
  boolean: 'boolean',
  date: 'date',
  datetime: 'timestamp without time zone',
};

export const GENERATION_COLUMN = '_generation';

/** Columns that are ours; the first is the partition key. */
export const SYSTEM_COLUMNS = [GENERATION_COLUMN, ...LEADING_COLUMNS] as const;

export const quotedList = (names: readonly string[]): string => names.map((name) => quoteIdent(name)).join(', ');

/** `"name" type, …` for the columns of a resource. */
export const columnDefinitions = (columns: readonly StoredColumn[]): string[] =>
  columns.map(({ name, type }) => `${quoteIdent(name)} ${SQL_TYPES[type]}`);

/** Data columns of a table with their SQL types, in order; empty when there is no such table. */
export async function columnsOf(db: Queryable, table: TablePath): Promise<Map<string, string>> {
  const rows = await db.query<{ name: string; type: string }>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [quoteIdent(...table)],
  );
  return new Map(
    rows
      .filter(({ name }) => !(SYSTEM_COLUMNS as readonly string[]).includes(name))
      .map(({ name, type }) => [name, type]),
  );
}
