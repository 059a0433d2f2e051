import type { Failure, RunEnd } from '@freshet/domain';
import type { Queryable } from '../base';

export type NotificationKind = 'failed' | 'recovered' | 'stale';

export interface EndedRun {
  readonly id: string;
  readonly state: Exclude<RunEnd, 'cancelled'>;
  readonly endedAt: Date;
  readonly failure: Failure | null;
}

/** What decides whether somebody has to be told about a dataset. */
export interface AlertHistory {
  /** The newest success, if there was one, and every failure after it, newest first; at most a hundred. Backfill tells nobody. */
  readonly runs: readonly EndedRun[];
  /** Notifications since the last `recovered`, oldest first: what was told and has not ended. */
  readonly told: ReadonlyArray<{ readonly id: string; readonly kind: 'failed' | 'stale' }>;
  /** Last confirmation by the publisher; before the first, when the dataset was first asked for. */
  readonly confirmedAt: Date;
}

const MOST_RUNS = 100;

/** Null for a dataset that nobody ever asked for. Inside a transaction it holds the dataset's alert row until the end. */
export async function alertHistory(sql: Queryable, dataset: string): Promise<AlertHistory | null> {
  const [row] = await sql.query<{ confirmed_at: Date }>(
    'SELECT coalesce(confirmed_at, created_at) AS confirmed_at FROM freshet.dataset WHERE id = $1',
    [dataset],
  );
  if (!row) return null;
  await sql.execute('INSERT INTO freshet.alert_state (dataset) VALUES ($1) ON CONFLICT DO NOTHING', [dataset]);
  await sql.query('SELECT 1 FROM freshet.alert_state WHERE dataset = $1 FOR UPDATE', [dataset]);
  const runs = await sql.query<{ id: string; state: EndedRun['state']; ended_at: Date; failure: Failure | null }>(
    `SELECT id, state, ended_at, failure FROM freshet.run r
     WHERE dataset = $1 AND state IN ('published', 'unchanged', 'failed') AND priority >= 0
       AND ended_at >= coalesce((SELECT max(ended_at) FROM freshet.run s WHERE s.dataset = $1 AND s.state IN ('published', 'unchanged') AND s.priority >= 0), '-infinity')
     ORDER BY ended_at DESC, id LIMIT ${MOST_RUNS}`,
    [dataset],
  );
  const told = await sql.query<{ id: string; kind: 'failed' | 'stale' }>(
    `SELECT id, kind FROM freshet.notification
     WHERE dataset = $1 AND kind <> 'recovered'
       AND created_at > coalesce((SELECT max(created_at) FROM freshet.notification WHERE dataset = $1 AND kind = 'recovered'), '-infinity')
     ORDER BY created_at`,
    [dataset],
  );
  return {
    runs: runs.map(({ id, state, ended_at: endedAt, failure }) => ({ id, state, endedAt, failure })),
    told,
    confirmedAt: row.confirmed_at,
  };
}

export interface AlertState {
  readonly consecutiveFailures: number;
  readonly alerting: boolean;
}

/** What `freshet status` and dashboards may read; `changed_at` moves only when it changes. */
export async function saveAlertState(sql: Queryable, dataset: string, state: AlertState): Promise<void> {
  await sql.execute(
    `UPDATE freshet.alert_state SET consecutive_failures = $2, alerting = $3, changed_at = now()
     WHERE dataset = $1 AND (consecutive_failures, alerting) IS DISTINCT FROM ($2, $3)`,
    [dataset, state.consecutiveFailures, state.alerting],
  );
}
