import { BIT, EMPTY_COLUMN, mergeColumnSummary, summarizeValue, type ColumnSummary } from './summary';

/** Gathers the summaries of one chunk while its rows are read. */
export interface ColumnSummarizer {
  /** `text` as published: unquoted, but neither trimmed nor turned into null. Values of a column come in row order. */
  add(column: number, text: string): void;
  finish(): ColumnSummary[];
}

export function createColumnSummarizer(columnCount: number): ColumnSummarizer {
  const summaries = new Int32Array(columnCount).fill(EMPTY_COLUMN);
  return {
    add(column, text) {
      const summary = summaries[column];
      if (summary === undefined || summary === BIT.text) return;
      const value = summarizeValue(text);
      // Most values say nothing new.
      if ((summary & value) !== value) summaries[column] = mergeColumnSummary(summary, value);
    },
    finish: () => Array.from(summaries),
  };
}
