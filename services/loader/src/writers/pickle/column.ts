import type { ByteBuffer } from './byte-buffer';

/** Rows of one piece at most, which also bounds what the number columns hold. */
export const PIECE_ROWS = 16_384;

/**
 * Turns the values of one column into the part of the pickle that stands for it, a piece at a time. A value arrives as the
 * bytes of a COPY field, or as text when its published form is not the stored one. Called in row order.
 */
export interface PickleColumn {
  /** The stored value: an escaped COPY field, possibly `\N`. */
  addField(bytes: Buffer, start: number, end: number): void;
  /** The published text; overrides the stored value of this row. */
  addPublished(text: string): void;
  /** Appends the opcodes that build the column of this piece, and starts the next piece. */
  emit(out: ByteBuffer): void;
}

/** A value that the type chosen for its column cannot hold: the summaries do not speak of these rows. */
export class ColumnMisfit extends Error {
  constructor(readonly expected: string) {
    super(`a value does not fit the column's type, ${expected}`);
    this.name = 'ColumnMisfit';
  }
}
