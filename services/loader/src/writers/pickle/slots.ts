import { TEXT_SLOTS } from './repeated-texts';

/** Memo slots of the pickle: what is written once and referred to by number. */
export const SLOT = {
  concat: 0,
  dataFrame: 1,
  rangeIndex: 2,
  series: 3,
  frombuffer: 4,
  integerArray: 5,
  booleanArray: 6,
  /** The one NaN that every missing text of the file is. */
  nan: 7,
  int64: 8,
  uint64: 9,
  float64: 10,
  bool: 11,
  datetime: 12,
  str: 13,
  object: 14,
  /** The index of the piece being built. */
  index: 15,
} as const;

const FIRST_NAME = 256;

export const nameSlot = (column: number): number => FIRST_NAME + column;
export const firstTextSlot = (column: number, columns: number): number => FIRST_NAME + columns + column * TEXT_SLOTS;
