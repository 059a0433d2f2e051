import type { Queryable } from '../base';
import { storableJson, storableText } from '../loading/storable';
import type { NotificationKind } from './alert-history';

export interface NewNotification {
  /** Stable: the same condition gives the same id, and is stored once. */
  readonly id: string;
  readonly dataset: string;
  readonly kind: NotificationKind;
  readonly runId: string | null;
  /** The event as it will be sent. */
  readonly event: unknown;
}

/** False when the same notification is there already. */
export async function addNotification(sql: Queryable, notification: NewNotification): Promise<boolean> {
  const { id, dataset, kind, runId, event } = notification;
  const added = await sql.execute(
    // clock_timestamp: two notifications of one transaction keep their order.
    `INSERT INTO freshet.notification (id, dataset, kind, run_id, event, created_at)
     VALUES ($1, $2, $3, $4, $5::jsonb, clock_timestamp()) ON CONFLICT (id) DO NOTHING`,
    [id, dataset, kind, runId, storableJson(event)],
  );
  return added > 0;
}

export interface DueNotification {
  readonly id: string;
  readonly dataset: string;
  readonly kind: NotificationKind;
  readonly event: unknown;
  /** This try included. */
  readonly tries: number;
  readonly createdAt: Date;
}

/**
 * Takes the oldest notification that is due, for `holdMs`: if the process dies while sending, another try follows after that.
 * Notifications of one dataset are sent in order: a later one waits until the earlier is sent or given up.
 */
export async function takeDueNotification(sql: Queryable, holdMs: number): Promise<DueNotification | null> {
  const [row] = await sql.query<{
    id: string;
    dataset: string;
    kind: NotificationKind;
    event: unknown;
    tries: number;
    created_at: Date;
  }>(
    `UPDATE freshet.notification n SET tries = n.tries + 1, next_try_at = now() + $1 * interval '1 millisecond'
     WHERE n.id = (
       SELECT d.id FROM freshet.notification d
       WHERE d.sent_at IS NULL AND d.next_try_at <= now()
         AND NOT EXISTS (SELECT 1 FROM freshet.notification e WHERE e.dataset = d.dataset AND e.created_at < d.created_at
                           AND e.sent_at IS NULL AND e.next_try_at < 'infinity')
       ORDER BY d.created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING n.id, n.dataset, n.kind, n.event, n.tries, n.created_at`,
    [holdMs],
  );
  if (!row) return null;
  const { created_at: createdAt, ...rest } = row;
  return { ...rest, createdAt };
}

export async function markSent(sql: Queryable, id: string, note: string | null = null): Promise<void> {
  await sql.execute('UPDATE freshet.notification SET sent_at = now(), last_error = $2 WHERE id = $1', [id, note]);
}

/** `retryInMs` null: given up; the row stays, for a person to see. */
export async function markUnsent(sql: Queryable, id: string, error: string, retryInMs: number | null): Promise<void> {
  await sql.execute(
    `UPDATE freshet.notification SET last_error = $2,
       next_try_at = CASE WHEN $3::float8 IS NULL THEN 'infinity' ELSE now() + $3::float8 * interval '1 millisecond' END
     WHERE id = $1 AND sent_at IS NULL`,
    [id, storableText(error), retryInMs],
  );
}
