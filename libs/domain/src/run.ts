/**
 * A run is one refresh of one dataset. Its states, in order:
 * `queued` waits for its dataset's turn · `running` its task is being fetched and loaded · `publishing` balanced, the loader
 * was told to publish · `exporting` published, files are being written · then one of the ends.
 */
export type RunState = 'queued' | 'running' | 'publishing' | 'exporting' | RunEnd;
export type RunEnd = 'published' | 'unchanged' | 'failed' | 'cancelled';

export const RUN_ENDS: readonly RunEnd[] = ['published', 'unchanged', 'failed', 'cancelled'];
export const isEnded = (state: RunState): state is RunEnd => (RUN_ENDS as readonly string[]).includes(state);

const NEXT: Readonly<Record<RunState, readonly RunState[]>> = {
  queued: ['running', 'cancelled', 'failed'],
  running: ['publishing', 'unchanged', 'failed', 'cancelled'],
  publishing: ['exporting', 'published', 'unchanged', 'failed'],
  exporting: ['published', 'failed'],
  published: [],
  unchanged: [],
  failed: [],
  cancelled: [],
};

export const canMove = (from: RunState, to: RunState): boolean => NEXT[from].includes(to);

/** What started a run. */
export type Trigger = 'schedule' | 'manual' | 'retry' | 'api' | 'backfill';

/** What a run was asked to fetch, resolved when it was created. Empty for datasets without intervals. */
export interface RunParameters {
  /** Interval starts, half-open, RFC 3339. */
  readonly window?: { readonly from: string; readonly to: string };
  /** Codes of the publisher; everything of the definition when absent. */
  readonly only?: readonly string[];
}
