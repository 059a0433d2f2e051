import { printable, truncate, visibleLength } from './text';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: 'right';
  /** Colours the padded cell; never changes its visible length. */
  readonly paint?: (cell: string, row: Row) => string;
  /** May be cut when the terminal is narrow; others never are. */
  readonly shrinks?: boolean;
}

const GAP = '  ';
const NARROWEST = 8;

/** Rows as aligned text, no wider than `width` where columns that may shrink allow it. */
export function renderTable<Row>(
  columns: ReadonlyArray<Column<Row>>,
  rows: readonly Row[],
  width = Number.POSITIVE_INFINITY,
): string {
  const cells = rows.map((row) => columns.map((column) => printable(column.value(row))));
  const widths = columns.map((column, index) =>
    Math.max(visibleLength(column.title), ...cells.map((line) => visibleLength(line[index] ?? ''))),
  );
  shrink(columns, widths, width);
  const line = (values: readonly string[], row?: Row): string =>
    columns
      .map((column, index) => {
        const size = widths[index] ?? 0;
        const cell = pad(truncate(values[index] ?? '', size), size, column.align);
        return row !== undefined && column.paint ? column.paint(cell, row) : cell;
      })
      .join(GAP)
      .trimEnd();
  return [line(columns.map((column) => column.title)), ...cells.map((values, index) => line(values, rows[index]))].join(
    '\n',
  );
}

function shrink<Row>(columns: ReadonlyArray<Column<Row>>, widths: number[], width: number): void {
  const total = (): number => widths.reduce((sum, size) => sum + size, 0) + GAP.length * (widths.length - 1);
  while (total() > width) {
    const widest = columns
      .map((column, index) => ({ index, size: column.shrinks ? (widths[index] ?? 0) : 0 }))
      .reduce((best, candidate) => (candidate.size > best.size ? candidate : best));
    if (widest.size <= NARROWEST) return;
    widths[widest.index] = Math.max(
      NARROWEST,
      widest.size - Math.max(1, Math.min(total() - width, Math.ceil(widest.size / 4))),
    );
  }
}

function pad(text: string, size: number, align: 'right' | undefined): string {
  const space = ' '.repeat(Math.max(0, size - visibleLength(text)));
  return align === 'right' ? space + text : text + space;
}
