import { quoteIdent, type Transaction } from '../../base';
import { asShown, toSample, type Comparison, type Counts, type Sample, type Shown } from './comparison';

export async function byKey(
  tx: Transaction,
  comparison: Comparison,
  key: readonly string[],
  limit: number,
): Promise<Counts> {
  const { columns } = comparison;
  // Arrays compare null equal to null, and can be hashed.
  const keyOf = (side: string): string => `ARRAY[${key.map((name) => `${side}.${quoteIdent(name)}::text`).join(', ')}]`;
  const joined = `${comparison.before} b FULL JOIN ${comparison.after} a ON ${keyOf('b')} = ${keyOf('a')}`;
  const values = columns.filter(({ name }) => !key.includes(name));
  const differs = values.map(({ name }) => differsIn(name));
  const both = 'a._chunk IS NOT NULL AND b._chunk IS NOT NULL';
  const anyDiffers = differs.length > 0 ? `(${differs.join(' OR ')})` : 'false';
  const [row] = await tx.query<{
    added: number;
    removed: number;
    changed: number;
    unchanged: number;
    per_column: Array<number | null>;
  }>(
    `SELECT count(*) FILTER (WHERE b._chunk IS NULL) AS added, count(*) FILTER (WHERE a._chunk IS NULL) AS removed,
       count(*) FILTER (WHERE ${both} AND ${anyDiffers}) AS changed, count(*) FILTER (WHERE ${both} AND NOT ${anyDiffers}) AS unchanged,
       ARRAY[${differs.map((differing) => `count(*) FILTER (WHERE ${both} AND ${differing})`).join(', ')}]::bigint[]::text[]::float8[] AS per_column
     FROM ${joined}`,
  );
  const counts = row ?? { added: 0, removed: 0, changed: 0, unchanged: 0, per_column: [] };
  const changedColumns = Object.fromEntries(
    values.flatMap(({ published }, index) =>
      counts.per_column[index] ? [[published, counts.per_column[index] ?? 0]] : [],
    ),
  );
  const kinds = [
    ['added', counts.added, 'b._chunk IS NULL', 'a'],
    ['removed', counts.removed, 'a._chunk IS NULL', 'b'],
    ['changed', counts.changed, `${both} AND ${anyDiffers}`, 'a'],
  ] as const;
  const samples: Sample[] = [];
  for (const [change, count, condition, side] of kinds) {
    if (count === 0 || limit === 0) continue;
    const rows = await tx.query<{ before: Shown; after: Shown }>(
      `SELECT ${asShown(columns, 'b')} AS before, ${asShown(columns, 'a')} AS after FROM ${joined} WHERE ${condition} ORDER BY ${side}._chunk, ${side}._row LIMIT ${Number(limit)}`,
    );
    samples.push(...rows.map((sample) => toSample(change, sample, comparison, key)));
  }
  return {
    added: counts.added,
    removed: counts.removed,
    changed: counts.changed,
    unchanged: counts.unchanged,
    changedColumns,
    samples,
  };
}

/** The stored value, or the text it was published as where that is kept beside it. */
const differsIn = (name: string): string => {
  const column = quoteIdent(name);
  const text = `'${name.replaceAll("'", "''")}'`;
  return `(a.${column}::text IS DISTINCT FROM b.${column}::text OR a._verbatim ->> ${text} IS DISTINCT FROM b._verbatim ->> ${text})`;
};
