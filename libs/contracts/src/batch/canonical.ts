/**
 * Stored values back to published text. A batch keeps in `verbatim` only what cannot be rendered: for every other value the
 * text rendered here is, character for character, what the publisher wrote. The parser decides by these rules what goes into
 * `verbatim`; the validator, the loader and the exports use them to give the published text back.
 *
 * Use: `const render = columnRenderer(column.type, resource.dateFormats)` once a column, then `render(stored)` a value; or
 * `publishedRow(…)` for a whole row, verbatim included.
 */
import {
  canonicalLayout,
  civilMidnight,
  compileDateLayout,
  type CivilTime,
  type ColumnType,
  type ResourceFormat,
} from '@freshet/domain';

/** `stored` is text as PostgreSQL prints it (`::text` or COPY, DateStyle ISO): `2024-03-09 23:59:00`, `-12.50`, `t` or `true`. */
export type ColumnRenderer = (stored: string | null) => string;

const asIs: ColumnRenderer = (stored) => stored ?? '';
const asBoolean: ColumnRenderer = (stored) =>
  stored === null ? '' : stored === 't' || stored === 'true' ? 'true' : 'false';

/** Text and numbers as stored, dates in the layouts of their resource, booleans as true and false, null as nothing. */
export function columnRenderer(type: ColumnType, dateFormats: readonly string[]): ColumnRenderer {
  if (type === 'boolean') return asBoolean;
  if (type !== 'date' && type !== 'datetime') return asIs;
  const layouts = dateFormats.map(compileDateLayout);
  const midnight = canonicalLayout(layouts, true);
  const timed = canonicalLayout(layouts, false);
  return (stored) => {
    if (stored === null) return '';
    const time = readIso(stored);
    return (type === 'date' || civilMidnight(time) ? midnight : timed).render(time);
  };
}

function readIso(stored: string): CivilTime {
  const at = (start: number, end: number): number => Number(stored.slice(start, end)) || 0;
  return { year: at(0, 4), month: at(5, 7), day: at(8, 10), hour: at(11, 13), minute: at(14, 16), second: at(17, 19) };
}

/** What `verbatim` of a row holds: published texts by stored column name. */
export type Verbatim = Readonly<Record<string, string>>;

/** @throws SyntaxError when it is not JSON. */
export const readVerbatim = (field: string | null): Verbatim | null =>
  field === null ? null : (JSON.parse(field) as Verbatim);

/** The published texts of one row, in the order of `columns`. */
export function publishedRow(
  columns: ReadonlyArray<{ readonly name: string }>,
  renderers: readonly ColumnRenderer[],
  stored: ReadonlyArray<string | null>,
  verbatim: Verbatim | null,
): string[] {
  return columns.map(({ name }, index) => {
    const text = verbatim && Object.hasOwn(verbatim, name) ? verbatim[name] : undefined;
    return text ?? renderers[index]?.(stored[index] ?? null) ?? '';
  });
}

/**
 * One record as a CSV line without line end: values are quoted where they must be. A record that was read reads the same
 * again; its quotes need not stand where the publisher had them.
 */
export function csvRecord(values: readonly string[], delimiter = ',', quote = '"'): string {
  const mustQuote = (value: string): boolean =>
    value.includes(delimiter) || value.includes(quote) || value.includes('\n') || value.includes('\r');
  const line = values
    .map((value) => (mustQuote(value) ? `${quote}${value.replaceAll(quote, quote + quote)}${quote}` : value))
    .join(delimiter);
  return line === '' ? quote + quote : line;
}

/**
 * One record as it is kept when it is refused: a CSV line as above, or the line of JSON as it was received, where a column holds
 * it. Otherwise a line that reads the same: an object of the published texts, without those that were nothing.
 */
export function recordLine(
  format: ResourceFormat,
  columns: ReadonlyArray<{ readonly published: string }>,
  values: readonly string[],
): string {
  if (format.reader === 'csv') return csvRecord(values, format.delimiter, format.quote);
  const whole = columns.findIndex(({ published }) => published === format.record);
  if (whole !== -1) return values[whole] ?? '';
  const entries = columns.map(({ published }, index) => [published, values[index] ?? ''] as const);
  return JSON.stringify(Object.fromEntries(entries.filter(([, text]) => text !== '')));
}
