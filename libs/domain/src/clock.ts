/** Passed in wherever time is needed; logic never reads the system clock. Instants are UTC. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
