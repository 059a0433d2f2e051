import type { GapView } from '@freshet/contracts';
import {
  dueUntil,
  isGivenUp,
  roundOutwards,
  triesOf,
  type SensedGap,
  type SeriesDefinition,
  type TimeRange,
} from '@freshet/domain';
import type { Queryable } from '../base';
import { gapTries } from '../coordination/gap-tries';

export interface GapFilter {
  /** Looks from here even where a series begins later; otherwise every series is looked at from its first stored hour. */
  readonly from?: Date;
  /** Never later than what the publisher should have by now. */
  readonly to?: Date;
  /** Name of a series. */
  readonly series?: string;
  readonly limit: number;
}

/**
 * Gaps as rows (id, name, respondent, step, kind, from_at, to_at), by one pass over the primary key a series. Before its first stored
 * hour a series has none, unless `from` ($4) says so. A respondent of the definition ($6, $7) without any series is one gap, from the
 * dataset's first hour. `$1` dataset · `$2` since · `$3` until · `$4` from · `$5` not before · `$6` respondents · `$7` what their series
 * would be called · `$8` where a dataset without any series begins · `$9` only this series.
 */
const GAPS = /* sql */ `
WITH known AS MATERIALIZED (
  SELECT s.id, s.name, s.respondent, make_interval(secs => s.resolution_seconds) AS step,
         greatest($2::timestamptz, $5::timestamptz, coalesce($4::timestamptz,
           (SELECT o.starts_at FROM freshet.observation o WHERE o.series_id = s.id ORDER BY o.starts_at LIMIT 1))) AS lower_at,
         $3::timestamptz AS upper_at
  FROM freshet.series s WHERE s.dataset = $1 AND ($9::text IS NULL OR s.name = $9)
), absent AS (
  SELECT k.name, k.respondent, k.step, 'absent' AS kind, g.from_at, g.to_at
  FROM known k CROSS JOIN LATERAL (
    SELECT k.lower_at AS from_at, coalesce(
             (SELECT o.starts_at FROM freshet.observation o WHERE o.series_id = k.id AND o.starts_at >= k.lower_at AND o.starts_at < k.upper_at ORDER BY o.starts_at LIMIT 1),
             k.upper_at) AS to_at
    UNION ALL
    SELECT n.starts_at + k.step, n.next_at
    FROM (SELECT o.starts_at, lead(o.starts_at, 1, k.upper_at) OVER (ORDER BY o.starts_at) AS next_at
          FROM freshet.observation o WHERE o.series_id = k.id AND o.starts_at >= k.lower_at AND o.starts_at < k.upper_at) n
  ) g WHERE g.to_at > g.from_at
), missing AS (
  SELECT k.name, k.respondent, k.step, 'missing' AS kind, min(m.starts_at) AS from_at, max(m.starts_at) + k.step AS to_at
  FROM known k CROSS JOIN LATERAL (
    SELECT o.starts_at, o.starts_at - row_number() OVER (ORDER BY o.starts_at) * k.step AS island
    FROM freshet.observation o WHERE o.series_id = k.id AND o.value IS NULL AND o.starts_at >= k.lower_at AND o.starts_at < k.upper_at
  ) m GROUP BY k.name, k.respondent, k.step, m.island
), silent AS (
  SELECT r.name, r.respondent, make_interval(secs => $10::int) AS step, 'absent' AS kind, b.from_at, $3::timestamptz AS to_at
  FROM unnest($6::text[], $7::text[]) AS r (respondent, name)
  CROSS JOIN (SELECT greatest($2::timestamptz, $5::timestamptz, coalesce($4::timestamptz, (SELECT min(lower_at) FROM known), $8::timestamptz)) AS from_at) b
  WHERE b.from_at < $3::timestamptz AND ($9::text IS NULL OR r.name = $9)
    AND NOT EXISTS (SELECT 1 FROM freshet.series s WHERE s.dataset = $1 AND s.respondent = r.respondent)
), gaps AS (
  SELECT * FROM absent UNION ALL SELECT * FROM missing UNION ALL SELECT * FROM silent
)`;

/** Whether anything of a dataset was ever stored. What was never refreshed has no gaps yet. */
export async function anythingStored(sql: Queryable, dataset: string): Promise<boolean> {
  return (await sql.query(`SELECT 1 FROM freshet.series WHERE dataset = $1 LIMIT 1`, [dataset])).length > 0;
}

/** What is missing of every series, oldest first, with how often it was asked for by itself. `now` decides what is due. */
export async function findGaps(
  sql: Queryable,
  definition: SeriesDefinition,
  filter: GapFilter,
  now: Date,
): Promise<GapView[]> {
  const rows = await sql.query<{
    name: string;
    respondent: string;
    kind: GapView['kind'];
    from_at: Date;
    to_at: Date;
    intervals: number;
  }>(
    `${GAPS}
     SELECT name, respondent, kind, from_at, to_at, (extract(epoch FROM to_at - from_at) / extract(epoch FROM step))::float8 AS intervals
     FROM gaps ORDER BY from_at, name, kind LIMIT $11`,
    [...parameters(definition, filter, now), filter.limit],
  );
  const tries = await gapTries(sql, definition.id, spanOf(rows));
  return rows.map(({ name, respondent, kind, from_at, to_at, intervals }) => {
    const gap = { from: from_at, to: to_at };
    const own = tries.filter(({ selected }) => selected === respondent);
    return {
      dataset: definition.id,
      series: name,
      respondent,
      from: from_at.toISOString(),
      to: to_at.toISOString(),
      intervals,
      kind,
      tries: triesOf(gap, own),
      givenUp: isGivenUp(gap, own, definition.timeseries.backfill.maxTries),
    };
  });
}

