import type { Failure, LedgerTotals, RunSnapshot, TaskManifest } from '@freshet/domain';
import type { Queryable } from '../base';

/** A run as the state machine sees it, with what is needed to write its next transition. */
export interface ActiveRunSnapshot {
  readonly runId: string;
  readonly taskId: string;
  readonly dataset: string;
  readonly contentVersion: string;
  readonly snapshot: RunSnapshot;
}

interface Row {
  id: string;
  dataset: string;
  content_version: string;
  state: RunSnapshot['state'];
  cancel_requested: boolean;
  blocked: boolean;
  quiet_ms: number;
  task_id: string;
  task_state: RunSnapshot['task']['state'];
  attempt: number;
  tries: number;
  due_in_ms: number | null;
  end: RunSnapshot['attempt']['end'];
  attempt_failure: Failure | null;
  retry_after_ms: number | null;
  manifest: TaskManifest | null;
  lease_left_ms: number | null;
  totals: LedgerTotals[] | null;
  same_definition: boolean;
  head_rows: Record<string, number> | null;
  publication: RunSnapshot['publication'];
  exported: RunSnapshot['exported'];
  [column: string]: unknown;
}

/** Durations are measured here, by the database's clock, so that the clocks of coordinators and workers do not matter. */
const SELECT = /* sql */ `
SELECT r.id, r.dataset, r.content_version, r.state, r.cancel_requested,
       EXISTS (SELECT 1 FROM freshet.run o
               WHERE o.dataset = r.dataset AND o.state IN ('queued','running','publishing','exporting')
                 -- Backfill neither blocks nor is blocked.
                 AND o.priority >= 0 AND r.priority >= 0
                 AND (o.requested_at, o.id) < (r.requested_at, r.id)) AS blocked,
       (extract(epoch FROM clock_timestamp() - greatest(r.progressed_at, l.last)) * 1000)::float8 AS quiet_ms,
       t.id AS task_id, t.state AS task_state, t.attempt, t.tries,
       (extract(epoch FROM t.next_attempt_at - clock_timestamp()) * 1000)::float8 AS due_in_ms,
       a."end", a.failure AS attempt_failure, a.retry_after_ms, coalesce(a.manifest, t.manifest) AS manifest,
       (extract(epoch FROM a.lease_expires_at - clock_timestamp()) * 1000)::float8 AS lease_left_ms,
       l.totals,
       coalesce(h.content_version = r.content_version, false) AS same_definition,
       (SELECT jsonb_object_agg(gr.resource, gr."rows") FROM freshet.generation_resource gr WHERE gr.dataset = h.dataset AND gr.generation = h.number) AS head_rows,
       (SELECT jsonb_build_object('outcome', p.outcome, 'failure', p.failure) FROM freshet.publication p WHERE p.run_id = r.id) AS publication,
       (SELECT jsonb_build_object('outcome', e.outcome, 'failure', e.failure) FROM freshet.export e WHERE e.run_id = r.id) AS exported
FROM freshet.run r
JOIN freshet.task t ON t.run_id = r.id
LEFT JOIN freshet.task_attempt a ON a.task_id = t.id AND a.attempt = t.attempt
LEFT JOIN freshet.dataset d ON d.id = r.dataset
LEFT JOIN freshet.generation h ON h.dataset = r.dataset AND h.number = d.head_generation
LEFT JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object('resource', s.resource, 'chunks', s.chunks, 'records', s.records, 'rows', s."rows", 'refused', s.refused, 'bytes', s.bytes)) AS totals, max(s.last) AS last
  FROM (SELECT resource, count(*) AS chunks, sum(records) AS records, sum("rows") AS "rows", sum(refused) AS refused, sum(bytes) AS bytes, max(loaded_at) AS last
        FROM freshet.ledger WHERE task_id = t.id AND attempt = t.attempt GROUP BY resource) s
) l ON r.state = 'running' AND t.state IN ('leased','fetched')
`;

export async function activeRuns(sql: Queryable): Promise<ActiveRunSnapshot[]> {
  const rows = await sql.query<Row>(
    `${SELECT} WHERE r.state IN ('queued','running','publishing','exporting') ORDER BY r.requested_at, r.id`,
  );
  return rows.map(toSnapshot);
}

/** One run, ended or not; null when there is none. */
export async function runSnapshot(sql: Queryable, runId: string): Promise<ActiveRunSnapshot | null> {
  const [row] = await sql.query<Row>(`${SELECT} WHERE r.id = $1`, [runId]);
  return row ? toSnapshot(row) : null;
}

function toSnapshot(row: Row): ActiveRunSnapshot {
  return {
    runId: row.id,
    taskId: row.task_id,
    dataset: row.dataset,
    contentVersion: row.content_version,
    snapshot: {
      state: row.state,
      cancelRequested: row.cancel_requested,
      blocked: row.blocked,
      quietMs: row.quiet_ms,
      task: { state: row.task_state, attempt: row.attempt, tries: row.tries, dueInMs: row.due_in_ms ?? 0 },
      attempt: {
        end: row.end,
        failure: row.attempt_failure,
        retryAfterMs: row.retry_after_ms ?? 0,
        manifest: row.manifest,
        leaseLeftMs: row.lease_left_ms,
      },
      ledger: row.totals ?? [],
      head: { sameDefinition: row.same_definition, rows: row.head_rows ?? {} },
      publication: row.publication,
      exported: row.exported,
    },
  };
}
