import { isPandasNull, isPlainDigits, parsePandasBoolean, parsePandasFloat, scanInteger } from './pandas-number';

/**
 * What one column holds, in a few bits: everything needed to know the type pandas would infer for the whole column, whatever
 * part of it has been seen. A plain integer, so it costs two to four bytes of JSON a column and chunk.
 *
 * Summaries form a monoid: `mergeColumnSummary` is associative with `EMPTY_COLUMN` as identity. It is not commutative (pandas
 * acts on the first value that a reader refuses), so merge chunks in their order.
 */
export type ColumnSummary = number;

export const EMPTY_COLUMN: ColumnSummary = 0;

/** Bits of a summary. Only this folder gives them meaning; elsewhere a summary is opaque. */
export const BIT = {
  values: 1,
  nulls: 2,
  /** What the first value said that the signed 64-bit reader refused. */
  int64Invalid: 4,
  int64Overflow: 8,
  /** The same for the unsigned reader. */
  uint64Invalid: 16,
  uint64Overflow: 32,
  negative: 64,
  large: 128,
  notFloat: 256,
  notBoolean: 512,
  /** Text, whatever comes before or after: replaces every other bit. */
  text: 1024,
} as const;

const INT64_REFUSED = BIT.int64Invalid | BIT.int64Overflow;
const UINT64_REFUSED = BIT.uint64Invalid | BIT.uint64Overflow;
const NO_NUMBER = BIT.notFloat | BIT.notBoolean;

/** A column of numbers only, none of them of more than 18 digits. */
const PLAIN_INTEGER = BIT.values | BIT.notBoolean;
const NULL_VALUE = BIT.values | BIT.nulls;

/** No reader but the one for text can take the column any more, nor can an earlier part change that. */
const settle = (bits: number): ColumnSummary =>
  (bits & NO_NUMBER) === NO_NUMBER && (bits & UINT64_REFUSED) !== 0 ? BIT.text : bits;

/** The summary of `earlier` followed by `later`. */
export function mergeColumnSummary(earlier: ColumnSummary, later: ColumnSummary): ColumnSummary {
  if (earlier === BIT.text || later === BIT.text) return BIT.text;
  let bits = earlier | later;
  if ((earlier & INT64_REFUSED) !== 0) bits = (bits & ~INT64_REFUSED) | (earlier & INT64_REFUSED);
  if ((earlier & UINT64_REFUSED) !== 0) bits = (bits & ~UINT64_REFUSED) | (earlier & UINT64_REFUSED);
  return settle(bits);
}

/** The same for all columns; `[]` is the identity, and a column that one side lacks is empty there. */
export function mergeColumnSummaries(
  earlier: readonly ColumnSummary[],
  later: readonly ColumnSummary[],
): ColumnSummary[] {
  const columns = Math.max(earlier.length, later.length);
  return Array.from({ length: columns }, (_, column) =>
    mergeColumnSummary(earlier[column] ?? EMPTY_COLUMN, later[column] ?? EMPTY_COLUMN),
  );
}

/** Decimals up to this length without an exponent can neither overflow nor be refused. */
const SAFE_DECIMAL_LENGTH = 300;

/** The summary of a single value, given its published text (unquoted, otherwise untouched). */
export function summarizeValue(text: string): ColumnSummary {
  if (text.length === 0) return NULL_VALUE;
  if (isPlainDigits(text)) return PLAIN_INTEGER;
  if (isPandasNull(text)) return NULL_VALUE;
  if (isPlainDecimal(text))
    return (
      BIT.values | BIT.int64Invalid | BIT.notBoolean | (text.charCodeAt(0) === 45 ? BIT.negative : BIT.uint64Invalid)
    );
  return settle(
    BIT.values |
      integerBits(text) |
      (parsePandasFloat(text) === undefined ? BIT.notFloat : 0) |
      (parsePandasBoolean(text) === undefined ? BIT.notBoolean : 0),
  );
}

function integerBits(text: string): number {
  const scan = scanInteger(text);
  return (
    (scan.int64 === 'ok' ? 0 : scan.int64 === 'overflow' ? BIT.int64Overflow : BIT.int64Invalid) |
    (scan.uint64 === 'ok' ? 0 : scan.uint64 === 'overflow' ? BIT.uint64Overflow : BIT.uint64Invalid) |
    (scan.negative ? BIT.negative : 0) |
    (scan.large ? BIT.large : 0)
  );
}

/** `-12.5`: an optional minus, one to eighteen digits, a point, digits. */
function isPlainDecimal(text: string): boolean {
  const length = text.length;
  let at = text.charCodeAt(0) === 45 ? 1 : 0;
  const start = at;
  let code = text.charCodeAt(at);
  while (code >= 48 && code <= 57) code = text.charCodeAt(++at);
  if (at === start || at - start > 18 || code !== 46 || length > SAFE_DECIMAL_LENGTH) return false;
  do code = text.charCodeAt(++at);
  while (code >= 48 && code <= 57);
  return at === length;
}

/** Summaries out of a message's JSON (an array, or an object with `columns`), or null when they are not summaries. */
export function readColumnSummaries(value: unknown): ColumnSummary[] | null {
  const columns: unknown = typeof value === 'object' && value !== null && 'columns' in value ? value.columns : value;
  if (!Array.isArray(columns)) return null;
  return columns.every((bits) => Number.isInteger(bits) && bits >= 0 && bits <= 2 * BIT.text - 1)
    ? (columns as ColumnSummary[])
    : null;
}
