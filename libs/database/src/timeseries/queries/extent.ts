import type { SeriesExtentView } from '@freshet/contracts';
import type { DatasetDefinition } from '@freshet/domain';
import type { Queryable } from '../../base';

/** What is stored of each time series among the definitions, and what its checks found when they were last made. */
export async function seriesExtents(
  sql: Queryable,
  definitions: ReadonlyArray<Pick<DatasetDefinition, 'id' | 'timeseries'>>,
): Promise<ReadonlyMap<string, SeriesExtentView & { readonly rows: number }>> {
  const ids = definitions.flatMap(({ id, timeseries }) => (timeseries ? [id] : []));
  if (ids.length === 0) return new Map();
  const rows = await sql.query<{ dataset: string; series: number; rows: number; data_until: Date | null }>(
    // Observations are never removed, so those that runs added are those that are there: counting them would read all of them.
    `SELECT d.dataset, count(s.id) AS series, max(n.ends_at) AS data_until,
            coalesce((SELECT sum(m.added) FROM freshet.merge m WHERE m.dataset = d.dataset), 0)::float8 AS "rows"
     FROM unnest($1::text[]) AS d (dataset)
     LEFT JOIN freshet.series s ON s.dataset = d.dataset
     LEFT JOIN LATERAL (SELECT o.ends_at FROM freshet.observation o WHERE o.series_id = s.id AND o.value IS NOT NULL ORDER BY o.starts_at DESC LIMIT 1) n ON true
     GROUP BY d.dataset`,
    [ids],
  );
  const checks = definitions.flatMap(({ id, timeseries }) =>
    (timeseries?.checks ?? []).map(({ name }) => ({ dataset: id, name })),
  );
  const results = await sql.query<{ dataset: string; severity: 'note' | 'suspect' | 'hold'; failed: boolean }>(
    `SELECT d.dataset, c.severity, c.failed > 0 AS failed FROM unnest($1::text[], $2::text[]) AS d (dataset, name)
     CROSS JOIN LATERAL (SELECT c.severity, c.failed FROM freshet.check_result c WHERE c.dataset = d.dataset AND c.name = d.name ORDER BY c.id DESC LIMIT 1) c`,
    [checks.map(({ dataset }) => dataset), checks.map(({ name }) => name)],
  );
  return new Map(
    rows.map(({ dataset, series, rows: stored, data_until }) => {
      const made = results.filter((result) => result.dataset === dataset);
      const failed = (severity: string): number =>
        made.filter((result) => result.failed && result.severity === severity).length;
      return [
        dataset,
        {
          series,
          rows: stored,
          dataUntil: data_until?.toISOString() ?? null,
          checks:
            made.length === 0
              ? null
              : { made: made.length, noted: failed('note'), suspect: failed('suspect'), held: failed('hold') },
        },
      ];
    }),
  );
}
