import { columnRenderer, escapeField, type StoredColumn } from '@freshet/contracts';
import { createColumnSummarizer, storedName, type ColumnSummary, type ColumnType } from '@freshet/domain';

/** A member as the loader would see it: COPY lines in position order, and one summary a chunk. */
export interface StoredMember {
  readonly columns: readonly StoredColumn[];
  readonly lines: readonly string[];
  readonly summaries: ReadonlyArray<readonly ColumnSummary[]>;
}

export const DATE_FORMATS = ['M/D/YYYY', 'M/D/YYYY h:mm:ss A'];

const DATE = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?: (\d{1,2}):(\d\d):(\d\d) ([AP])M)?$/;

/** What the parser would store; null where it could not, which the published text beside it makes good. */
function toStored(type: ColumnType, text: string): string | null {
  if (text === '') return null;
  if (type === 'text') return text;
  if (type === 'integer') return /^[+-]?\d{1,18}$/.test(text) ? BigInt(text.replace('+', '')).toString() : null;
  if (type === 'decimal') return /^-?\d+(\.\d+)?$/.test(text) ? text.replace(/^(-?)0+(?=\d)/, '$1') : null;
  if (type === 'boolean') return text === 'true' ? 't' : text === 'false' ? 'f' : null;
  const date = DATE.exec(text);
  if (!date || Number(date[1]) > 12 || Number(date[2]) > 31) return null;
  const two = (part: string | undefined): string => (part ?? '').padStart(2, '0');
  const day = `${date[3]}-${two(date[1])}-${two(date[2])}`;
  if (type === 'date' || date[4] === undefined) return type === 'date' ? day : `${day} 00:00:00`;
  const hour = (Number(date[4]) % 12) + (date[7] === 'P' ? 12 : 0);
  return `${day} ${two(String(hour))}:${date[5]}:${date[6]}`;
}

/** Stores records the way the pipeline does, in chunks of `chunkRows` rows. */
export function storeMember(
  header: readonly string[],
  types: readonly ColumnType[],
  records: ReadonlyArray<readonly string[]>,
  chunkRows: number,
): StoredMember {
  const columns = header.map((published, at) => ({
    name: `${storedName(published)}_${at}`,
    type: types[at] ?? 'text',
    published,
  }));
  const renderers = columns.map(({ type }) => columnRenderer(type, DATE_FORMATS));
  const lines: string[] = [];
  const summaries: ColumnSummary[][] = [];
  for (let from = 0; from < records.length; from += chunkRows) {
    const summarizer = createColumnSummarizer(columns.length);
    for (const [row, record] of records.slice(from, from + chunkRows).entries()) {
      const verbatim: Record<string, string> = {};
      const fields = columns.map(({ name, type }, at) => {
        const text = record[at] ?? '';
        summarizer.add(at, text);
        const stored = toStored(type, text);
        if (renderers[at]?.(stored) !== text) verbatim[name] = text;
        return stored === null ? '\\N' : escapeField(stored);
      });
      const kept = Object.keys(verbatim).length > 0 ? escapeField(JSON.stringify(verbatim)) : '\\N';
      lines.push([from / chunkRows, row, kept, ...fields].join('\t') + '\n');
    }
    summaries.push(summarizer.finish());
  }
  return { columns, lines, summaries };
}
