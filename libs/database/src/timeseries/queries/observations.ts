import type { ObservationView } from '@freshet/contracts';
import type { Quality } from '@freshet/domain';
import type { Queryable } from '../../base';
import type { KeysetPage } from './series';

/** Place of an observation: series in the order they were first seen, then time. */
export interface ObservationKey {
  readonly seriesId: number;
  readonly startsAt: string;
}

export interface ObservationsQuery {
  /** Names of series, `PJM.demand`; all of the dataset when absent. One of the two must be given. */
  readonly series?: readonly string[];
  readonly dataset?: string;
  /** Interval starts, half-open. */
  readonly from: Date;
  readonly to: Date;
  /** What was known then: values first seen later are left out, and later revisions are taken back. */
  readonly asOf?: Date;
  readonly limit: number;
  readonly after?: ObservationKey;
}

/**
 * Observations by series and time. With `asOf` a value is known from when the publisher's answer that brought it was complete; its
 * quality is the one it had when it was replaced.
 */
export async function observations(
  db: Queryable,
  query: ObservationsQuery,
): Promise<KeysetPage<ObservationView, ObservationKey>> {
  const series = await db.query<{ id: number; name: string; unit: string }>(
    `SELECT id, name, unit FROM freshet.series
     WHERE ($1::text IS NULL OR dataset = $1) AND ($2::text[] IS NULL OR name = ANY ($2)) AND ($1 IS NOT NULL OR $2 IS NOT NULL) AND id >= $3`,
    [query.dataset ?? null, query.series ?? null, query.after?.seriesId ?? 0],
  );
  if (series.length === 0) return { items: [], next: null };
  const rows = await page(
    db,
    query,
    series.map(({ id }) => id),
  );
  const byId = new Map(series.map((entry) => [entry.id, entry]));
  const items = rows.slice(0, query.limit).map((row): ObservationView => {
    const of = byId.get(row.seriesId);
    return {
      series: of?.name ?? '',
      startsAt: row.startsAt.toISOString(),
      endsAt: row.endsAt.toISOString(),
      value: row.value,
      unit: of?.unit ?? '',
      quality: row.quality,
      correctedStartsAt: row.correctedStartsAt?.toISOString() ?? null,
      firstSeen: row.firstSeen.toISOString(),
      revisions: row.revisions,
    };
  });
  const last = rows[query.limit - 1];
  const more = rows.length > query.limit && last !== undefined;
  return { items, next: more ? { seriesId: last.seriesId, startsAt: last.startsAt.toISOString() } : null };
}

interface Row {
  readonly seriesId: number;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly value: string | null;
  readonly quality: Quality;
  readonly correctedStartsAt: Date | null;
  readonly firstSeen: Date;
  readonly revisions: number;
  readonly [column: string]: unknown;
}

/** The primary key gives rows in this order, so a page reads as many of them as it shows. */
function page(db: Queryable, query: ObservationsQuery, ids: readonly number[]): Promise<Row[]> {
  const { sql, values } = observationsSql(query, ids);
  return db.query<Row>(sql, values);
}

/** For plan tests. */
export function observationsSql(
  { from, to, asOf, after, limit }: ObservationsQuery,
  ids: readonly number[],
): { readonly sql: string; readonly values: readonly unknown[] } {
  const values: unknown[] = [ids, from, to, limit + 1];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const later = after
    ? `AND (o.series_id, o.starts_at) > (${bind(after.seriesId)}::bigint, ${bind(after.startsAt)}::timestamptz)`
    : '';
  const instant = asOf ? `${bind(asOf)}::timestamptz` : null;
  const sql = `
    WITH page AS MATERIALIZED (
      SELECT o.series_id, o.starts_at, o.ends_at, o.value, o.quality, o.corrected_starts_at, o.first_seen
      FROM freshet.observation o
      WHERE o.series_id = ANY ($1::bigint[]) AND o.starts_at >= $2 AND o.starts_at < $3 ${later} ${instant ? `AND o.first_seen <= ${instant}` : ''}
      ORDER BY o.series_id, o.starts_at LIMIT $4)
    SELECT p.series_id AS "seriesId", p.starts_at AS "startsAt", p.ends_at AS "endsAt", p.corrected_starts_at AS "correctedStartsAt", p.first_seen AS "firstSeen",
           ${instant ? `CASE WHEN k.id IS NULL THEN p.value ELSE k.old_value END` : 'p.value'} AS value,
           ${instant ? `CASE WHEN k.id IS NULL THEN p.quality ELSE k.old_quality END` : 'p.quality'} AS quality,
           (SELECT count(*) FROM freshet.observation_revision r
            WHERE r.series_id = p.series_id AND r.starts_at = p.starts_at AND NOT r.late ${instant ? `AND r.seen_at <= ${instant}` : ''}) AS revisions
    FROM page p
    ${
      instant
        ? `LEFT JOIN LATERAL (SELECT r.id, r.old_value, r.old_quality FROM freshet.observation_revision r
                              WHERE r.series_id = p.series_id AND r.starts_at = p.starts_at AND r.seen_at > ${instant} AND NOT r.late
                              ORDER BY r.seen_at, r.id LIMIT 1) k ON true`
        : ''
    }
    ORDER BY p.series_id, p.starts_at`;
  return { sql, values };
}
