import type { CheckKind } from '../kind';
import { valueRule } from './value-rule';

/** A value below `min` or above `max`. The bounds are those of one respondent, so sums over several are left out. */
export const range: CheckKind<'range'> = {
  kind: 'range',
  reach: valueRule.reach,
  verdicts: ({ min, max }, over) => {
    const [low, high] = [over.bind(min, 'numeric'), over.bind(max, 'numeric')];
    return valueRule.verdicts(
      over,
      `(coalesce(v.value < ${low}, false) OR coalesce(v.value > ${high}, false))`,
      `CASE WHEN v.value < ${low} THEN 'below ' || ${low} ELSE 'above ' || ${high} END`,
      'NOT v.aggregate',
    );
  },
};
