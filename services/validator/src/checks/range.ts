import type { CheckFactory } from './check';

/** Both bounds belong to the range; one may be left out. What is no number is outside. */
export const createRangeCheck: CheckFactory<'range'> = ({ min = -Infinity, max = Infinity }) => {
  const expected =
    max === Infinity ? `at least ${min}` : min === -Infinity ? `at most ${max}` : `between ${min} and ${max}`;
  return {
    test(value) {
      const number = value === '' ? Number.NaN : Number(value);
      return number >= min && number <= max ? null : expected;
    },
  };
};
