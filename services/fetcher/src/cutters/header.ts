import { FreshetError, type CsvFormat } from '@freshet/domain';
import { parse } from 'csv-parse/sync';

/**
 * Published column names of a header record.
 * @throws FreshetError `undecodable` when the record cannot be read as one.
 */
export function decodeHeader(record: Buffer, format: CsvFormat): readonly string[] {
  try {
    const rows: string[][] = parse(decode(record, format), {
      delimiter: format.delimiter,
      quote: format.quote,
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      record_delimiter: ['\r\n', '\n'],
    });
    return rows[0] ?? [];
  } catch (cause) {
    throw new FreshetError('undecodable', {
      message: 'the header record cannot be read as csv',
      nextStep: 'Look at the first line of the member and compare it with the format in the definition.',
      cause,
    });
  }
}

/** One-shot `decode` of windows-1252 is wrong for 0x80-0x9F on Node 20; the streaming form is right on every version. */
function decode(record: Buffer, format: CsvFormat): string {
  const decoder = new TextDecoder(format.encoding, { fatal: format.encoding === 'utf-8' });
  return decoder.decode(record, { stream: true }) + decoder.decode();
}
