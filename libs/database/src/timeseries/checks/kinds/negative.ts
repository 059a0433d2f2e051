import type { CheckKind } from '../kind';
import { valueRule } from './value-rule';

/** A value below zero. */
export const negative: CheckKind<'negative'> = {
  kind: 'negative',
  reach: valueRule.reach,
  verdicts: (_, over) => valueRule.verdicts(over, 'v.value < 0', `'below zero'`),
};
