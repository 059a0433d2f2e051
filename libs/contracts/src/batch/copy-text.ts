/**
 * The wire format of a batch is PostgreSQL COPY text (docs "COPY", section "Text Format"): a line per row, tab between
 * fields, `\N` for null, and backslash escapes for backslash, newline, carriage return and tab. UTF-8.
 *
 * A line of a batch is: chunk index, row in chunk, verbatim, then the columns. `verbatim` is null, or a JSON object with the
 * published text of those values whose stored form does not give it back (`{"prod_year":"02009"}`).
 */
export const POSITION_COLUMNS = ['_chunk', '_row'] as const;
export const VERBATIM_COLUMN = '_verbatim';
export const LEADING_COLUMNS = [...POSITION_COLUMNS, VERBATIM_COLUMN] as const;

export const COPY_NULL = '\\N';

const NEEDS_ESCAPE = /[\\\n\r\t]/;

/** One field as COPY text. A NUL character cannot be stored by PostgreSQL: it is left in, and the database refuses the row. */
export function escapeField(value: string): string {
  if (!NEEDS_ESCAPE.test(value)) return value;
  return value.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t');
}

const UNESCAPE: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', '\\': '\\' };

/** Inverse of `escapeField`; `\N` gives null. */
export function unescapeField(field: string): string | null {
  if (field === COPY_NULL) return null;
  if (!field.includes('\\')) return field;
  return field.replace(/\\(.)/g, (_, letter: string) => UNESCAPE[letter] ?? letter);
}

/** Fields of one line (without its newline), unescaped. */
export const splitLine = (line: string): Array<string | null> => line.split('\t').map(unescapeField);
