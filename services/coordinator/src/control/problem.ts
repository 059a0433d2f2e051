import type { ProblemBody } from '@freshet/contracts';
import { FreshetError } from '@freshet/domain';

/** Kinds of answers that are not the one asked for; each transport has its own number for them. */
export type ProblemKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'not_acceptable'
  | 'conflict'
  | 'unavailable'
  | 'internal';

/** What a control call throws when the answer is no. */
export class Problem extends Error {
  constructor(
    readonly kind: ProblemKind,
    readonly body: ProblemBody,
  ) {
    super(body.error);
    this.name = 'Problem';
  }
}

export const invalid = (details: readonly string[]): Problem =>
  new Problem('invalid', {
    error: `the request has ${details.length} mistake${details.length === 1 ? '' : 's'}: ${details.join('; ')}`,
    nextStep: 'Correct the request; /api/docs describes it.',
    details,
  });

export const notFound = (what: string, nextStep: string): Problem =>
  new Problem('not_found', { error: what, nextStep });

export const conflict = (what: string, nextStep: string): Problem => new Problem('conflict', { error: what, nextStep });

/** Any thrown value as a problem. What is not ours says nothing about itself: its text may hold what a caller must not see. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (!(error instanceof FreshetError))
    return new Problem('internal', {
      error: 'something went wrong here',
      nextStep: 'Look at the log of the coordinator.',
    });
  return new Problem(KINDS[error.code] ?? 'conflict', { error: error.message, nextStep: error.nextStep });
}

const KINDS: Partial<Record<FreshetError['code'], ProblemKind>> = {
  definition_unknown: 'not_found',
  not_found: 'not_found',
  file_unreadable: 'invalid',
  code_unknown: 'invalid',
  dependency_unavailable: 'unavailable',
  internal: 'internal',
};
