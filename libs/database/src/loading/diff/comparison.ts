import type { DiffView, StoredColumn } from '@freshet/contracts';
import { quoteIdent } from '../../base';
import { MASK } from '../mask';

export type ResourceDiff = DiffView['resources'][number];
export type Sample = ResourceDiff['samples'][number];
export type Counts = Omit<ResourceDiff, 'resource' | 'by'>;

/** Two sides as subqueries with the same columns. */
export interface Comparison {
  readonly columns: readonly StoredColumn[];
  readonly before: string;
  readonly after: string;
  readonly personal: ReadonlySet<string>;
}

export type Shown = ReadonlyArray<string | null> | null;

/** A row as an array of texts as published; arrays have no limit of a hundred arguments. */
export const asShown = (columns: readonly StoredColumn[], side: string): string =>
  `CASE WHEN ${side}._chunk IS NOT NULL THEN ARRAY[${columns
    .map(
      ({ name }) =>
        `coalesce(${side}._verbatim ->> '${name.replaceAll("'", "''")}', ${side}.${quoteIdent(name)}::text)`,
    )
    .join(', ')}]::text[] END`;

export function toSample(
  change: Sample['change'],
  { before, after }: { before: Shown; after: Shown },
  { columns, personal }: Comparison,
  key: readonly string[],
): Sample {
  const pick = (row: Shown, wanted: (column: StoredColumn, index: number) => boolean): Record<string, string | null> =>
    Object.fromEntries(
      columns.flatMap((column, index) => {
        const value = row?.[index] ?? null;
        return wanted(column, index)
          ? [[column.published, value !== null && personal.has(column.name) ? MASK : value] as const]
          : [];
      }),
    );
  const identity = pick(after ?? before, ({ name }) => key.includes(name));
  if (change === 'added') return { change, key: identity, after: pick(after, () => true) };
  if (change === 'removed') return { change, key: identity, before: pick(before, () => true) };
  const changed = (column: StoredColumn, index: number): boolean =>
    !key.includes(column.name) && before?.[index] !== after?.[index];
  return { change, key: identity, before: pick(before, changed), after: pick(after, changed) };
}
