import type { PipelineMessage } from '@freshet/contracts';
import { HEADERS, encodeMessage, traceparentOf } from '@freshet/contracts';
import type { Queryable } from '../base';

/** What wakes the leader: sent in the transaction that gives it something to do, delivered when that commits. */
export const WAKE_CHANNEL = 'freshet_coordinator';

export const wake = async (sql: Queryable): Promise<void> =>
  void (await sql.query(`SELECT pg_notify($1, '')`, [WAKE_CHANNEL]));

export interface OutboxMessage {
  readonly id: number;
  readonly topic: string;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer;
}

/** Messages that leave with the transaction they are added in, or not at all; the leader, who sends them, is woken when it commits. */
export async function addToOutbox(
  sql: Queryable,
  message: {
    readonly topic: string;
    readonly key: string | null;
    readonly value: Buffer;
    readonly headers?: Readonly<Record<string, string>>;
  },
): Promise<void> {
  await sql.execute(`INSERT INTO freshet.outbox (topic, key, headers, value) VALUES ($1, $2, $3, $4)`, [
    message.topic,
    message.key,
    JSON.stringify(message.headers ?? {}),
    message.value,
  ]);
  await wake(sql);
}

/** A message of a run: correlated by the run's id, and part of the run's trace. */
export const addMessage = (
  sql: Queryable,
  topic: string,
  key: string,
  meta: PipelineMessage,
  runId: string,
): Promise<void> =>
  addToOutbox(sql, {
    topic,
    key,
    value: encodeMessage(meta),
    headers: { [HEADERS.correlationId]: runId, [HEADERS.traceparent]: traceparentOf(runId) },
  });

/**
 * The relay's side. Messages are published in the order of their ids and then marked: a relay that dies in between publishes them
 * again, which every consumer bears. Ids of transactions that commit late may be passed over for a moment; all messages of one key
 * are written under the lock of one run or dataset, so their order is kept.
 */
export const unsentMessages = (sql: Queryable, limit: number): Promise<OutboxMessage[]> =>
  sql.query<OutboxMessage & Record<string, unknown>>(
    `SELECT id, topic, key, headers, value FROM freshet.outbox WHERE sent_at IS NULL ORDER BY id LIMIT $1`,
    [limit],
  );

export const markMessageSent = (sql: Queryable, id: number): Promise<number> =>
  sql.execute(`UPDATE freshet.outbox SET sent_at = clock_timestamp() WHERE id = $1`, [id]);

/** Drops what was sent longer ago than `keepSeconds`; returns how many. */
export const pruneOutbox = (sql: Queryable, keepSeconds: number): Promise<number> =>
  sql.execute(`DELETE FROM freshet.outbox WHERE sent_at < clock_timestamp() - make_interval(secs => $1)`, [
    keepSeconds,
  ]);
