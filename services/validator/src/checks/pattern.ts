import { PATTERN_VALUE_LIMIT } from '@freshet/catalog';
import type { CheckFactory } from './check';

/**
 * The catalog lets only patterns through whose worst case is bounded on a value of `PATTERN_VALUE_LIMIT` characters
 * (`safe-pattern.ts`); a longer value fails without being matched, so no value can hold up the batches behind it.
 */
export const createPatternCheck: CheckFactory<'pattern'> = ({ pattern }) => {
  const expression = new RegExp(pattern, 'u');
  const tooLong = `at most ${PATTERN_VALUE_LIMIT} characters, to be matched against ${pattern}`;
  const expected = `matching ${pattern}`;
  return {
    test(value) {
      if (value.length > PATTERN_VALUE_LIMIT) return tooLong;
      return expression.test(value) ? null : expected;
    },
  };
};
