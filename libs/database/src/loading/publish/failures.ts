import { FreshetError } from '@freshet/domain';
import { codeOf } from '../../base';
import type { Candidate } from './candidate';

/**
 * What PostgreSQL will refuse again however often it is asked: missing rights, an object of another kind in the way, a view that
 * cannot be changed (appendix A of the manual: class 42, 2B and 0A). Null for anything else, which a retry may cure: a table that is not there was moved by
 * another delivery of the same command.
 */
export function schemaRefused(candidate: Candidate, error: unknown): FreshetError | null {
  const code = codeOf(error) ?? '';
  if (!/^(42(?!P01)|2B|0A)/.test(code)) return null;
  return new FreshetError('schema_change_blocked', {
    message: `PostgreSQL refuses the tables or views of ${candidate.dataset}: ${error instanceof Error ? error.message : code}`,
    nextStep: `Give the role of FRESHET_DATABASE_URL the rights it lacks, or move what is in the way in the schema of the source; then refresh again.`,
    attributes: { dataset: candidate.dataset, code },
    cause: error,
  });
}

export const otherDefinition = (candidate: Candidate): FreshetError =>
  new FreshetError('definition_unknown', {
    message: `run ${candidate.runId} was planned with another version of the definition of ${candidate.dataset}`,
    nextStep: 'Wait until every service runs the same version of the definitions, or refresh again.',
    attributes: { dataset: candidate.dataset },
  });

export const overtaken = (candidate: Candidate): FreshetError =>
  new FreshetError('fenced', {
    message: `generation ${candidate.generation} of ${candidate.dataset} comes too late: ${candidate.head?.number} is published already`,
    nextStep: 'Nothing to do: the newer generation stays. Refresh again if it should be replaced.',
    attributes: { generation: candidate.generation, head: candidate.head?.number ?? null },
  });

export const unknownResource = (resource: string, dataset: string): FreshetError =>
  new FreshetError('definition_unknown', {
    message: `resource ${resource} is not in the definition of ${dataset}`,
    nextStep: 'Wait until every service runs the same version of the definitions, or refresh again.',
    attributes: { dataset, resource },
  });

export const unbalanced = (detail: string): FreshetError =>
  new FreshetError('balance_mismatch', {
    message: `the run does not balance when it is to be published: ${detail}`,
    nextStep: 'Nothing was published; refresh again, and if it repeats, report it with the run id.',
    attributes: { detail },
  });
