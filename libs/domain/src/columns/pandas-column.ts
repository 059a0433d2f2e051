import { BIT, type ColumnSummary } from './summary';

/**
 * What `pandas.read_csv(…, low_memory=False)` makes of a whole column:
 * - `integer` int64 · `unsigned` uint64 · `float` float64 · `boolean` bool
 * - `integer-or-null` integers with nulls (or nothing but nulls): float64, each integer rounded once
 * - `boolean-or-null` Python booleans and NaN in an object column
 * - `text` text with NaN for null words · `raw-text` text in which null words stay words, which is what pandas makes of
 *   integers beyond int64 together with negative ones or nulls
 * - `empty` no values at all: an object column of length zero
 */
export type PandasColumn =
  'integer' | 'integer-or-null' | 'unsigned' | 'float' | 'boolean' | 'boolean-or-null' | 'text' | 'raw-text' | 'empty';

export type PandasDtype = 'int64' | 'uint64' | 'float64' | 'bool' | 'object';

export function pandasColumn(summary: ColumnSummary): PandasColumn {
  const has = (bit: number): boolean => (summary & bit) !== 0;
  if (summary === BIT.text) return 'text';
  if (!has(BIT.values)) return 'empty';
  if (!has(BIT.int64Invalid | BIT.int64Overflow)) return has(BIT.nulls) ? 'integer-or-null' : 'integer';
  if (has(BIT.int64Overflow)) {
    if (has(BIT.uint64Overflow)) return 'text';
    if (!has(BIT.uint64Invalid)) {
      if (has(BIT.large) && has(BIT.negative | BIT.nulls)) return 'raw-text';
      return has(BIT.negative) ? 'text' : 'unsigned';
    }
  }
  if (!has(BIT.notFloat)) return 'float';
  if (!has(BIT.notBoolean)) return has(BIT.nulls) ? 'boolean-or-null' : 'boolean';
  return 'text';
}

const DTYPE_OF: Readonly<Record<PandasColumn, PandasDtype>> = {
  integer: 'int64',
  'integer-or-null': 'float64',
  unsigned: 'uint64',
  float: 'float64',
  boolean: 'bool',
  'boolean-or-null': 'object',
  text: 'object',
  'raw-text': 'object',
  empty: 'object',
};

/** The dtype of the column in pandas 2; pandas 3 calls text `str` where pandas 2 says `object`. */
export const pandasDtype = (summary: ColumnSummary): PandasDtype => DTYPE_OF[pandasColumn(summary)];
