import type { Column } from './column';
import type { TableFormat } from './format';

/** RFC 4180: CRLF, a header line, UTF-8 without a mark; a null is an empty field. Decimals are exact. */
export const csv: TableFormat = {
  name: 'csv',
  mediaType: 'text/csv',
  contentType: 'text/csv; charset=utf-8; header=present',
  open: <Row>(columns: ReadonlyArray<Column<Row>>) => {
    const parts: Buffer[] = [Buffer.from(line(columns.map(({ name }) => name)))];
    return Promise.resolve({
      add: (rows: readonly Row[]) => {
        parts.push(Buffer.from(rows.map((row) => line(columns.map(({ value }) => value(row)))).join('')));
      },
      finish: () => parts,
    });
  },
};

const line = (values: ReadonlyArray<string | number | boolean | null>): string => `${values.map(field).join(',')}\r\n`;

function field(value: string | number | boolean | null): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
