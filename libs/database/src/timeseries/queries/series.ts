import type { SeriesView } from '@freshet/contracts';
import type { Queryable } from '../../base';

/** Place of a series in a list; the keyset of its pages. */
export interface SeriesKey {
  readonly dataset: string;
  readonly name: string;
}

export interface SeriesQuery {
  readonly dataset?: string;
  readonly names?: readonly string[];
  /** The publisher's code. */
  readonly respondent?: string;
  readonly kind?: string;
  readonly limit: number;
  /** The last one of the page before. */
  readonly after?: SeriesKey;
}

/** `next` is the key of the last item when there may be more, null at the end. */
export interface KeysetPage<T, Key> {
  readonly items: readonly T[];
  readonly next: Key | null;
}

/** Series by dataset and name, with the extent of what is stored of each. */
export async function listSeries(db: Queryable, query: SeriesQuery): Promise<KeysetPage<SeriesView, SeriesKey>> {
  const { limit, after } = query;
  const rows = await db.query<{
    dataset: string;
    name: string;
    respondent: string;
    aggregate: boolean;
    kind: string;
    unit: string;
    codes: Record<string, string | null>;
    resolutionSeconds: number;
    firstStartsAt: Date | null;
    lastEndsAt: Date | null;
  }>(
    `WITH page AS MATERIALIZED (
       SELECT * FROM freshet.series s
       WHERE ($1::text IS NULL OR s.dataset = $1) AND ($2::text[] IS NULL OR s.name = ANY ($2)) AND ($3::text IS NULL OR s.respondent = $3)
         AND ($4::text IS NULL OR s.kind = $4) AND ($5::text IS NULL OR (s.dataset, s.name) > ($5, $6))
       ORDER BY s.dataset, s.name LIMIT $7)
     SELECT p.dataset, p.name, p.respondent, p.aggregate, p.kind, p.unit, p.codes, p.resolution_seconds AS "resolutionSeconds",
            f.starts_at AS "firstStartsAt", l.ends_at AS "lastEndsAt"
     FROM page p
     LEFT JOIN LATERAL (SELECT starts_at FROM freshet.observation o WHERE o.series_id = p.id ORDER BY o.starts_at LIMIT 1) f ON true
     LEFT JOIN LATERAL (SELECT ends_at FROM freshet.observation o WHERE o.series_id = p.id ORDER BY o.starts_at DESC LIMIT 1) l ON true
     ORDER BY p.dataset, p.name`,
    [
      query.dataset ?? null,
      query.names ?? null,
      query.respondent ?? null,
      query.kind ?? null,
      after?.dataset ?? null,
      after?.name ?? null,
      limit + 1,
    ],
  );
  const items = rows.slice(0, limit).map(({ firstStartsAt, lastEndsAt, ...series }): SeriesView => ({
    ...series,
    firstStartsAt: firstStartsAt?.toISOString() ?? null,
    lastEndsAt: lastEndsAt?.toISOString() ?? null,
  }));
  const last = items.at(-1);
  return { items, next: rows.length > limit && last ? { dataset: last.dataset, name: last.name } : null };
}
