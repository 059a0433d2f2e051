/**
 * A task is one unit of fetching inside a run, held under a lease. Its states:
 * `waiting` for its next attempt's time · `issued` announced on the topic · `leased` a fetcher holds it ·
 * `fetched` the manifest is in, chunks may still be on their way · then one of the ends.
 */
export type TaskState = 'waiting' | 'issued' | 'leased' | 'fetched' | TaskEnd;
export type TaskEnd = 'done' | 'failed' | 'cancelled';

export const isTaskEnded = (state: TaskState): state is TaskEnd =>
  state === 'done' || state === 'failed' || state === 'cancelled';

/** How an attempt ended; `released` (handed back on shutdown) and `lost_before_claim` do not count against the retry bound. */
export type AttemptEnd = 'fetched' | 'failed' | 'expired' | 'released' | 'fenced';
