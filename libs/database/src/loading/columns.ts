import { LEADING_COLUMNS, type StoredColumn } from '@freshet/contracts';
import { quoteIdent } from '../base';

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
