import type { Hour } from './period';

/** Hours with both ends included; lists are sorted and do not touch each other. */
export interface Interval {
  readonly from: Hour;
  readonly to: Hour;
}

export function merged(list: readonly Interval[]): Interval[] {
  const result: Interval[] = [];
  for (const { from, to } of [...list].sort((a, b) => a.from - b.from)) {
    if (to < from) continue;
    const last = result.at(-1);
    if (last && from <= last.to + 1) result[result.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    else result.push({ from, to });
  }
  return result;
}

export const covers = (list: readonly Interval[], hour: Hour): boolean =>
  list.some(({ from, to }) => hour >= from && hour <= to);

/** How many hours of the range are covered. */
export const coveredHours = (list: readonly Interval[], from: Hour, to: Hour): number =>
  list.reduce((sum, each) => sum + Math.max(0, Math.min(to, each.to) - Math.max(from, each.from) + 1), 0);

/** What of the first list is not covered by the second. */
export function without(list: readonly Interval[], taken: readonly Interval[]): Interval[] {
  return list.flatMap((whole) => {
    const left: Interval[] = [];
    let next = whole.from;
    for (const { from, to } of taken) {
      if (to < next || from > whole.to) continue;
      if (from > next) left.push({ from: next, to: from - 1 });
      next = to + 1;
    }
    if (next <= whole.to) left.push({ from: next, to: whole.to });
    return left;
  });
}
