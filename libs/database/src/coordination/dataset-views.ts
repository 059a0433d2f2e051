import type { ChangesView, DatasetView, GenerationView, SeriesExtentView } from '@freshet/contracts';
import { freshness, type DatasetDefinition, type Failure, type RunState } from '@freshet/domain';
import type { Queryable } from '../base';
import { seriesExtents } from '../timeseries/queries';

interface Row {
  id: string;
  current_generation: number | null;
  pinned: boolean;
  confirmed_at: Date | null;
  published_at: Date | null;
  rows: number | null;
  run_id: string | null;
  run_state: RunState | null;
  run_ended_at: Date | null;
  run_failure: Failure | null;
  [column: string]: unknown;
}

/** Every dataset of the definitions, refreshed or not, in their order. `now` decides what is stale. */
export async function datasetViews(
  sql: Queryable,
  definitions: readonly DatasetDefinition[],
  now: Date,
): Promise<DatasetView[]> {
  const rows = await sql.query<Row>(
    `SELECT d.id, d.current_generation, d.pinned, d.confirmed_at,
            coalesce(g.published_at, (SELECT max(m.merged_at) FROM freshet.merge m WHERE m.dataset = d.id AND m.added + m.changed > 0)) AS published_at,
            (SELECT sum(gr."rows") FROM freshet.generation_resource gr WHERE gr.dataset = d.id AND gr.generation = d.current_generation)::float8 AS "rows",
            r.id AS run_id, r.state AS run_state, r.ended_at AS run_ended_at, r.failure AS run_failure
     FROM freshet.dataset d
     LEFT JOIN freshet.generation g ON g.dataset = d.id AND g.number = d.current_generation
     LEFT JOIN LATERAL (SELECT * FROM freshet.run x WHERE x.dataset = d.id AND x.priority >= 0 ORDER BY x.requested_at DESC, x.id DESC LIMIT 1) r ON true
     WHERE d.id = ANY ($1)`,
    [definitions.map((definition) => definition.id)],
  );
  const known = new Map(rows.map((row) => [row.id, row]));
  const extents = await seriesExtents(sql, definitions);
  return definitions.map((definition) =>
    toView(definition, known.get(definition.id), extents.get(definition.id) ?? null, now),
  );
}

function toView(
  definition: DatasetDefinition,
  row: Row | undefined,
  extent: (SeriesExtentView & { readonly rows: number }) | null,
  now: Date,
): DatasetView {
  return {
    id: definition.id,
    title: definition.title,
    source: definition.source,
    mode: definition.mode,
    freshness: freshness(row?.confirmed_at ?? null, definition.maxAgeSeconds, now),
    generation: row?.current_generation ?? null,
    pinned: row?.pinned ?? false,
    publishedAt: row?.published_at?.toISOString() ?? null,
    confirmedAt: row?.confirmed_at?.toISOString() ?? null,
    maxAgeSeconds: definition.maxAgeSeconds,
    schedule: definition.schedule?.cron ?? [],
    rows: extent ? extent.rows : (row?.rows ?? null),
    timeseries: extent && { series: extent.series, dataUntil: extent.dataUntil, checks: extent.checks },
    lastRun:
      row?.run_id && row.run_state
        ? {
            id: row.run_id,
            state: row.run_state,
            endedAt: row.run_ended_at?.toISOString() ?? null,
            failure: row.run_failure,
          }
        : null,
  };
}

/** Published generations whose rows are still there, newest first. */
export async function generationViews(sql: Queryable, dataset: string): Promise<GenerationView[]> {
  const rows = await sql.query<{
    number: number;
    current: boolean;
    run_id: string;
    published_at: Date;
    resources: Array<GenerationView['resources'][number]>;
    changes: ChangesView | null;
  }>(
    `SELECT g.number, g.number = d.current_generation AS current, g.run_id, g.published_at,
            coalesce((SELECT jsonb_agg(jsonb_build_object('resource', gr.resource, 'rows', gr."rows", 'sha256', gr.sha256, 'rowsFrom', gr.rows_from) ORDER BY gr.resource)
                      FROM freshet.generation_resource gr WHERE gr.dataset = g.dataset AND gr.generation = g.number), '[]'::jsonb) AS resources,
            (SELECT jsonb_build_object('from', c.from_generation, 'added', sum((c.changes ->> 'added')::bigint), 'removed', sum((c.changes ->> 'removed')::bigint), 'changed', sum((c.changes ->> 'changed')::bigint))
             FROM freshet.change_log c WHERE c.dataset = g.dataset AND c.to_generation = g.number GROUP BY c.from_generation ORDER BY c.from_generation DESC LIMIT 1) AS changes
     FROM freshet.generation g JOIN freshet.dataset d ON d.id = g.dataset
     WHERE g.dataset = $1 AND g.state = 'published' ORDER BY g.number DESC`,
    [dataset],
  );
  return rows.map((row) => ({
    dataset,
    generation: row.number,
    current: row.current,
    runId: row.run_id,
    publishedAt: row.published_at.toISOString(),
    rows: row.resources.reduce((sum, resource) => sum + resource.rows, 0),
    resources: row.resources,
    changes: row.changes,
  }));
}

/** The published generation of a dataset and the run that made it; null when nothing is published. */
export async function currentGeneration(
  sql: Queryable,
  dataset: string,
): Promise<{ generation: number; runId: string } | null> {
  const [row] = await sql.query<{ generation: number; runId: string }>(
    `SELECT g.number AS generation, g.run_id AS "runId" FROM freshet.dataset d JOIN freshet.generation g ON g.dataset = d.id AND g.number = d.current_generation WHERE d.id = $1`,
    [dataset],
  );
  return row ?? null;
}
