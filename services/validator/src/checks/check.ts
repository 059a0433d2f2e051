import type { ColumnCheck } from '@freshet/domain';

/**
 * One check on one column, made when a batch is opened and used for every row of it. `value` is the stored value, unescaped
 * and never null: a null passes every check, and `required` on the column is what refuses it.
 */
export interface ValueCheck {
  /** Null when the value passes; otherwise what a value would have to be, without the value: it may be of a person. */
  test(value: string): string | null;
}

export type CheckKind = ColumnCheck['kind'];
export type CheckOf<Kind extends CheckKind> = Extract<ColumnCheck, { kind: Kind }>;
/** How a definition's check of one kind becomes a `ValueCheck`. Called once a column and batch: compile here, not in `test`. */
export type CheckFactory<Kind extends CheckKind = CheckKind> = (check: CheckOf<Kind>) => ValueCheck;
