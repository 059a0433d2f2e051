/**
 * The state machine of a run, pure: a snapshot goes in, the next transition (or nothing) comes out. The coordinator's leader reads
 * snapshots, asks `decide`, and writes the transition in one transaction that is fenced by `from`. Deciding twice on the same
 * snapshot is harmless: the second write finds that `from` no longer holds.
 *
 * The facts of a snapshot come from everyone else: fetchers report on their attempt, loaders write the ledger, the publication and
 * the export. Nobody but this machine moves a run.
 */
import { afterAttempt } from './attempts';
import type { DatasetDefinition } from './definition';
import { FreshetError, type Failure } from './failure';
import { checkGates } from './gates';
import { balance, type LedgerTotals } from './ledger';
import type { TaskManifest } from './manifest';
import { canMove, type RunState } from './run';
import type { AttemptEnd, TaskState } from './task';

/** What the current attempt came to, as reported. */
export interface AttemptReport {
  /** Null while it goes on. */
  readonly end: AttemptEnd | null;
  /** Set by the fetcher, by a later stage, or by a dead letter; wins over `end`. */
  readonly failure: Failure | null;
  readonly retryAfterMs: number;
  readonly manifest: TaskManifest | null;
  /** Until the lease runs out, by the database's clock; null when it was never claimed. */
  readonly leaseLeftMs: number | null;
}

export interface RunSnapshot {
  readonly state: RunState;
  readonly cancelRequested: boolean;
  /** An older run of the dataset has not ended. */
  readonly blocked: boolean;
  /** Time since anything moved: a report, a ledger entry, a command. */
  readonly quietMs: number;
  readonly task: {
    readonly state: TaskState;
    readonly attempt: number;
    readonly tries: number;
    /** Until the next attempt may be issued, 0 or less when it may. */
    readonly dueInMs: number;
  };
  readonly attempt: AttemptReport;
  readonly ledger: readonly LedgerTotals[];
  readonly head: {
    /** The newest published generation was made with the run's definition. */
    readonly sameDefinition: boolean;
    /** Rows per resource in it. */
    readonly rows: Readonly<Record<string, number>>;
  };
  readonly publication: {
    readonly outcome: 'published' | 'unchanged' | 'refused';
    readonly failure: Failure | null;
  } | null;
  readonly exported: { readonly outcome: 'written' | 'failed'; readonly failure: Failure | null } | null;
}

/** How long the watchdog waits before it repeats or gives up on something. */
export interface WatchdogLimits {
  /** An issued attempt that nobody claimed is announced again after this long. */
  readonly unclaimedMs: number;
  /** An attempt that neither reports nor loads for this long is replaced. */
  readonly noProgressMs: number;
  /** A command without an outcome is sent again after this long. */
  readonly commandMs: number;
}

/** What leaves through the outbox. `fetch`: announce the current attempt. */
export type RunCommand = 'fetch' | 'publish' | 'export' | 'discard' | 'retain' | 'ended';

export interface Transition {
  readonly why: TransitionName;
  /** Fence: the transition is void when any of these has changed. */
  readonly from: { readonly run: RunState; readonly task: TaskState; readonly attempt: number };
  readonly run: RunState;
  readonly task: {
    readonly state: TaskState;
    readonly attempt: number;
    readonly tries: number;
    readonly delayMs: number;
  };
  /** How the attempt of `from` ended, when this transition ends it. */
  readonly attemptEnd: AttemptEnd | null;
  /** Failure of the attempt, and of the run when it ends as failed. */
  readonly failure: Failure | null;
  readonly commands: readonly RunCommand[];
}

export type TransitionName =
  | 'start'
  | 'issue'
  | 'announce_again'
  | 'accept'
  | 'next_attempt'
  | 'give_up'
  | 'not_modified'
  | 'publish'
  | 'publish_again'
  | 'export'
  | 'export_again'
  | 'refused'
  | 'unchanged'
  | 'published'
  | 'export_failed'
  | 'cancel';

export type TransitionDefinition = Pick<DatasetDefinition, 'gates' | 'resources' | 'retry' | 'exports'>;

export interface DecideInput {
  readonly snapshot: RunSnapshot;
  readonly definition: TransitionDefinition;
  readonly limits: WatchdogLimits;
  /** Uniform in [0, 1), for the jitter of retries. */
  readonly random: () => number;
}

