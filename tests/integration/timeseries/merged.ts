import { randomUUID } from 'node:crypto';
import type { Database } from '@freshet/database';
import type { RequestReport } from '@freshet/domain';
import { HOUR } from './stored';

export interface MergedRun {
  readonly id: number;
  readonly runId: string;
  readonly taskId: string;
  readonly request: RequestReport;
}

/** What runs leave behind, written row by row: values exactly as given, with the run, request and row they came from. */
export class MergedSeries {
  private readonly ids = new Map<string, number>();

  constructor(private readonly database: Database) {}

  /** A run of the dataset whose one answer was complete at `answeredAt`. */
  async run(dataset: string, answeredAt: string, from: string, to: string, selected: string[]): Promise<MergedRun> {
    const [runId, taskId] = [randomUUID(), randomUUID()];
    const request: RequestReport = {
      url: 'https://api.eia.gov/v2/electricity/rto/region-data/data?frequency=hourly',
      at: answeredAt,
      ms: 180,
      status: 200,
      bytes: 4096,
      sha256: 'ab'.repeat(32),
      records: 3,
      chunks: [0, 0],
      warnings: [],
    };
    const [merge] = await this.database.query<{ id: number }>(
      `INSERT INTO freshet.merge (run_id, task_id, attempt, dataset, content_version, window_from, window_to, selected, requests, first_answered_at, answered_at, merged_at, added, changed, unchanged, late, duplicates)
       VALUES ($1, $2, 1, $3, 'version-1', $4, $5, $6, $7::jsonb, $8, $8, $8, 0, 0, 0, 0, 0) RETURNING id`,
      [runId, taskId, dataset, from, to, selected, JSON.stringify([request]), answeredAt],
    );
    return { id: merge?.id ?? 0, runId, taskId, request };
  }

  async series(dataset: string, name: string, { kind = 'demand', aggregate = false } = {}): Promise<number> {
    const respondent = name.split(/[.-]/)[0] ?? '';
    const [row] = await this.database.query<{ id: number }>(
      `INSERT INTO freshet.series (dataset, name, respondent, aggregate, kind, unit, codes, resolution_seconds, run_id)
       VALUES ($1, $2, $3, $4, $5, 'MWh', $6::jsonb, 3600, $7) RETURNING id`,
      [dataset, name, respondent, aggregate, kind, JSON.stringify({ respondent }), randomUUID()],
    );
    this.ids.set(`${dataset} ${name}`, row?.id ?? 0);
    return row?.id ?? 0;
  }

  /** New values, an hour apart from `from`. */
  async values(run: MergedRun, dataset: string, name: string, from: string, values: ReadonlyArray<string | null>) {
    await this.database.execute(
      `INSERT INTO freshet.observation (series_id, starts_at, ends_at, value, quality, answered_at, first_seen, merge_id, chunk, "row", source)
       SELECT $1, at, at + interval '1 hour', v::numeric, CASE WHEN v IS NULL THEN 'missing' ELSE 'good' END, $4, $4, $5, 0, n - 1, jsonb_build_object('value', v)::text
       FROM unnest($3::text[]) WITH ORDINALITY AS u (v, n), LATERAL (SELECT $2::timestamptz + (n - 1) * interval '1 hour' AS at) t`,
      [this.id(dataset, name), from, values, run.request.at, run.id],
    );
  }

  /** Another value for the interval, as a later answer brings it. */
  async revise(run: MergedRun, dataset: string, name: string, startsAt: string, value: string | null): Promise<void> {
    const id = this.id(dataset, name);
    await this.database.execute(
      `INSERT INTO freshet.observation_revision (series_id, starts_at, old_value, new_value, old_quality, old_source, old_merge_id, old_chunk, old_row, merge_id, run_id, seen_at, late)
       SELECT series_id, starts_at, value, $3::numeric, quality, source, merge_id, chunk, "row", $4, $5, $6, false FROM freshet.observation WHERE series_id = $1 AND starts_at = $2`,
      [id, startsAt, value, run.id, run.runId, run.request.at],
    );
    await this.database.execute(
      `UPDATE freshet.observation SET value = $3::numeric, quality = CASE WHEN $3::numeric IS NULL THEN 'missing' ELSE 'good' END, merge_id = $4, answered_at = $5, "row" = 7,
              source = jsonb_build_object('value', $3::text)::text WHERE series_id = $1 AND starts_at = $2`,
      [id, startsAt, value, run.id, run.request.at],
    );
  }

  private id(dataset: string, name: string): number {
    return this.ids.get(`${dataset} ${name}`) ?? 0;
  }
}

export const hourAfter = (instant: string, hours: number): string =>
  new Date(new Date(instant).getTime() + hours * HOUR).toISOString();
