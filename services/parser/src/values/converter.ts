import type { ColumnType, NullRule } from '@freshet/domain';
import { createDateConverter } from './dates';
import { convertBoolean, convertDecimal, convertInteger, convertText } from './scalars';

/**
 * What became of a value: `EXACT` its canonical rendering gives the published text back, `INEXACT` it does not, so the text
 * must be kept beside it, `MISTYPED` it is not of its column's type.
 */
export const EXACT = 0;
export const INEXACT = 1;
export const MISTYPED = 2;
export type Outcome = typeof EXACT | typeof INEXACT | typeof MISTYPED;

/** Where a converter leaves its result; one object for all, because converters run on every value. */
export interface Converted {
  /** As PostgreSQL reads it; null for a null. Unescaped. */
  value: string | null;
  outcome: Outcome;
}

export type Converter = (text: string, into: Converted) => void;

/**
 * A converter for one column: nulls by the rule of its resource, then its type. Null stands for a column whose values are
 * stored as they are. An empty text that is null is not given to it: the caller, who meets it more often than anything
 * else, deals with it first.
 */
export function createConverter(type: ColumnType, nulls: NullRule, dateFormats: readonly string[]): Converter | null {
  if (nulls.words.length === 0) return type === 'text' ? null : byType(type, dateFormats);
  const convert = byType(type, dateFormats);
  const words = new Set(nulls.words);
  return (text, into) => {
    if (!words.has(text)) return convert(text, into);
    into.value = null;
    into.outcome = INEXACT;
  };
}

function byType(type: ColumnType, dateFormats: readonly string[]): Converter {
  switch (type) {
    case 'text':
      return convertText;
    case 'integer':
      return convertInteger;
    case 'decimal':
      return convertDecimal;
    case 'boolean':
      return convertBoolean;
    case 'date':
    case 'datetime':
      return createDateConverter(type, dateFormats);
  }
}
