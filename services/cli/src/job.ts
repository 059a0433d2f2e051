import { randomUUID } from 'node:crypto';
import { tickKey } from '@freshet/domain';
import type { Environment } from './environment';
import { UsageError } from './exit';

type Variables = Pick<
  Environment,
  | 'FRESHET_SCHEDULED_AT'
  | 'FRESHET_SCHEDULE_DELAY_SECONDS'
  | 'FRESHET_CRONJOB_NAME'
  | 'FRESHET_JOB_NAME'
  | 'FRESHET_JOB_UID'
>;

/** On whose behalf a refresh is started, and under which key: the same key twice gives the same runs. */
export type Start =
  | { readonly trigger: 'manual'; readonly key: string }
  | { readonly trigger: 'schedule'; readonly key: (dataset: string) => string };

/** A Job is created at most this long after its tick; what looks older was named by a person. */
const OLDEST_TICK_MS = 31 * 86_400_000;

/**
 * What the variables of a CronJob's pod say. Pods do not carry the annotation with the scheduled time, Jobs do; but a Job that a
 * CronJob started is named after both: `<cronjob>-<minutes since 1970>`. Any other name is a Job that a person created.
 *
 * @throws UsageError for a scheduled time that is none.
 */
export function startOf(variables: Variables, now: Date): Start {
  const scheduled = scheduledAt(variables, now);
  if (!scheduled)
    return {
      trigger: 'manual',
      key: variables.FRESHET_JOB_UID === undefined ? randomUUID() : `job:${variables.FRESHET_JOB_UID}`,
    };
  // The chart lets CronJobs start a little after the schedule of the definition, so that not all of them start at once.
  const tick = new Date(scheduled.getTime() - (variables.FRESHET_SCHEDULE_DELAY_SECONDS ?? 0) * 1000);
  return { trigger: 'schedule', key: (dataset) => tickKey(dataset, tick) };
}

function scheduledAt(variables: Variables, now: Date): Date | null {
  const { FRESHET_SCHEDULED_AT: given, FRESHET_CRONJOB_NAME: cronJob, FRESHET_JOB_NAME: job } = variables;
  if (given !== undefined) {
    const at = new Date(given);
    if (!/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(given) || Number.isNaN(at.getTime()))
      throw new UsageError(
        `FRESHET_SCHEDULED_AT: ${given} is not an RFC 3339 instant`,
        'Example: 2026-11-20T10:15:00Z',
      );
    return at;
  }
  if (cronJob === undefined || !job?.startsWith(`${cronJob}-`)) return null;
  const minutes = job.slice(cronJob.length + 1);
  if (!/^\d{8,9}$/.test(minutes)) return null;
  const at = new Date(Number(minutes) * 60_000);
  const age = now.getTime() - at.getTime();
  return age > -60_000 && age < OLDEST_TICK_MS ? at : null;
}
