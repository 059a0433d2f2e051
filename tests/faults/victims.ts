import { setTimeout as pause } from 'node:timers/promises';
import { CLUSTER_SERVICES, type RunningDeployment, type RunningKafka, type RunningPostgres } from '@freshet/testing';

/** Everything a refresh needs. Nobody waits for the reporter. */
export const VICTIMS = [...CLUSTER_SERVICES.filter((service) => service !== 'reporter'), 'kafka', 'postgres'] as const;
export type Victim = (typeof VICTIMS)[number];

/** SIGKILL. The supervisor starts services again; the servers come back after a moment. */
export async function kill(
  victim: Victim,
  on: { readonly freshet: RunningDeployment; readonly kafka: RunningKafka; readonly postgres: RunningPostgres },
): Promise<void> {
  if (victim === 'kafka' || victim === 'postgres') {
    await on[victim].kill();
    await pause(500);
    await on[victim].restart();
    return;
  }
  on.freshet.supervisor.kill(victim);
}