/** The next transition of a run, or null when there is nothing to do but wait. */
export function decide(input: DecideInput): Transition | null {
  const { snapshot } = input;
  if (snapshot.cancelRequested && canMove(snapshot.state, 'cancelled')) return cancel(snapshot);
  switch (snapshot.state) {
    case 'queued':
      return snapshot.blocked
        ? null
        : move(snapshot, 'start', { run: 'running', task: { state: 'issued' }, commands: ['fetch'] });
    case 'running':
      return decideRunning(input);
    case 'publishing':
      return decidePublishing(input);
    case 'exporting':
      return decideExporting(input);
    default:
      return null;
  }
}

function decideRunning(input: DecideInput): Transition | null {
  const { snapshot, limits } = input;
  const { task, attempt, quietMs } = snapshot;
  switch (task.state) {
    case 'waiting':
      return task.dueInMs > 0 ? null : move(snapshot, 'issue', { task: { state: 'issued' }, commands: ['fetch'] });
    case 'issued':
      if (attempt.failure) return endAttempt(input, 'failed', attempt.failure);
      return quietMs < limits.unclaimedMs ? null : move(snapshot, 'announce_again', { commands: ['fetch'] });
    case 'leased':
      return decideLeased(input);
    case 'fetched':
      return decideFetched(input);
    default:
      return null;
  }
}

function decideLeased(input: DecideInput): Transition | null {
  const { snapshot, limits } = input;
  const { attempt } = snapshot;
  if (attempt.failure) return endAttempt(input, 'failed', attempt.failure);
  if (attempt.end === 'released') return endAttempt(input, 'released', null);
  if (attempt.end === 'fetched' && attempt.manifest) {
    if (attempt.manifest.outcome === 'fetched') return move(snapshot, 'accept', { task: { state: 'fetched' } });
    if (!snapshot.head.sameDefinition) return endAttempt(input, 'failed', nothingToCompare());
    // Earlier attempts may have staged something before the publisher said so.
    const commands: readonly RunCommand[] = snapshot.task.attempt > 1 ? ['discard', 'ended'] : ['ended'];
    return move(snapshot, 'not_modified', { run: 'unchanged', task: { state: 'done' }, commands });
  }
  if (attempt.leaseLeftMs !== null && attempt.leaseLeftMs <= 0)
    return endAttempt(input, 'expired', leaseExpired(snapshot));
  if (snapshot.quietMs >= limits.noProgressMs) return endAttempt(input, 'expired', noProgress(snapshot));
  return null;
}

function decideFetched(input: DecideInput): Transition | null {
  const { snapshot, definition, limits } = input;
  const { attempt, ledger } = snapshot;
  if (attempt.failure) return endAttempt(input, 'failed', attempt.failure);
  const manifest = attempt.manifest?.resources ?? [];
  const sum = balance(manifest, ledger);
  if (sum.state === 'mismatch') {
    const failure = new FreshetError('balance_mismatch', {
      message: `${sum.resource} does not balance: ${sum.detail}`,
      nextStep: 'Nothing was published, and a new attempt is made; if it repeats, report it with the run id.',
      attributes: { resource: sum.resource, detail: sum.detail },
    }).toFailure();
    return endAttempt(input, 'failed', failure);
  }
  // Handed back after it was fetched: the process that carried its chunks is gone.
  if (sum.state === 'waiting' && attempt.end === 'released') return endAttempt(input, 'released', null);
  if (sum.state === 'waiting')
    return snapshot.quietMs < limits.noProgressMs
      ? null
      : endAttempt(input, 'failed', noProgress(snapshot, sum.missingChunks));
  const gate = checkGates({ definition, manifest, totals: ledger, published: snapshot.head.rows });
  if (gate) return endAttempt(input, 'failed', gate);
  return move(snapshot, 'publish', { run: 'publishing', commands: ['publish'] });
}

function decidePublishing({ snapshot, definition, limits }: DecideInput): Transition | null {
  const { publication } = snapshot;
  switch (publication?.outcome) {
    case undefined:
      return snapshot.quietMs < limits.commandMs ? null : move(snapshot, 'publish_again', { commands: ['publish'] });
    case 'refused':
      return fail(
        snapshot,
        'refused',
        publication?.failure ?? internal('the loader refused to publish and gave no reason'),
      );
    case 'unchanged':
      return move(snapshot, 'unchanged', { run: 'unchanged', task: { state: 'done' }, commands: ['discard', 'ended'] });
    case 'published':
      return definition.exports.length > 0
        ? move(snapshot, 'export', { run: 'exporting', task: { state: 'done' }, commands: ['export'] })
        : move(snapshot, 'published', { run: 'published', task: { state: 'done' }, commands: ['retain', 'ended'] });
  }
}

