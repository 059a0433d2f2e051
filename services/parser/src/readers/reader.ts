import type { ResourceFormat } from '@freshet/domain';

/**
 * Reads the records of one chunk. A chunk is self-contained: it begins and ends between records, and its header is not in it.
 * One reader is made for a resource and used for one chunk at a time.
 */
export interface RecordReader {
  /**
   * Calls `onRecord` for every record, in order. `values` are the published texts, unquoted and otherwise untouched; the array
   * is used again for the next record. `start` and `end` are where the record stands in `text`, line end excluded.
   *
   * @throws FreshetError `unclosed_quote` and the like, for a chunk that cannot be read at all.
   */
  read(text: string, onRecord: (values: readonly string[], start: number, end: number) => void): void;
}

/** @param header published column names in the order in which `values` are wanted */
export type ReaderFactory<Format extends ResourceFormat = ResourceFormat> = (
  format: Format,
  header: readonly string[],
) => RecordReader;
