import { unescapeField, LEADING_COLUMNS, readVerbatim, type StoredColumn } from '@freshet/contracts';
import { FreshetError, type ColumnSummary, type PickleExport } from '@freshet/domain';
import { chooseColumns } from './choose-columns';
import { PIECE_ROWS, type PickleColumn } from './column';
import { pandasColumnNames } from './column-names';
import { CopyLines, isNullField } from './copy-lines';
import { PickleFrames, type ByteSink } from './pickle-frames';

/** Bytes of rows after which a piece is written out, however few rows they are. */
const PIECE_BYTES = 4 << 20;
const VERBATIM = 2;
const FIRST_COLUMN = LEADING_COLUMNS.length;

export interface PickleTable {
  readonly columns: readonly StoredColumn[];
  /** One a column, over all rows (more rows than these do no harm). Not looked at for declared types. */
  readonly summaries: readonly ColumnSummary[];
  readonly dtypes: PickleExport['dtypes'];
  readonly dateFormats: readonly string[];
  /** COPY text in position order: `_chunk \t _row \t _verbatim \t columns…`, in buffers that end anywhere. */
  readonly rows: AsyncIterable<Buffer>;
}

/**
 * Writes a table as the pickle of one `pandas.DataFrame` and returns its number of rows. The same rows give the same bytes.
 *
 * Memory holds one piece: up to 16,384 rows or about 4 MiB of text, or one row where that is larger.
 * @throws ColumnMisfit when the summaries do not cover the rows; nothing usable was written then.
 */
export async function writePickle(table: PickleTable, sink: ByteSink): Promise<number> {
  const names = pandasColumnNames(table.columns.map(({ published }) => published));
  const columns = chooseColumns(table);
  const stored = new Map(table.columns.map(({ name }, position) => [name, position]));
  const frames = new PickleFrames(sink, names);
  const lines = new CopyLines();
  let written = 0;
  let rows = 0;
  let bytes = 0;

  await frames.begin();
  for await (const buffer of table.rows) {
    lines.feed(buffer);
    while (lines.next()) {
      addRow(lines, columns, table.dtypes === 'legacy' ? stored : null);
      bytes += lines.length;
      rows++;
      if (rows === PIECE_ROWS || bytes > PIECE_BYTES) {
        await frames.piece(columns, written, (written += rows));
        rows = bytes = 0;
      }
    }
  }
  if (lines.truncated) throw wrongRows('the rows end inside a line');
  if (rows > 0 || written === 0) await frames.piece(columns, written, (written += rows));
  await frames.end();
  return written;
}

/** @returns roughly the bytes that the piece holds now */
function addRow(
  line: CopyLines,
  columns: readonly PickleColumn[],
  published: ReadonlyMap<string, number> | null,
): void {
  const { bytes, starts, ends } = line;
  if (line.fields !== FIRST_COLUMN + columns.length)
    throw wrongRows(`a row has ${line.fields} fields instead of ${FIRST_COLUMN + columns.length}`);
  const texts = published ? verbatimTexts(line, published) : null;
  for (let at = 0; at < columns.length; at++) {
    const column = columns[at] as PickleColumn;
    const text = texts?.[at];
    if (text === undefined)
      column.addField(bytes, starts[FIRST_COLUMN + at] as number, ends[FIRST_COLUMN + at] as number);
    else column.addPublished(text);
  }
}

/** Published texts by position, where they are not what the stored values render to. */
function verbatimTexts(line: CopyLines, published: ReadonlyMap<string, number>): Array<string | undefined> | null {
  const [start, end] = [line.starts[VERBATIM] as number, line.ends[VERBATIM] as number];
  if (isNullField(line.bytes, start, end)) return null;
  const verbatim = readVerbatim(unescapeField(line.bytes.toString('utf8', start, end)));
  if (!verbatim) return null;
  const texts: Array<string | undefined> = [];
  for (const [name, text] of Object.entries(verbatim)) {
    const position = published.get(name);
    if (position !== undefined) texts[position] = text;
  }
  return texts;
}

const wrongRows = (what: string): FreshetError =>
  new FreshetError('export_failed', {
    message: `the rows of the table cannot be read: ${what}`,
    nextStep: 'Export again; if it repeats, report it with the dataset and generation.',
  });
