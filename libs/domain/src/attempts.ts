/** The rules of attempts: which of them count, when the next one is due, and when to give up. */
import { retryDelayMs } from './backoff';
import type { RetryPolicy } from './definition';
import { FAILURES, isTransient, type Failure } from './failure';
import type { AttemptEnd } from './task';

/** An attempt handed back on shutdown, or fenced by somebody's decision, is not the publisher's fault and costs no try. */
export const countsAgainstBound = (end: AttemptEnd): boolean => end === 'failed' || end === 'expired';

export type AfterAttempt =
  /** The next attempt may be issued after `delayMs`; `tries` counts it. */
  | { readonly next: 'attempt'; readonly delayMs: number; readonly tries: number }
  | { readonly next: 'give_up'; readonly failure: Failure };

export interface EndedAttempt {
  readonly end: AttemptEnd;
  /** Why; null for an attempt handed back. */
  readonly failure: Failure | null;
  /** Attempts that count so far, the ended one included. */
  readonly tries: number;
  /** What the publisher asked for with `Retry-After`, 0 when nothing. */
  readonly retryAfterMs: number;
}

/**
 * What follows an attempt that did not succeed. A terminal failure ends the task at once: repeating it would give the same. A
 * transient one is tried again until `maxAttempts` attempts have counted.
 *
 * @param random uniform in [0, 1)
 */
export function afterAttempt(policy: RetryPolicy, ended: EndedAttempt, random: () => number): AfterAttempt {
  const { failure, tries } = ended;
  if (!countsAgainstBound(ended.end)) return { next: 'attempt', delayMs: 0, tries };
  if (failure && !isTransient(failure)) return { next: 'give_up', failure };
  if (tries >= policy.maxAttempts) return { next: 'give_up', failure: attemptsExhausted(failure, tries) };
  // A dead fetcher says nothing about the publisher: no reason to wait.
  const delayMs = ended.end === 'expired' ? 0 : retryDelayMs(policy, tries + 1, random, ended.retryAfterMs);
  return { next: 'attempt', delayMs, tries: tries + 1 };
}

/** Says that no try is left, and keeps what the last one met. */
export function attemptsExhausted(last: Failure | null, tries: number): Failure {
  return {
    code: 'attempts_exhausted',
    kind: FAILURES.attempts_exhausted,
    message: `gave up after ${tries} attempt${tries === 1 ? '' : 's'}${last ? `; the last one: ${last.message}` : ''}`,
    nextStep: last
      ? withoutRetry(last.nextStep, 'start it again with freshet retry')
      : 'Look at the attempts of the run, then start it again with freshet retry.',
    attributes: { ...last?.attributes, attempts: tries, lastCode: last?.code ?? null },
  };
}

/**
 * A next step where nothing is tried again by itself: of `It is tried again by itself; if it repeats, …` (or of `The next attempt …`)
 * the rest, and of `…; it is tried again by itself.` the first part, followed by `instead`.
 */
export function withoutRetry(nextStep: string, instead = ''): string {
  const rest = nextStep.replace(/^[^;.]* (?:by itself|next attempt)[^;.]*; if it repeats, /, '');
  if (rest !== nextStep) return rest.charAt(0).toUpperCase() + rest.slice(1);
  return nextStep.replace(
    /; it is (tried|fetched|read) again[^;.]* by itself\.$/,
    instead === '' ? '.' : `; ${instead}.`,
  );
}
