import type {
  AttemptView,
  MergedView,
  NoteView,
  RequestSummaryView,
  ResourceTotalsView,
  RunView,
} from '@freshet/contracts';
import type { AccessReport, Failure, RunParameters, RunState, TaskState, Trigger } from '@freshet/domain';
import type { Queryable } from '../base';

interface Row {
  id: string;
  dataset: string;
  state: RunState;
  trigger: Trigger;
  force: boolean;
  requested_at: Date;
  started_at: Date | null;
  ended_at: Date | null;
  generation: number | null;
  attempt: number;
  task_state: TaskState | null;
  access: AccessReport | null;
  progress: { bytesReceived?: number; bytesExpected?: number; chunksCut?: number };
  bytes_received: number | null;
  chunks_cut: number | null;
  chunks: number;
  rows_loaded: number;
  rows_refused: number;
  resources: ResourceTotalsView[];
  attempts: Array<Omit<AttemptView, 'startedAt' | 'endedAt'> & { startedAt: string | null; endedAt: string | null }>;
  notes: NoteView[];
  files: Array<RunView['files'][number] & { readonly writtenAt: string }>;
  peaks: RunView['peakMemory'];
  failure: Failure | null;
  params: RunParameters;
  priority: number;
  requests: RequestSummaryView | null;
  merged: MergedView | null;
  [column: string]: unknown;
}

/**
 * Progress and totals are those of the newest attempt that was issued. Resources are described by the generation that was published
 * or confirmed, and by the ledger while they are on their way.
 */
const SELECT = /* sql */ `
SELECT r.id, r.dataset, r.state, r.trigger, r.force, r.requested_at, r.started_at, r.ended_at, r.failure, r.params, r.priority,
       p.generation, coalesce(a.attempt, t.attempt, 0) AS attempt, t.state AS task_state,
       a.manifest -> 'access' AS access,
       (SELECT jsonb_build_object('count', count(*), 'records', sum((q ->> 'records')::bigint), 'bytes', sum((q ->> 'bytes')::bigint), 'ms', sum((q ->> 'ms')::bigint), 'slowestMs', max((q ->> 'ms')::bigint),
                 'warnings', coalesce((SELECT jsonb_agg(DISTINCT w) FROM jsonb_array_elements(a.manifest -> 'requests') x CROSS JOIN LATERAL jsonb_array_elements_text(x -> 'warnings') w), '[]'::jsonb))
        FROM jsonb_array_elements(a.manifest -> 'requests') q HAVING count(*) > 0) AS requests,
       (SELECT jsonb_build_object('added', m.added, 'changed', m.changed, 'unchanged', m.unchanged, 'late', m.late, 'duplicates', m.duplicates) FROM freshet.merge m WHERE m.run_id = r.id) AS merged,
       coalesce(a.progress, '{}'::jsonb) AS progress,
       (a.manifest ->> 'bytesReceived')::float8 AS bytes_received,
       (SELECT sum((m ->> 'chunks')::int) FROM jsonb_array_elements(a.manifest -> 'resources') m)::int AS chunks_cut,
       coalesce(l.chunks, 0)::int AS chunks, coalesce(l."rows", 0)::float8 AS rows_loaded, coalesce(l.refused, 0)::float8 AS rows_refused,
       coalesce(gr.resources, l.resources,
         -- The ledger of an unchanged run is removed with its staged rows, and its generation may be retired.
         (SELECT jsonb_agg(jsonb_build_object('resource', m ->> 'resource', 'rows', m -> 'records', 'refused', 0, 'bytes', m -> 'bytes', 'sha256', m ->> 'sha256', 'outcome', 'unchanged'))
          FROM jsonb_array_elements(a.manifest -> 'resources') m WHERE r.state = 'unchanged'),
         '[]'::jsonb) AS resources,
       coalesce((SELECT jsonb_agg(jsonb_build_object('attempt', x.attempt, 'worker', x.worker, 'startedAt', coalesce(x.claimed_at, x.issued_at), 'endedAt', x.ended_at, 'end', x."end", 'failure', x.failure) ORDER BY x.attempt)
                 FROM freshet.task_attempt x WHERE x.task_id = t.id), '[]'::jsonb) AS attempts,
       coalesce((SELECT jsonb_agg(jsonb_build_object('resource', n.resource, 'note', n.note, 'rows', n."rows") ORDER BY n.resource, n.note)
                 FROM (SELECT g.resource, e.key AS note, sum(e.value::bigint) AS "rows" FROM freshet.ledger g CROSS JOIN LATERAL jsonb_each_text(g.notes) e
                       WHERE g.task_id = t.id AND g.attempt = a.attempt AND g.notes <> '{}'::jsonb GROUP BY g.resource, e.key) n), '[]'::jsonb) AS notes,
       coalesce((SELECT jsonb_agg(jsonb_build_object('path', f.path, 'bytes', f.bytes, 'warning', f.warning, 'resource', f.resource, 'sha256', f.sha256, 'writtenAt', f.written_at) ORDER BY f.path) FROM freshet.export_file f WHERE f.run_id = r.id), '[]'::jsonb) AS files,
       coalesce((SELECT jsonb_agg(jsonb_build_object('service', m.service, 'instance', m.instance, 'peakRssBytes', m.peak_rss_bytes) ORDER BY m.service, m.instance) FROM freshet.run_process m WHERE m.run_id = r.id), '[]'::jsonb) AS peaks
FROM freshet.run r
LEFT JOIN freshet.task t ON t.run_id = r.id
LEFT JOIN LATERAL (SELECT * FROM freshet.task_attempt x WHERE x.task_id = t.id ORDER BY x.attempt DESC LIMIT 1) a ON true
LEFT JOIN freshet.publication p ON p.run_id = r.id
LEFT JOIN LATERAL (
  SELECT sum(s.chunks) AS chunks, sum(s."rows") AS "rows", sum(s.refused) AS refused,
         jsonb_agg(jsonb_build_object('resource', s.resource, 'rows', s."rows", 'refused', s.refused, 'bytes', s.bytes,
           'sha256', (SELECT m ->> 'sha256' FROM jsonb_array_elements(a.manifest -> 'resources') m WHERE m ->> 'resource' = s.resource),
           'outcome', CASE WHEN r.state = 'unchanged' THEN 'unchanged' WHEN p.outcome = 'published' THEN 'published' ELSE 'staged' END) ORDER BY s.resource) AS resources
  FROM (SELECT resource, count(*) AS chunks, sum("rows") AS "rows", sum(refused) AS refused, sum(bytes) AS bytes
        FROM freshet.ledger WHERE task_id = t.id AND attempt = a.attempt GROUP BY resource) s
) l ON true
LEFT JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object('resource', g.resource, 'rows', g."rows", 'refused', g.refused, 'bytes', g.bytes, 'sha256', g.sha256,
           'outcome', CASE WHEN p.outcome = 'published' AND g.rows_from = g.generation THEN 'published' ELSE 'unchanged' END) ORDER BY g.resource) AS resources
  FROM freshet.generation_resource g WHERE g.dataset = r.dataset AND g.generation = p.generation AND p.outcome IN ('published','unchanged')
) gr ON true
`;

