import type { Column } from './column';

/** Writes one table. `add` may be called any number of times with further rows; `finish` gives the whole body. */
export interface TableEncoder<Row> {
  add(rows: readonly Row[]): void;
  finish(): readonly Uint8Array[];
}

/** A way to send a table other than JSON. */
export interface TableFormat {
  /** As in `?format=`; also the extension of a file. */
  readonly name: string;
  readonly mediaType: string;
  /** What the answer is labelled with: the media type and its parameters. */
  readonly contentType: string;
  open<Row>(columns: ReadonlyArray<Column<Row>>): Promise<TableEncoder<Row>>;
}
