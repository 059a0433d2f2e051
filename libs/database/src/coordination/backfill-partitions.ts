import type { BackfillPartition, Failure, RunState } from '@freshet/domain';
import type { Queryable } from '../base';

/**
 * Partitions of backfills: pending → leased → done | skipped | failed. A leased one belongs to one run. The run is created first, under
 * a key made of the partition: whoever starts the partition again, because a coordinator was killed in between, finds that run. Every
 * change is fenced by the state it starts from, and by the run.
 */
export interface OpenPartition extends BackfillPartition {
  readonly id: number;
  readonly backfillId: string;
  readonly dataset: string;
  readonly origin: 'manual' | 'gap';
}

export interface LeasedPartition extends OpenPartition {
  readonly runId: string;
  /** The backfill was cancelled while this was under way. */
  readonly cancelled: boolean;
  /** Null: the run is gone. */
  readonly run: { readonly state: RunState; readonly failure: Failure | null } | null;
}

interface Row {
  id: number;
  backfill_id: string;
  dataset: string;
  origin: 'manual' | 'gap';
  selected: string;
  from_at: Date;
  to_at: Date;
  [column: string]: unknown;
}

const COLUMNS = `p.id, p.backfill_id, p.dataset, b.origin, p.selected, p.from_at, p.to_at`;

const toPartition = ({ id, backfill_id, dataset, origin, selected, from_at, to_at }: Row): OpenPartition => ({
  id,
  backfillId: backfill_id,
  dataset,
  origin,
  selected,
  from: from_at,
  to: to_at,
});

/** Partitions under way, with what became of their runs. */
export async function leasedPartitions(sql: Queryable): Promise<LeasedPartition[]> {
  const rows = await sql.query<
    Row & { run_id: string; cancelled: boolean; run_state: RunState | null; run_failure: Failure | null }
  >(
    `SELECT ${COLUMNS}, p.run_id, b.cancelled_at IS NOT NULL AS cancelled, r.state AS run_state, r.failure AS run_failure
     FROM freshet.backfill_partition p JOIN freshet.backfill b ON b.id = p.backfill_id LEFT JOIN freshet.run r ON r.id = p.run_id
     WHERE p.state = 'leased' ORDER BY p.id`,
  );
  return rows.map((row) => ({
    ...toPartition(row),
    runId: row.run_id,
    cancelled: row.cancelled,
    run: row.run_state ? { state: row.run_state, failure: row.run_failure } : null,
  }));
}

/** Datasets that have a partition waiting. */
export async function datasetsWithPending(sql: Queryable): Promise<string[]> {
  const rows = await sql.query<{ dataset: string }>(
    `SELECT DISTINCT dataset FROM freshet.backfill_partition WHERE state = 'pending' ORDER BY dataset`,
  );
  return rows.map(({ dataset }) => dataset);
}

/** What is to be started next: what somebody asked for before what the sensor found, then in the order of planning. */
export async function nextPending(sql: Queryable, dataset: string): Promise<OpenPartition | null> {
  const [row] = await sql.query<Row>(
    `SELECT ${COLUMNS} FROM freshet.backfill_partition p JOIN freshet.backfill b ON b.id = p.backfill_id
     WHERE p.dataset = $1 AND p.state = 'pending' ORDER BY b.origin = 'gap', p.id LIMIT 1`,
    [dataset],
  );
  return row ? toPartition(row) : null;
}

/** Gives a pending partition to its run; false when it is not pending any more, and not that run's already. */
export async function leasePartition(sql: Queryable, { id, runId }: LeaseFence, now: Date): Promise<boolean> {
  const leased = await sql.execute(
    `UPDATE freshet.backfill_partition SET state = 'leased', run_id = $2, updated_at = $3
     WHERE id = $1 AND (state = 'pending' OR (state = 'leased' AND run_id = $2))`,
    [id, runId, now],
  );
  return leased === 1;
}

export interface LeaseFence {
  readonly id: number;
  readonly runId: string;
}

export type PartitionEnd =
  { readonly state: 'done'; readonly reason: null } | { readonly state: 'skipped' | 'failed'; readonly reason: string };

/** Ends a leased partition; false when it is not this run's any more. */
export async function settlePartition(
  sql: Queryable,
  { id, runId }: LeaseFence,
  end: PartitionEnd,
  now: Date,
): Promise<boolean> {
  const settled = await sql.execute(
    `UPDATE freshet.backfill_partition SET state = $3, reason = $4, updated_at = $5 WHERE id = $1 AND state = 'leased' AND run_id = $2`,
    [id, runId, end.state, end.reason, now],
  );
  return settled === 1;
}

/** Ends a partition that was never started. */
export async function skipPending(sql: Queryable, id: number, end: PartitionEnd, now: Date): Promise<boolean> {
  const skipped = await sql.execute(
    `UPDATE freshet.backfill_partition SET state = $2, reason = $3, updated_at = $4 WHERE id = $1 AND state = 'pending'`,
    [id, end.state, end.reason, now],
  );
  return skipped === 1;
}

/** Whether somebody asked for partitions of the dataset that have not ended. */
export async function hasOpenOrder(sql: Queryable, dataset: string): Promise<boolean> {
  const rows = await sql.query(
    `SELECT 1 FROM freshet.backfill_partition p JOIN freshet.backfill b ON b.id = p.backfill_id
     WHERE p.dataset = $1 AND p.state IN ('pending','leased') AND b.origin = 'manual' LIMIT 1`,
    [dataset],
  );
  return rows.length > 0;
}

/** How many partitions the sensor made for the dataset since then. */
export async function gapPartitionsSince(sql: Queryable, dataset: string, since: Date): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    `SELECT count(*) AS count FROM freshet.backfill b JOIN freshet.backfill_partition p ON p.backfill_id = b.id
     WHERE b.dataset = $1 AND b.origin = 'gap' AND b.requested_at > $2`,
    [dataset, since],
  );
  return row?.count ?? 0;
}

/** Whether a run of the dataset that is no backfill has not ended. */
export async function hasNormalRun(sql: Queryable, dataset: string): Promise<boolean> {
  const rows = await sql.query(
    `SELECT 1 FROM freshet.run WHERE dataset = $1 AND priority >= 0 AND state IN ('queued','running','publishing','exporting') LIMIT 1`,
    [dataset],
  );
  return rows.length > 0;
}
