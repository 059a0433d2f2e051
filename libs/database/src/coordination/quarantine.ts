import type { Queryable } from '../base';

/** A refused record as it is stored, unmasked: whoever shows it masks the columns that are personal. */
export interface QuarantinedRecord {
  readonly id: string;
  readonly dataset: string;
  readonly runId: string;
  readonly resource: string;
  readonly chunk: number;
  readonly row: number;
  readonly reason: string;
  readonly column: string | null;
  readonly detail: string;
  readonly record: string;
  /** Published column names the record was read with; empty when they are the definition's. */
  readonly header: readonly string[];
}

/** Newest first; `after` is the id to go on from. What an earlier attempt refused is refused again by the one that took its place. */
export const quarantined = (
  sql: Queryable,
  dataset: string,
  page: { readonly limit: number; readonly after: string | null },
): Promise<QuarantinedRecord[]> =>
  sql.query<QuarantinedRecord & Record<string, unknown>>(
    `SELECT id::text, dataset, run_id AS "runId", resource, chunk, "row", reason, "column", detail, record, header
     FROM freshet.quarantine q WHERE dataset = $1 AND ($2::bigint IS NULL OR id < $2)
       AND NOT EXISTS (SELECT 1 FROM freshet.task_attempt a WHERE a.task_id = q.task_id AND a.attempt > q.attempt)
     ORDER BY id DESC LIMIT $3`,
    [dataset, page.after, page.limit],
  );
