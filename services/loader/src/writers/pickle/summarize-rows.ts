import { columnRenderer, readVerbatim, splitLine, type StoredColumn } from '@freshet/contracts';
import { createColumnSummarizer, type ColumnSummary } from '@freshet/domain';
import { CopyLines } from './copy-lines';

/**
 * The summaries of a table out of its rows, for when those of the ledger are missing or speak of other rows (a value dropped
 * by the schema contract, for example). One pass; what each value was published as decides, as in the parser.
 */
export async function summarizeRows(
  rows: AsyncIterable<Buffer>,
  columns: readonly StoredColumn[],
  dateFormats: readonly string[],
): Promise<ColumnSummary[]> {
  const renderers = columns.map(({ type }) => columnRenderer(type, dateFormats));
  const summarizer = createColumnSummarizer(columns.length);
  const lines = new CopyLines();
  for await (const buffer of rows) {
    lines.feed(buffer);
    while (lines.next()) {
      const line = lines.bytes.toString('utf8', lines.starts[0], lines.ends[lines.fields - 1]);
      const [, , verbatimField, ...stored] = splitLine(line);
      const verbatim = readVerbatim(verbatimField ?? null);
      for (const [at, { name }] of columns.entries()) {
        summarizer.add(at, verbatim?.[name] ?? renderers[at]?.(stored[at] ?? null) ?? '');
      }
    }
  }
  return summarizer.finish();
}
