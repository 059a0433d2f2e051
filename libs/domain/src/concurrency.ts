import type { ConcurrencyPolicy } from './definition';
import type { RunState } from './run';

export interface ActiveRun {
  readonly id: string;
  readonly state: RunState;
}

export type Admission =
  | { readonly admit: true; /** Runs that give way. */ readonly cancel: readonly string[] }
  /** Refused: `running` is the run in the way. */
  | { readonly admit: false; readonly running: string };

/**
 * Whether a new run of a dataset may be created while others of it have not ended. `forbid` refuses it, `queue` lets it wait its
 * turn, `replace` cancels those that can still be cancelled; one that is publishing already is waited for.
 */
export function admit(policy: ConcurrencyPolicy, active: readonly ActiveRun[]): Admission {
  const [first] = active;
  if (!first) return { admit: true, cancel: [] };
  if (policy === 'forbid') return { admit: false, running: first.id };
  if (policy === 'queue') return { admit: true, cancel: [] };
  return { admit: true, cancel: active.filter((run) => isCancellable(run.state)).map((run) => run.id) };
}

/** Once the loader was told to publish, the outcome is the loader's: cancelling could not promise anything. */
export const isCancellable = (state: RunState): boolean => state === 'queued' || state === 'running';