/**
 * What the series of each respondent miss taken together, not looking further back than `notBefore`. A series that ended, while others
 * of its respondent went on, misses nothing: a fuel that is not burnt any more, a neighbour nobody trades with.
 */
export async function gapsByRespondent(
  sql: Queryable,
  definition: SeriesDefinition,
  now: Date,
  notBefore: Date | null,
): Promise<SensedGap[]> {
  const rows = await sql.query<{ respondent: string; from_at: Date; to_at: Date }>(
    `${GAPS}, living AS (
       SELECT k.respondent, max((SELECT o.starts_at FROM freshet.observation o WHERE o.series_id = k.id AND o.starts_at < k.upper_at ORDER BY o.starts_at DESC LIMIT 1)) AS last_at
       FROM known k GROUP BY k.respondent
     ), together AS (
       SELECT g.respondent, unnest(range_agg(tstzrange(g.from_at, g.to_at))) AS r
       FROM gaps g LEFT JOIN living l ON l.respondent = g.respondent
       WHERE NOT coalesce(g.to_at = $3::timestamptz AND g.from_at < $3::timestamptz - make_interval(secs => $11) AND l.last_at >= g.from_at, false)
       GROUP BY g.respondent
     )
     SELECT respondent, lower(r) AS from_at, upper(r) AS to_at FROM together ORDER BY respondent, from_at`,
    [...parameters(definition, {}, now, notBefore), definition.timeseries.maxCatchUpSeconds],
  );
  return rows.map(({ respondent, from_at, to_at }) => ({ respondent, from: from_at, to: to_at }));
}

function parameters(
  definition: SeriesDefinition,
  filter: Omit<GapFilter, 'limit'>,
  now: Date,
  notBefore: Date | null = null,
): unknown[] {
  const { timeseries, paging } = definition;
  const { resolutionSeconds } = timeseries.time;
  const due = dueUntil(definition, now);
  const asked = roundOutwards({ from: filter.from ?? due, to: filter.to ?? due }, resolutionSeconds);
  const respondents = paging.select.values;
  return [
    definition.id,
    timeseries.since,
    asked.to < due ? asked.to : due,
    filter.from ? asked.from : null,
    notBefore && roundOutwards({ from: notBefore, to: notBefore }, resolutionSeconds).from,
    respondents,
    respondents.map((respondent) => seriesPattern(definition, respondent)),
    new Date(due.getTime() - timeseries.windowSeconds * 1000),
    filter.series ?? null,
    resolutionSeconds,
  ];
}

/** What the series of a respondent are called as far as it says: `PJM.fuel.*`. */
export function seriesPattern({ timeseries }: Pick<SeriesDefinition, 'timeseries'>, respondent: string): string {
  const { id, names } = timeseries;
  return id.replace(/\{([^{}]*)\}/g, (_, column: string) =>
    column === timeseries.respondent ? (names[column]?.[respondent] ?? respondent) : '*',
  );
}

/**
 * How many intervals of each window are not stored or have no value, of those that all series of the selected respondent would have; of
 * a respondent without series, of as many as the definition expects.
 */
export async function missingHours(
  sql: Queryable,
  { id, timeseries, paging }: Pick<SeriesDefinition, 'id' | 'timeseries' | 'paging'>,
  windows: ReadonlyArray<TimeRange & { readonly selected: string }>,
): Promise<number[]> {
  const rows = await sql.query<{ series: number; stored: number }>(
    `SELECT c.series, c.stored
     FROM unnest($2::text[], $3::timestamptz[], $4::timestamptz[]) WITH ORDINALITY AS w (selected, from_at, to_at, place)
     CROSS JOIN LATERAL (
       SELECT count(*)::float8 AS series, coalesce(sum(
                (SELECT count(*) FROM freshet.observation o WHERE o.series_id = s.id AND o.starts_at >= w.from_at AND o.starts_at < w.to_at)
              - (SELECT count(*) FROM freshet.observation o WHERE o.series_id = s.id AND o.value IS NULL AND o.starts_at >= w.from_at AND o.starts_at < w.to_at)
              ), 0)::float8 AS stored
       FROM freshet.series s WHERE s.dataset = $1 AND s.respondent = w.selected
     ) c ORDER BY w.place`,
    [id, windows.map(({ selected }) => selected), windows.map(({ from }) => from), windows.map(({ to }) => to)],
  );
  const { resolutionSeconds } = timeseries.time;
  const expected = Math.max(1, Math.round((paging.recordsPerHour * resolutionSeconds) / 3600));
  return windows.map(({ from, to }, index) => {
    const intervals = Math.max(0, (to.getTime() - from.getTime()) / 1000 / resolutionSeconds);
    const { series, stored } = rows[index] ?? { series: 0, stored: 0 };
    return intervals * (series || expected) - stored;
  });
}

function spanOf(rows: ReadonlyArray<{ from_at: Date; to_at: Date }>): TimeRange | null {
  if (rows.length === 0) return null;
  return {
    from: new Date(Math.min(...rows.map(({ from_at }) => from_at.getTime()))),
    to: new Date(Math.max(...rows.map(({ to_at }) => to_at.getTime()))),
  };
}
