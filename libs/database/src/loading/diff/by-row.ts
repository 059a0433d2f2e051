import { quoteIdent, type Transaction } from '../../base';
import { asShown, toSample, type Comparison, type Counts, type Sample, type Shown } from './comparison';

/** Rows as a multiset: a row that occurs three times and then once is removed twice. */
export async function byRow(
  tx: Transaction,
  { columns, before, after, personal }: Comparison,
  limit: number,
): Promise<Counts> {
  const hashed = (side: string, sign: number): string =>
    `SELECT md5(ROW(${[...columns.map(({ name }) => `${quoteIdent(name)}::text`), '_verbatim'].join(', ')})::text)::uuid AS hash, ${sign} AS n, _chunk, _row FROM ${side} s`;
  const sums = `SELECT hash, sum(n) AS n, count(*) FILTER (WHERE n > 0) AS after FROM (${hashed(after, 1)} UNION ALL ${hashed(before, -1)}) r GROUP BY hash`;
  const [row] = await tx.query<{ added: number; removed: number; total: number }>(
    `SELECT coalesce(sum(n) FILTER (WHERE n > 0), 0)::bigint AS added, coalesce(-sum(n) FILTER (WHERE n < 0), 0)::bigint AS removed, coalesce(sum(after), 0)::bigint AS total FROM (${sums}) g`,
  );
  const { added, removed, total } = row ?? { added: 0, removed: 0, total: 0 };
  const samples: Sample[] = [];
  for (const [change, count, side, sign] of [
    ['added', added, after, 1],
    ['removed', removed, before, -1],
  ] as const) {
    if (count === 0 || limit === 0) continue;
    const rows = await tx.query<{ shown: Shown }>(
      `WITH wanted AS (SELECT hash FROM (${sums}) g WHERE n * ${sign} > 0 LIMIT ${Number(limit)}),
         place AS (SELECT DISTINCT ON (h.hash) h._chunk, h._row FROM (${hashed(side, sign)}) h JOIN wanted USING (hash) ORDER BY h.hash, h._chunk, h._row)
       SELECT ${asShown(columns, 's')} AS shown FROM ${side} s JOIN place p ON s._chunk = p._chunk AND s._row = p._row ORDER BY s._chunk, s._row`,
    );
    const shown = rows.map(({ shown: values }) =>
      change === 'added' ? { before: null, after: values } : { before: values, after: null },
    );
    samples.push(...shown.map((sample) => toSample(change, sample, { columns, before, after, personal }, [])));
  }
  return { added, removed, changed: 0, unchanged: total - added, changedColumns: {}, samples };
}
