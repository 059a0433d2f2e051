import type { BackfillPartitionView, BackfillView } from '@freshet/contracts';
import type { BackfillPartition, TimeRange } from '@freshet/domain';
import type { Database, Queryable } from '../base';
import { wake } from './outbox';

export interface NewBackfill {
  readonly id: string;
  readonly dataset: string;
  readonly origin: BackfillView['origin'];
  readonly range: TimeRange;
  readonly selected: readonly string[];
  /** Unique over all backfills: the second one with it is the first one. */
  readonly idempotencyKey: string;
  /** `skip`: why nothing is to be asked for; null when something is. */
  readonly partitions: ReadonlyArray<BackfillPartition & { readonly skip: string | null }>;
}

/** Stores a backfill with all of its partitions; returns the id of the one that has the key. */
export async function createBackfill(database: Database, backfill: NewBackfill, now: Date): Promise<string> {
  return database.transaction(async (tx) => {
    const { id, dataset, origin, range, selected, idempotencyKey, partitions } = backfill;
    const created = await tx.execute(
      `INSERT INTO freshet.backfill (id, dataset, origin, from_at, to_at, selected, idempotency_key, requested_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (idempotency_key) DO NOTHING`,
      [id, dataset, origin, range.from, range.to, selected, idempotencyKey, now],
    );
    if (created === 0) return (await backfillByKey(tx, idempotencyKey)) ?? id;
    await tx.execute(
      `INSERT INTO freshet.backfill_partition (backfill_id, dataset, selected, from_at, to_at, state, reason, updated_at)
       SELECT $1, $2, p.selected, p.from_at, p.to_at, CASE WHEN p.skip IS NULL THEN 'pending' ELSE 'skipped' END, p.skip, $7
       FROM unnest($3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[]) WITH ORDINALITY AS p (selected, from_at, to_at, skip, place)
       ORDER BY p.place`,
      [
        id,
        dataset,
        partitions.map((partition) => partition.selected),
        partitions.map(({ from }) => from),
        partitions.map(({ to }) => to),
        partitions.map(({ skip }) => skip),
        now,
      ],
    );
    await wake(tx);
    return id;
  });
}

/** The id of the backfill that was created with the key, null when none was. */
export async function backfillByKey(sql: Queryable, idempotencyKey: string): Promise<string | null> {
  const [row] = await sql.query<{ id: string }>(`SELECT id FROM freshet.backfill WHERE idempotency_key = $1`, [
    idempotencyKey,
  ]);
  return row?.id ?? null;
}

/** What waits is dropped, what is under way is named: its runs are to be cancelled too. Null: no such backfill. */
export async function cancelBackfill(
  database: Database,
  id: string,
  now: Date,
): Promise<{ readonly accepted: boolean; readonly runs: readonly string[] } | null> {
  return database.transaction(async (tx) => {
    const [backfill] = await tx.query<{ cancelled: boolean }>(
      `SELECT cancelled_at IS NOT NULL AS cancelled FROM freshet.backfill WHERE id = $1 FOR NO KEY UPDATE`,
      [id],
    );
    if (!backfill) return null;
    const open = await tx.query<{ run_id: string | null }>(
      `SELECT run_id FROM freshet.backfill_partition WHERE backfill_id = $1 AND state IN ('pending','leased') ORDER BY id FOR NO KEY UPDATE`,
      [id],
    );
    if (open.length === 0) return { accepted: backfill.cancelled, runs: [] };
    await tx.execute(`UPDATE freshet.backfill SET cancelled_at = coalesce(cancelled_at, $2) WHERE id = $1`, [id, now]);
    await tx.execute(
      `UPDATE freshet.backfill_partition SET state = 'skipped', reason = $2, updated_at = $3 WHERE backfill_id = $1 AND state = 'pending'`,
      [id, CANCELLED, now],
    );
    await wake(tx);
    return { accepted: true, runs: open.flatMap(({ run_id }) => (run_id === null ? [] : [run_id])) };
  });
}

export const CANCELLED = 'cancelled';

interface Row {
  id: string;
  dataset: string;
  origin: BackfillView['origin'];
  from_at: Date;
  to_at: Date;
  selected: string[];
  requested_at: Date;
  cancelled: boolean;
  counts: Record<BackfillPartitionView['state'], number>;
  [column: string]: unknown;
}

const SELECT = /* sql */ `
SELECT b.id, b.dataset, b.origin, b.from_at, b.to_at, b.selected, b.requested_at, b.cancelled_at IS NOT NULL AS cancelled, c.counts
FROM freshet.backfill b
CROSS JOIN LATERAL (
  SELECT jsonb_build_object('pending', count(*) FILTER (WHERE p.state = 'pending'), 'leased', count(*) FILTER (WHERE p.state = 'leased'),
    'done', count(*) FILTER (WHERE p.state = 'done'), 'skipped', count(*) FILTER (WHERE p.state = 'skipped'),
    'failed', count(*) FILTER (WHERE p.state = 'failed')) AS counts
  FROM freshet.backfill_partition p WHERE p.backfill_id = b.id
) c`;

/** Newest first, without their partitions. */
export async function listBackfills(
  sql: Queryable,
  filter: { readonly dataset?: string; readonly limit: number },
): Promise<BackfillView[]> {
  const rows = await sql.query<Row>(
    `${SELECT} WHERE $1::text IS NULL OR b.dataset = $1 ORDER BY b.requested_at DESC, b.id DESC LIMIT $2`,
    [filter.dataset ?? null, filter.limit],
  );
  return rows.map(toView);
}

/** One backfill with its partitions in the order they are started. */
export async function backfillView(sql: Queryable, id: string): Promise<BackfillView | null> {
  const [row] = await sql.query<Row>(`${SELECT} WHERE b.id = $1`, [id]);
  if (!row) return null;
  const partitions = await sql.query<{
    selected: string;
    from_at: Date;
    to_at: Date;
    state: BackfillPartitionView['state'];
    reason: string | null;
    run_id: string | null;
  }>(
    `SELECT selected, from_at, to_at, state, reason, run_id FROM freshet.backfill_partition WHERE backfill_id = $1 ORDER BY id`,
    [id],
  );
  return {
    ...toView(row),
    partitions: partitions.map(({ selected, from_at, to_at, state, reason, run_id }) => ({
      selected,
      from: from_at.toISOString(),
      to: to_at.toISOString(),
      state,
      reason,
      runId: run_id,
    })),
  };
}

function toView(row: Row): BackfillView {
  const { id, dataset, origin, selected, counts } = row;
  const open = counts.pending + counts.leased > 0;
  return {
    id,
    dataset,
    origin,
    from: row.from_at.toISOString(),
    to: row.to_at.toISOString(),
    selected,
    state: row.cancelled ? 'cancelled' : open ? 'running' : counts.failed > 0 ? 'failed' : 'done',
    requestedAt: row.requested_at.toISOString(),
    counts,
  };
}
