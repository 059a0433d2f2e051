import type { CheckFactory } from './check';

const SHOWN = 10;

/** Compared exactly, blanks and case included. */
export const createOneOfCheck: CheckFactory<'oneOf'> = ({ values }) => {
  const allowed = new Set(values);
  const expected = `one of ${values.slice(0, SHOWN).join(', ')}${values.length > SHOWN ? ` and ${values.length - SHOWN} more` : ''}`;
  return { test: (value) => (allowed.has(value) ? null : expected) };
};
