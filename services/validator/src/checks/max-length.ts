import type { CheckFactory } from './check';

/** Length in characters (code points), as a person counts them. */
export const createMaxLengthCheck: CheckFactory<'maxLength'> = ({ length }) => {
  const expected = `at most ${length} characters`;
  return {
    test(value) {
      if (value.length <= length) return null;
      // Surrogate pairs make a text look longer than it is.
      return value.length <= 2 * length && [...value].length <= length ? null : expected;
    },
  };
};
