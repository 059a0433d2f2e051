import type { GapTry, TimeRange } from '@freshet/domain';
import type { Queryable } from '../base';

/** Partitions that were made for gaps of the dataset by itself, those that touch `span`; all of them without one. */
export async function gapTries(sql: Queryable, dataset: string, span: TimeRange | null): Promise<GapTry[]> {
  const rows = await sql.query<{ selected: string; from_at: Date; to_at: Date; ended_at: Date | null }>(
    `SELECT p.selected, p.from_at, p.to_at, CASE WHEN p.state NOT IN ('pending','leased') THEN p.updated_at END AS ended_at
     FROM freshet.backfill b JOIN freshet.backfill_partition p ON p.backfill_id = b.id
     WHERE b.dataset = $1 AND b.origin = 'gap' AND ($2::timestamptz IS NULL OR (p.from_at < $3 AND p.to_at > $2))
     ORDER BY p.from_at, p.id`,
    [dataset, span?.from ?? null, span?.to ?? null],
  );
  return rows.map(({ selected, from_at, to_at, ended_at }) => ({
    selected,
    from: from_at,
    to: to_at,
    endedAt: ended_at,
  }));
}
