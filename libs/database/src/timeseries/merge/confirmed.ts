import type { Queryable } from '../../base';
import type { TimeSeriesDefinition } from './staged';

/**
 * Up to when the publisher's word is here: the oldest among the newest ends of the respondents that the definition asks for, and the lag it
 * normally has. A respondent whose newest hours stay away holds it back, however often the others are read. One that never had a value is
 * not counted: that it is missing is a gap. Null when nothing is stored; never in the future.
 */
export async function confirmedAt(
  db: Queryable,
  { id, timeseries, paging }: TimeSeriesDefinition,
): Promise<Date | null> {
  const [row] = await db.query<{ confirmed: Date | null }>(
    `SELECT least(now(), min(newest) + make_interval(secs => $3)) AS confirmed FROM (
       SELECT max(l.ends_at) AS newest FROM freshet.series s
       CROSS JOIN LATERAL (SELECT ends_at FROM freshet.observation o WHERE o.series_id = s.id AND o.value IS NOT NULL ORDER BY o.starts_at DESC LIMIT 1) l
       WHERE s.dataset = $1 AND ($2::text[] IS NULL OR s.respondent = ANY ($2)) GROUP BY s.respondent) r
     HAVING count(*) > 0`,
    [id, paging?.select.values ?? null, timeseries.lagSeconds],
  );
  return row?.confirmed ?? null;
}
