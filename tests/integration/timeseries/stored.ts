import { randomUUID } from 'node:crypto';
import { loadCatalog } from '@freshet/catalog';
import type { Database } from '@freshet/database';
import { isSeriesDefinition, type SeriesDefinition } from '@freshet/domain';

export const HOUR = 3_600_000;

/** A built-in definition of a time series, with some of its figures replaced. */
export function seriesDefinition(
  id: string,
  over: Partial<SeriesDefinition> = {},
  timeseries: Partial<SeriesDefinition['timeseries']> = {},
): SeriesDefinition {
  const definition = loadCatalog().get(id);
  if (!isSeriesDefinition(definition)) throw new Error(`${id} is no time series`);
  return { ...definition, ...over, timeseries: { ...definition.timeseries, ...timeseries } };
}

/** Rows of `freshet.observation` without the run that would have brought them. */
export class StoredSeries {
  private readonly months = new Set<string>();

  constructor(private readonly database: Database) {}

  /** One value an hour in [from, to), those of `except` (interval starts) left out, those of `missing` without a value. */
  async hours(
    dataset: string,
    name: string,
    respondent: string,
    from: string,
    to: string,
    { except = [], missing = [] }: { except?: readonly string[]; missing?: readonly string[] } = {},
  ): Promise<void> {
    await this.monthsOf(new Date(from), new Date(to));
    const [series] = await this.database.query<{ id: number }>(
      `INSERT INTO freshet.series (dataset, name, respondent, aggregate, kind, unit, codes, resolution_seconds, run_id)
       VALUES ($1, $2, $3, false, 'kind', 'MWh', '{}', 3600, $4) ON CONFLICT (dataset, name) DO UPDATE SET unit = 'MWh' RETURNING id`,
      [dataset, name, respondent, randomUUID()],
    );
    await this.database.execute(
      `INSERT INTO freshet.observation (series_id, starts_at, ends_at, value, quality, answered_at, first_seen, merge_id, chunk, "row", source)
       SELECT $1, h, h + interval '1 hour', CASE WHEN h = ANY ($5::timestamptz[]) THEN NULL ELSE 1000 END,
              CASE WHEN h = ANY ($5::timestamptz[]) THEN 'missing' ELSE 'good' END, now(), now(), 1, 0, 0,
              '{"period":"2026-01-01T00","respondent":"PJM","respondent-name":"PJM Interconnection, LLC","type":"D","type-name":"Demand","value":"1000","value-units":"megawatthours"}'
       FROM generate_series($2::timestamptz, $3::timestamptz - interval '1 hour', interval '1 hour') h
       WHERE h <> ALL ($4::timestamptz[]) ON CONFLICT (series_id, starts_at) DO UPDATE SET value = excluded.value, quality = excluded.quality`,
      [series?.id, from, to, except, missing],
    );
  }

  private async monthsOf(from: Date, to: Date): Promise<void> {
    for (let at = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth())); at < to;) {
      const next = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1));
      const month = `observation_${at.toISOString().slice(0, 7).replace('-', '_')}`;
      if (!this.months.has(month))
        await this.database.execute(
          `CREATE TABLE IF NOT EXISTS freshet.${month} PARTITION OF freshet.observation FOR VALUES FROM ('${at.toISOString()}') TO ('${next.toISOString()}')`,
        );
      this.months.add(month);
      at = next;
    }
  }
}