export async function runView(sql: Queryable, runId: string): Promise<RunView | null> {
  const [row] = await sql.query<Row>(`${SELECT} WHERE r.id = $1`, [runId]);
  return row ? toView(row) : null;
}

/** Runs of all datasets or of one, newest first. */
export async function listRuns(
  sql: Queryable,
  filter: { readonly dataset?: string; readonly limit: number },
): Promise<RunView[]> {
  const rows = await sql.query<Row>(
    `${SELECT} WHERE r.id IN (SELECT id FROM freshet.run WHERE $1::text IS NULL OR dataset = $1 ORDER BY requested_at DESC, id DESC LIMIT $2)
     ORDER BY r.requested_at DESC, r.id DESC`,
    [filter.dataset ?? null, filter.limit],
  );
  return rows.map(toView);
}

/** What a new run with the same parameters needs. */
export interface StoredParameters {
  readonly dataset: string;
  readonly state: RunState;
  readonly force: boolean;
  readonly file: string | null;
  readonly params: RunParameters;
  readonly priority: number;
}

export async function runParameters(sql: Queryable, runId: string): Promise<StoredParameters | null> {
  const [row] = await sql.query<StoredParameters & Record<string, unknown>>(
    `SELECT dataset, state, force, file, params, priority FROM freshet.run WHERE id = $1`,
    [runId],
  );
  return row ?? null;
}

function toView(row: Row): RunView {
  return {
    id: row.id,
    dataset: row.dataset,
    state: row.state,
    trigger: row.trigger,
    force: row.force,
    requestedAt: row.requested_at.toISOString(),
    startedAt: iso(row.started_at),
    endedAt: iso(row.ended_at),
    generation: row.generation,
    attempt: row.attempt,
    taskState: row.task_state,
    access: row.access,
    progress: {
      bytesReceived: row.bytes_received ?? row.progress.bytesReceived ?? 0,
      bytesExpected: row.progress.bytesExpected ?? 0,
      chunksCut: row.chunks_cut ?? row.progress.chunksCut ?? 0,
      chunksLoaded: row.chunks,
      rowsLoaded: row.rows_loaded,
      rowsRefused: row.rows_refused,
    },
    resources: row.resources,
    notes: row.notes,
    // The database writes instants of JSON with its own offset and precision.
    attempts: row.attempts.map((attempt) => ({
      ...attempt,
      startedAt: isoText(attempt.startedAt),
      endedAt: isoText(attempt.endedAt),
    })),
    files: row.files.map((file) => ({ ...file, writtenAt: isoText(file.writtenAt) ?? file.writtenAt })),
    peakMemory: row.peaks,
    failure: row.failure,
    priority: row.priority < 0 ? 'low' : 'normal',
    ...(row.params.window ? { window: row.params.window, only: row.params.only ?? [] } : {}),
    ...(row.requests ? { requests: row.requests } : {}),
    ...(row.merged ? { merged: row.merged } : {}),
  };
}

const iso = (instant: Date | null): string | null => instant?.toISOString() ?? null;
const isoText = (instant: string | null): string | null => (instant === null ? null : new Date(instant).toISOString());
