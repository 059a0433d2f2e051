import { freshness } from '@freshet/domain';
import type { AlertHistory, EndedRun, NotificationKind } from '@freshet/database';

export interface AlertPolicy {
  /** Failed runs in a row before somebody is told. */
  readonly alertAfterFailures: number;
  readonly maxAgeSeconds: number;
}

export interface Telling {
  readonly kind: NotificationKind;
  /** Names the condition: the same one is told once, however often it is looked at. */
  readonly condition: string;
  /** The run that ended or began it, if one did. */
  readonly run: EndedRun | null;
}

export interface AlertDecision {
  readonly tell: readonly Telling[];
  readonly consecutiveFailures: number;
  /** Something was told, and has not ended. */
  readonly alerting: boolean;
}

/**
 * Who has to be told what about a dataset, from its history alone; so that a message that comes twice, late or out of order
 * changes nothing. A condition is told once, and `recovered` once when all that was told has ended:
 *
 * - `failed`: the last runs all failed, at least `alertAfterFailures` of them. Cancelled runs say nothing.
 * - `stale`: the publisher has confirmed nothing for longer than `maxAgeSeconds`, whatever runs did or did not do. A time series is
 *   confirmed until the end of its data plus the publisher's lag, so an hourly run that brings nothing new confirms nothing.
 */
export function decideAlerts({ runs, told, confirmedAt }: AlertHistory, policy: AlertPolicy, now: Date): AlertDecision {
  const failures = runs.filter(({ state }) => state === 'failed');
  const stale = freshness(confirmedAt, policy.maxAgeSeconds, now) === 'stale';
  const wasTold = (kind: NotificationKind): boolean => told.some((earlier) => earlier.kind === kind);
  const tell: Telling[] = [];
  const [newest = null] = failures;
  const oldest = failures.at(-1);
  if (oldest && failures.length >= policy.alertAfterFailures && !wasTold('failed')) {
    tell.push({ kind: 'failed', condition: `since run ${oldest.id}`, run: newest });
  }
  if (stale && !wasTold('stale')) {
    tell.push({ kind: 'stale', condition: `since ${confirmedAt.toISOString()}`, run: null });
  }
  const last = told.at(-1);
  const ended = last !== undefined && failures.length === 0 && !stale;
  if (ended) {
    tell.push({ kind: 'recovered', condition: `from ${last.id}`, run: runs[0] ?? null });
  }
  const alerting = !ended && (told.length > 0 || tell.length > 0);
  return { tell, consecutiveFailures: failures.length, alerting };
}
