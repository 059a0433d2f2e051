/** When scheduled refreshes are due. What a cron expression means is left to a calendar, so that this stays pure. */

/** All cron expressions of one dataset, in its time zone. */
export interface Calendar {
  /** The last due time strictly before `instant`, null when there is none. */
  previous(instant: Date): Date | null;
  /** The first due time strictly after `instant`, null when there is none. */
  next(instant: Date): Date | null;
}

export type Tick =
  /** Nothing is due. */
  | { readonly due: null; readonly baseline: null }
  /** Seen for the first time: remember `baseline`, so that the next start knows what it missed. Nothing runs for it. */
  | { readonly due: null; readonly baseline: Date }
  /** Run once, however many ticks went by. */
  | { readonly due: Date; readonly baseline: null };

/**
 * What is due at `now`, when `last` is the newest tick that was dealt with. After downtime the newest missed tick runs and the
 * older ones are dropped: one refresh brings a snapshot up to date, however late.
 */
export function dueTick(calendar: Calendar, last: Date | null, now: Date): Tick {
  // `previous` is exclusive, and a tick is due at its own instant.
  const newest = calendar.previous(new Date(now.getTime() + 1));
  if (!last) return newest ? { due: null, baseline: newest } : { due: null, baseline: null };
  return newest && newest > last ? { due: newest, baseline: null } : { due: null, baseline: null };
}

/** Under which name the ticks of a dataset's health check are remembered. */
export const healthTick = (dataset: string): string => `${dataset}#health`;

/** The same for everyone who starts the same tick, so that only one run comes of it. */
export const tickKey = (dataset: string, due: Date): string => `schedule:${dataset}:${due.toISOString()}`;
