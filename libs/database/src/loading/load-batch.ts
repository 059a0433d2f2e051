import { FreshetError } from '@freshet/domain';
import type { BatchValidated, RefusedRecord } from '@freshet/contracts';
import { codeOf, type Database, type Transaction } from '../base';
import { copyIn } from './copy-in';
import { FencedError, assertCurrent, type CurrentAttempt } from './fence';
import { stagingTable, type TablePath } from './names';
import { storableJson, storableText } from './storable';
import { ensureStaging } from './staging';

export type LoadOutcome =
  | { readonly outcome: 'loaded'; readonly rows: number; readonly refused: number; readonly refusedByDatabase: number }
  /** The ledger has this chunk already: the message was delivered twice. */
  | { readonly outcome: 'duplicate' }
  /** A newer attempt exists, or the task ended. */
  | { readonly outcome: 'fenced' };

const UNDEFINED_TABLE = '42P01';
const UNDEFINED_COLUMN = '42703';
const PROGRESS_EVERY_MS = 1_000;

/**
 * Loads batches: rows, ledger entry and quarantine in one transaction, under the share lock that proves the attempt is current.
 * Any number of deliveries in any order, by any number of loaders, leave every chunk loaded once.
 */
export class BatchLoader {
  /** Columns known to be in a staging table, so that a batch costs no look at the catalog. */
  private readonly known = new Map<string, Set<string>>();
  private readonly touched = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly now: () => number = Date.now,
  ) {}

  /** @throws FreshetError `message_invalid` when the batch contradicts itself, `dependency_unavailable` */
  async load(batch: BatchValidated, body: Buffer): Promise<LoadOutcome> {
    if (batch.records !== batch.rows + batch.refused.length)
      throw contradiction(batch, `${batch.records} records, ${batch.rows} rows + ${batch.refused.length} refused`);
    try {
      return await this.loadOnce(batch, body);
    } catch (error) {
      if (error instanceof FencedError) return { outcome: 'fenced' };
      const code = codeOf(error);
      if (code !== UNDEFINED_TABLE && code !== UNDEFINED_COLUMN) throw error;
      // Someone removed the table since we last saw it (a discarded attempt, a restored database): look again, once.
      this.known.clear();
      return this.loadOnce(batch, body).catch((second: unknown) => {
        if (second instanceof FencedError) return { outcome: 'fenced' };
        throw second;
      });
    }
  }

  private async loadOnce(batch: BatchValidated, body: Buffer): Promise<LoadOutcome> {
    const table = stagingTable(batch, batch.resource);
    if (batch.rows > 0) await this.ensureTable(table, batch);
    const result = await this.database.transaction<LoadOutcome & { runId?: string }>(async (tx) => {
      const current = await assertCurrent(tx, batch);
      if (!(await insertLedger(tx, batch))) return { outcome: 'duplicate' };
      const { rows, refused } = await copyIn(tx, { table, columns: batch.columns, body });
      if (rows + refused.length !== batch.rows)
        throw contradiction(batch, `${batch.rows} rows, ${rows + refused.length} lines`);
      if (refused.length > 0) await correctLedger(tx, batch, rows, batch.refused.length + refused.length);
      await insertQuarantine(tx, batch, current, [...batch.refused, ...refused]);
      return {
        outcome: 'loaded',
        rows,
        refused: batch.refused.length + refused.length,
        refusedByDatabase: refused.length,
        runId: current.runId,
      };
    });
    if (result.runId) await this.touch(result.runId);
    const { runId: _, ...outcome } = result;
    return outcome;
  }

  private async ensureTable(table: TablePath, batch: BatchValidated): Promise<void> {
    const key = table.join('.');
    const known = this.known.get(key);
    if (known && batch.columns.every(({ name }) => known.has(name))) return;
    await ensureStaging(this.database, { table, columns: batch.columns, taskId: batch.taskId, attempt: batch.attempt });
    if (this.known.size > 1_000) this.known.clear();
    this.known.set(key, new Set(batch.columns.map(({ name }) => name)));
  }

  /** Tells the watchdog that something moved: at most once a second, outside the transaction, so that no loader waits for another. */
  private async touch(runId: string): Promise<void> {
    const now = this.now();
    if (now - (this.touched.get(runId) ?? 0) < PROGRESS_EVERY_MS) return;
    if (this.touched.size > 1_000) this.touched.clear();
    this.touched.set(runId, now);
    // The rows are safe already, so a failure here is none of the message's.
    await this.database
      .execute(
        `UPDATE freshet.run SET progressed_at = now() WHERE id = $1 AND progressed_at < now() - interval '1 second'`,
        [runId],
      )
      .catch(() => undefined);
  }
}

async function insertLedger(tx: Transaction, batch: BatchValidated): Promise<boolean> {
  const inserted = await tx.execute(
    `INSERT INTO freshet.ledger (task_id, attempt, resource, chunk, records, "rows", refused, bytes, checksum, notes, summary)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11::jsonb) ON CONFLICT DO NOTHING`,
    [
      batch.taskId,
      batch.attempt,
      batch.resource,
      batch.chunk,
      batch.records,
      batch.rows,
      batch.refused.length,
      batch.bytes,
      batch.checksum,
      storableJson(batch.notes),
      storableJson(batch.summary),
    ],
  );
  return inserted === 1;
}

async function correctLedger(tx: Transaction, batch: BatchValidated, rows: number, refused: number): Promise<void> {
  await tx.execute(
    'UPDATE freshet.ledger SET "rows" = $5, refused = $6 WHERE task_id = $1 AND attempt = $2 AND resource = $3 AND chunk = $4',
    [batch.taskId, batch.attempt, batch.resource, batch.chunk, rows, refused],
  );
}

async function insertQuarantine(
  tx: Transaction,
  batch: BatchValidated,
  run: CurrentAttempt,
  refused: readonly RefusedRecord[],
): Promise<void> {
  if (refused.length === 0) return;
  const column = <T>(pick: (record: RefusedRecord) => T): T[] => refused.map(pick);
  await tx.execute(
    `INSERT INTO freshet.quarantine (dataset, run_id, task_id, attempt, resource, chunk, "row", reason, "column", detail, record, header)
     SELECT $1, $2, $3, $4, $5, $6, r."row", r.reason, r."column", r.detail, r.record, $7::jsonb
     FROM unnest($8::int[], $9::text[], $10::text[], $11::text[], $12::text[]) AS r ("row", reason, "column", detail, record)
     ON CONFLICT DO NOTHING`,
    [
      run.dataset,
      run.runId,
      batch.taskId,
      batch.attempt,
      batch.resource,
      batch.chunk,
      storableJson(batch.columns.map(({ published }) => published)),
      column(({ row }) => row),
      column(({ reason }) => reason),
      column((record) => (record.column === null ? null : storableText(record.column))),
      column(({ detail }) => storableText(detail)),
      column(({ record }) => storableText(record)),
    ],
  );
}

const contradiction = (batch: BatchValidated, what: string): FreshetError =>
  new FreshetError('message_invalid', {
    message: `batch ${batch.chunk} of ${batch.resource} contradicts itself: ${what}`,
    nextStep: 'Look at the dead letter; parser, validator and loader are probably of different versions.',
    attributes: { resource: batch.resource, chunk: batch.chunk },
  });