function decideExporting({ snapshot, limits }: DecideInput): Transition | null {
  const { exported } = snapshot;
  switch (exported?.outcome) {
    case undefined:
      return snapshot.quietMs < limits.commandMs ? null : move(snapshot, 'export_again', { commands: ['export'] });
    case 'failed':
      // Readers have the new generation; what failed are the files beside it.
      return move(snapshot, 'export_failed', {
        run: 'failed',
        failure: exported?.failure ?? internal('the files could not be written, and no reason was given'),
        commands: ['retain', 'ended'],
      });
    case 'written':
      return move(snapshot, 'published', { run: 'published', commands: ['retain', 'ended'] });
  }
}

/** Fences the attempt: whatever still arrives of it does nothing. */
export function cancel(snapshot: RunSnapshot): Transition {
  return move(snapshot, 'cancel', {
    run: 'cancelled',
    task: { state: 'cancelled', attempt: snapshot.task.attempt + 1 },
    attemptEnd: 'fenced',
    commands: ['discard', 'ended'],
  });
}

function endAttempt(input: DecideInput, end: AttemptEnd, failure: Failure | null): Transition {
  const { snapshot, definition, random } = input;
  const after = afterAttempt(
    definition.retry,
    { end, failure, tries: snapshot.task.tries, retryAfterMs: snapshot.attempt.retryAfterMs },
    random,
  );
  if (after.next === 'give_up') return fail(snapshot, 'give_up', after.failure, end);
  return move(snapshot, 'next_attempt', {
    task: { state: 'waiting', attempt: snapshot.task.attempt + 1, tries: after.tries, delayMs: after.delayMs },
    attemptEnd: end,
    failure,
  });
}

function fail(
  snapshot: RunSnapshot,
  why: TransitionName,
  failure: Failure,
  attemptEnd: AttemptEnd | null = null,
): Transition {
  const task = { state: 'failed', attempt: snapshot.task.attempt + 1 } as const;
  return move(snapshot, why, { run: 'failed', task, attemptEnd, failure, commands: ['discard', 'ended'] });
}

interface Change {
  readonly run?: RunState;
  readonly task?: Partial<Transition['task']>;
  readonly attemptEnd?: AttemptEnd | null;
  readonly failure?: Failure | null;
  readonly commands?: readonly RunCommand[];
}

function move(snapshot: RunSnapshot, why: TransitionName, change: Change): Transition {
  const { state, attempt, tries } = snapshot.task;
  return {
    why,
    from: { run: snapshot.state, task: state, attempt },
    run: change.run ?? snapshot.state,
    task: { state, attempt, tries, delayMs: 0, ...change.task },
    attemptEnd: change.attemptEnd ?? null,
    failure: change.failure ?? null,
    commands: change.commands ?? [],
  };
}

const leaseExpired = ({ task }: RunSnapshot): Failure =>
  new FreshetError('lease_expired', {
    message: `the fetcher of attempt ${task.attempt} stopped renewing its lease`,
    nextStep: 'A new attempt is made by itself; if it repeats, look at the fetcher (killed, out of memory, cut off).',
    attributes: { attempt: task.attempt },
  }).toFailure();

const noProgress = ({ task, quietMs }: RunSnapshot, missingChunks = 0): Failure =>
  new FreshetError('no_progress', {
    message: `attempt ${task.attempt} made no progress for ${Math.round(quietMs / 1000)} s${missingChunks > 0 ? `; ${missingChunks} chunks never arrived` : ''}`,
    nextStep:
      'A new attempt is made by itself; if it repeats, check that parser, validator, loader and broker are running.',
    attributes: { attempt: task.attempt, missingChunks },
  }).toFailure();

const nothingToCompare = (): Failure =>
  new FreshetError('upstream_changed', {
    message: 'the publisher answered "not modified", and no generation of this definition is published to compare with',
    nextStep: 'A new attempt asks without a condition; if it repeats, refresh with --force.',
  }).toFailure();

const internal = (message: string): Failure =>
  new FreshetError('internal', {
    message,
    nextStep: 'Look at the log of the loader for the run id.',
    kind: 'terminal',
  }).toFailure();
