import type { CheckResultView } from '@freshet/contracts';
import type { DatasetDefinition } from '@freshet/domain';
import type { Queryable } from '../../base';
import { newestCheckResults } from './results';

/** How complete a dataset is over its health window, and what its checks said last. */
export interface HealthSummary {
  readonly dataset: string;
  /** The days looked at: up to the publication lag before now. */
  readonly from: string;
  readonly to: string;
  readonly series: number;
  /** Intervals that should be there: of each series since its first observation. */
  readonly expected: number;
  /** Of them with a value, and of those `suspect`. */
  readonly observed: number;
  readonly suspect: number;
  /** `observed / expected`, 0 to 1; null where nothing is expected. */
  readonly completeness: number | null;
  /** End of the newest interval that has a value. */
  readonly newestEndsAt: string | null;
  /** The newest result of each check of the definition. */
  readonly checks: readonly CheckResultView[];
}

/** Null for a dataset that is no time series. */
export async function healthSummary(
  sql: Queryable,
  { id, timeseries }: Pick<DatasetDefinition, 'id' | 'timeseries'>,
  now: Date,
): Promise<HealthSummary | null> {
  if (!timeseries) return null;
  const step = timeseries.time.resolutionSeconds * 1000;
  const to = new Date(Math.floor((now.getTime() - timeseries.lagSeconds * 1000) / step) * step);
  const from = new Date(to.getTime() - (timeseries.health?.windowSeconds ?? timeseries.windowSeconds) * 1000);
  const [row] = await sql.query<{
    series: number;
    expected: number;
    observed: number;
    suspect: number;
    newest: Date | null;
  }>(
    `SELECT count(*) AS series, coalesce(sum(e.expected), 0)::bigint AS expected, coalesce(sum(o.observed), 0)::bigint AS observed,
       coalesce(sum(o.suspect), 0)::bigint AS suspect, max(n.ends_at) AS newest
     FROM freshet.series s
     LEFT JOIN LATERAL (SELECT starts_at FROM freshet.observation o WHERE o.series_id = s.id ORDER BY starts_at LIMIT 1) f ON true
     LEFT JOIN LATERAL (SELECT ends_at FROM freshet.observation o WHERE o.series_id = s.id AND o.value IS NOT NULL
                        ORDER BY starts_at DESC LIMIT 1) n ON true
     CROSS JOIN LATERAL (SELECT greatest(0, floor(extract(epoch FROM $3::timestamptz - greatest($2::timestamptz, f.starts_at)) / s.resolution_seconds)) AS expected) e
     CROSS JOIN LATERAL (SELECT count(o.value) AS observed, count(*) FILTER (WHERE o.quality = 'suspect') AS suspect FROM freshet.observation o
                         WHERE o.series_id = s.id AND o.starts_at >= $2 AND o.starts_at < $3) o
     WHERE s.dataset = $1`,
    [id, from, to],
  );
  const { series = 0, expected = 0, observed = 0, suspect = 0, newest = null } = row ?? {};
  return {
    dataset: id,
    from: from.toISOString(),
    to: to.toISOString(),
    series,
    expected,
    observed,
    suspect,
    completeness: expected > 0 ? observed / expected : null,
    newestEndsAt: newest?.toISOString() ?? null,
    checks: await newestCheckResults(
      sql,
      id,
      timeseries.checks.map(({ name }) => name),
    ),
  };
}
