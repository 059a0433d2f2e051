import type { StoredSeries } from '@freshet/domain';
import type { Queryable } from '../base';

/**
 * What is stored of the series of these respondents, as far as it decides a rolling window: one look at the end of each series, in the
 * partitions since `since`.
 */
export async function storedSeries(
  sql: Queryable,
  dataset: string,
  respondents: readonly string[],
  since: Date,
): Promise<StoredSeries> {
  const [row] = await sql.query<{ any: boolean; newest: Date | null }>(
    `SELECT count(*) > 0 AS any, min(n.starts_at) AS newest
     FROM freshet.series s
     LEFT JOIN LATERAL (
       SELECT o.starts_at FROM freshet.observation o
       WHERE o.series_id = s.id AND o.starts_at >= $3 AND o.quality <> 'missing'
       ORDER BY o.starts_at DESC LIMIT 1
     ) n ON true
     WHERE s.dataset = $1 AND s.respondent = ANY ($2)`,
    [dataset, respondents, since],
  );
  return row ?? { any: false, newest: null };
}

/** Whether any series of the dataset was ever stored. */
export async function everStored(sql: Queryable, dataset: string): Promise<boolean> {
  return (await sql.query('SELECT 1 FROM freshet.series WHERE dataset = $1 LIMIT 1', [dataset])).length > 0;
}

/**
 * Until when there is data: the end of the newest interval with a value, of the respondent whose newest is the oldest; of those that ever
 * had one. Null when nothing is stored.
 */
export async function dataUntil(sql: Queryable, dataset: string, respondents: readonly string[]): Promise<Date | null> {
  const [row] = await sql.query<{ until: Date | null }>(
    `SELECT min(newest) AS until FROM (
       SELECT max(e.ends_at) AS newest FROM freshet.series s
       CROSS JOIN LATERAL (
         SELECT o.ends_at FROM freshet.observation o WHERE o.series_id = s.id AND o.quality <> 'missing'
         ORDER BY o.starts_at DESC LIMIT 1
       ) e
       WHERE s.dataset = $1 AND s.respondent = ANY ($2) GROUP BY s.respondent
     ) r`,
    [dataset, respondents],
  );
  return row?.until ?? null;
}
