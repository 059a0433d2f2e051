import { randomUUID } from 'node:crypto';
import { ensureMonths, monthsBetween, type Database } from '@freshet/database';

export type Value = string | null;

export interface SeriesOf {
  readonly dataset: string;
  readonly name: string;
  readonly respondent: string;
  readonly kind: string;
  readonly codes?: Readonly<Record<string, string>>;
  readonly aggregate?: boolean;
}

export const HOUR_MS = 3_600_000;
export const hour = (start: string, plus = 0): Date => new Date(Date.parse(start) + plus * HOUR_MS);

/** Observations without the runs that would have brought them, for checks of what is stored. */
export class Hourly {
  constructor(readonly database: Database) {}

  async empty(): Promise<void> {
    await this.database.execute('TRUNCATE freshet.observation, freshet.series, freshet.check_result');
  }

  async series({ dataset, name, respondent, kind, codes = {}, aggregate = false }: SeriesOf): Promise<number> {
    const [row] = await this.database.query<{ id: number }>(
      `INSERT INTO freshet.series (dataset, name, respondent, aggregate, kind, unit, codes, resolution_seconds, run_id)
       VALUES ($1, $2, $3, $4, $5, 'MWh', $6, 3600, $7) ON CONFLICT (dataset, name) DO UPDATE SET unit = 'MWh' RETURNING id`,
      [dataset, name, respondent, aggregate, kind, JSON.stringify(codes), randomUUID()],
    );
    return row?.id ?? -1;
  }

  /** One value an hour from `start` on; `undefined` leaves the hour out, null is an hour without a value. As a merge does, it leaves equal values alone. */
  async put(seriesId: number, start: string, values: ReadonlyArray<Value | undefined>): Promise<void> {
    await ensureMonths(this.database, monthsBetween(hour(start), hour(start, values.length)));
    const given = values.flatMap((value, nth) => (value === undefined ? [] : [{ at: hour(start, nth), value }]));
    await this.database.execute(
      `INSERT INTO freshet.observation AS o (series_id, starts_at, ends_at, value, quality, answered_at, first_seen, merge_id, chunk, "row", source)
       SELECT $1, v.at, v.at + interval '1 hour', v.value, CASE WHEN v.value IS NULL THEN 'missing' ELSE 'good' END, now(), now(), 1, 0, 0, ''
       FROM unnest($2::timestamptz[], $3::numeric[]) v (at, value)
       ON CONFLICT (series_id, starts_at) DO UPDATE SET value = excluded.value, quality = excluded.quality WHERE o.value IS DISTINCT FROM excluded.value`,
      [seriesId, given.map(({ at }) => at), given.map(({ value }) => value)],
    );
  }

  /** Starts of the flagged hours, by series: `PJM.demand 2026-03-01T05`. */
  async suspects(): Promise<string[]> {
    const rows = await this.database.query<{ hour: string }>(
      `SELECT s.name || ' ' || to_char(o.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24') AS hour
       FROM freshet.observation o JOIN freshet.series s ON s.id = o.series_id WHERE o.quality = 'suspect' ORDER BY 1`,
    );
    return rows.map((row) => row.hour);
  }

  /** Everything stored, with the place of each row: a row that was written again has another. */
  async places(): Promise<string[]> {
    const rows = await this.database.query<{ place: string }>(
      `SELECT concat_ws(' ', tableoid::regclass, ctid, series_id, starts_at, value, quality) AS place FROM freshet.observation ORDER BY 1`,
    );
    return rows.map((row) => row.place);
  }
}
