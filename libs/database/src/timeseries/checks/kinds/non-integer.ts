import type { CheckKind } from '../kind';
import { valueRule } from './value-rule';

/** A value with a fraction that is not zero; `12.0` has none. */
export const nonInteger: CheckKind<'non-integer'> = {
  kind: 'non-integer',
  reach: valueRule.reach,
  verdicts: (_, over) => valueRule.verdicts(over, 'v.value <> trunc(v.value)', `'not a whole number'`),
};
