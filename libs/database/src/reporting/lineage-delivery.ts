import type { RunView } from '@freshet/contracts';
import { RUN_ENDS } from '@freshet/domain';
import type { Queryable } from '../base';
import { runView } from '../coordination/run-views';
import { storableText } from '../loading/storable';

/** What is told of a run: that it began, and how it ended. */
export type LineageMoment = 'start' | 'end';

export interface DueLineage {
  readonly runId: string;
  readonly moment: LineageMoment;
  /** This try included. */
  readonly tries: number;
}

/** From now on runs are told to this sink; one that is known already goes on where it was. */
export async function registerLineageSink(sql: Queryable, sink: string): Promise<void> {
  await sql.execute('INSERT INTO freshet.lineage_sink (name) VALUES ($1) ON CONFLICT DO NOTHING', [sink]);
}

/**
 * Takes the oldest run of which something is to be told, for `holdMs`: if the process dies while telling, another try follows after
 * that. What is due is read from the runs themselves, so that no event has to arrive; the end is told after the start.
 */
export async function takeDueLineage(sql: Queryable, sink: string, holdMs: number): Promise<DueLineage | null> {
  const [row] = await sql.query<{ run_id: string; starting: boolean; tries: number }>(
    `WITH due AS (
       SELECT r.id FROM freshet.run r
       LEFT JOIN freshet.lineage_delivery d ON d.sink = $1 AND d.run_id = r.id
       WHERE r.requested_at >= (SELECT since FROM freshet.lineage_sink WHERE name = $1) AND r.state <> 'queued'
         AND (d.run_id IS NULL OR (d.next_try_at <= now() AND (d.start_sent_at IS NULL OR (d.end_sent_at IS NULL AND r.state = ANY ($3)))))
       ORDER BY r.requested_at, r.id LIMIT 1)
     INSERT INTO freshet.lineage_delivery AS d (sink, run_id, tries, next_try_at)
     SELECT $1, id, 1, now() + $2 * interval '1 millisecond' FROM due
     ON CONFLICT (sink, run_id) DO UPDATE SET tries = d.tries + 1, next_try_at = excluded.next_try_at WHERE d.next_try_at <= now()
     RETURNING run_id, start_sent_at IS NULL AS starting, tries`,
    [sink, holdMs, RUN_ENDS],
  );
  return row ? { runId: row.run_id, moment: row.starting ? 'start' : 'end', tries: row.tries } : null;
}

export async function markLineageSent(sql: Queryable, sink: string, { runId, moment }: DueLineage): Promise<void> {
  const column = moment === 'start' ? 'start_sent_at' : 'end_sent_at';
  await sql.execute(
    `UPDATE freshet.lineage_delivery SET ${column} = now(), tries = 0, next_try_at = now(), last_error = NULL WHERE sink = $1 AND run_id = $2`,
    [sink, runId],
  );
}

/** `retryInMs` null: given up, also on what would follow; the row stays, for a person to see. */
export async function markLineageUnsent(
  sql: Queryable,
  sink: string,
  { runId }: DueLineage,
  error: string,
  retryInMs: number | null,
): Promise<void> {
  await sql.execute(
    `UPDATE freshet.lineage_delivery SET last_error = $3,
       next_try_at = CASE WHEN $4::float8 IS NULL THEN 'infinity' ELSE now() + $4::float8 * interval '1 millisecond' END
     WHERE sink = $1 AND run_id = $2`,
    [sink, runId, storableText(error), retryInMs],
  );
}

/** What is stored of a run that others may want to know. */
export interface LineageFacts {
  readonly run: RunView;
  /** Of a time series: what the merge of the run wrote. */
  readonly merged: { readonly added: number; readonly changed: number } | null;
  /** Checks of the run, and in how many places each failed. */
  readonly checks: ReadonlyArray<{ readonly name: string; readonly failed: number }>;
}

/** Null when the run is not kept any more. */
export async function lineageFacts(sql: Queryable, runId: string): Promise<LineageFacts | null> {
  const run = await runView(sql, runId);
  if (!run) return null;
  const [merged] = await sql.query<{ added: number; changed: number }>(
    'SELECT added, changed FROM freshet.merge WHERE run_id = $1',
    [runId],
  );
  const checks = await sql.query<{ name: string; failed: number }>(
    'SELECT name, failed FROM freshet.check_result WHERE run_id = $1 ORDER BY id',
    [runId],
  );
  return { run, merged: merged ?? null, checks };
}
