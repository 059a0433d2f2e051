import type { RetryPolicy } from '@freshet/domain';

export interface ReporterSettings {
  /** Failed runs in a row before somebody is told. A run fails only after its own retries, so one is already persistent. */
  readonly alertAfterFailures: number;
  /** Pause between two looks at the age of datasets. */
  readonly checkEveryMs: number;
  /** Pause between two looks for notifications to send. */
  readonly deliverEveryMs: number;
  /** Tries of one notification, with backoff between them. */
  readonly delivery: RetryPolicy;
  /** CloudEvents `source` of what is sent: which Freshet this is. */
  readonly eventSource: string;
  /** OpenLineage namespace of jobs and of our datasets. */
  readonly lineageNamespace: string;
}

export const DEFAULT_SETTINGS: ReporterSettings = {
  alertAfterFailures: 1,
  checkEveryMs: 60_000,
  deliverEveryMs: 5_000,
  // About two days of trying.
  delivery: { maxAttempts: 60, initialDelayMs: 5_000, maxDelayMs: 3_600_000 },
  eventSource: 'urn:freshet',
  lineageNamespace: 'freshet',
};
