import { FreshetError, toFailure, type DatasetDefinition } from '@freshet/domain';
import { codeOf, isUnavailable, type Database } from '../../base';
import { FencedError } from '../../loading/fence';
import { readCandidate, type Candidate } from '../../loading/publish/candidate';
import { otherDefinition, schemaRefused } from '../../loading/publish/failures';
import { readPublication, refuse, skipped, type Publication } from '../../loading/publish/outcome';
import { storeCheckOutcomes } from '../checks';
import { ensureMonths } from '../months';
import { HeldError } from './held';
import { mergeStaged, type MergeFacts } from './merge-staged';
import { inspectStaged, type TimeSeriesDefinition } from './staged';

export interface Merged extends Publication {
  /** Null when nothing was merged now. */
  readonly merge: MergeFacts | null;
}

/**
 * Publishes a run of a time series: its staged rows are merged into what is stored, in one transaction, with the proof of where they came
 * from; readers see all of it or nothing. `published` when something was added or changed. Asked again, it answers what was decided.
 * Any number of runs may be merged in any order and at the same time. What must not be stored is recorded as `refused`.
 *
 * @throws FreshetError `dependency_unavailable`, `definition_unknown` (the definition is not the one the run was planned with)
 */
export async function mergeTimeSeries(
  database: Database,
  definition: DatasetDefinition,
  runId: string,
): Promise<Merged> {
  const decided = await readPublication(database, runId);
  if (decided) return { ...decided, merge: null };
  const candidate = await readCandidate(database, runId);
  if (!candidate || candidate.state !== 'publishing') return nothing;
  if (candidate.contentVersion !== definition.contentVersion) throw otherDefinition(candidate);
  const series = asSeries(definition);
  try {
    const staged = await inspectStaged(database, series, candidate);
    await ensureMonths(database, staged.months);
    return await database.transaction((tx) => mergeStaged(tx, series, candidate, staged));
  } catch (error) {
    if (error instanceof FencedError) return nothing;
    if (isUnavailable(error)) throw error;
    // Somebody holds a table. The coordinator repeats its command until it is answered.
    if (codeOf(error) === LOCK_NOT_AVAILABLE) return nothing;
    if (codeOf(error) === UNDEFINED_TABLE) {
      // Another delivery of the command merged the rows while we were about to look at them.
      const meanwhile = await readPublication(database, runId);
      if (meanwhile) return { ...meanwhile, merge: null };
    }
    if (error instanceof HeldError) return held(database, candidate, error);
    const refusal = error instanceof FreshetError ? error : schemaRefused(candidate, error);
    if (!refusal) throw error;
    return { ...(await refuse(database, candidate, toFailure(refusal))), merge: null };
  }
}

const LOCK_NOT_AVAILABLE = '55P03';
const UNDEFINED_TABLE = '42P01';
const nothing: Merged = { ...skipped, merge: null };

/** Nothing of the run is stored but what the checks found. */
async function held(database: Database, candidate: Candidate, error: HeldError): Promise<Merged> {
  const publication = await refuse(database, candidate, toFailure(error), (tx) =>
    storeCheckOutcomes(tx, candidate.dataset, { ...error.window, runId: candidate.runId }, error.outcomes),
  );
  return { ...publication, merge: null };
}

/** @throws FreshetError `definition_invalid` for a dataset of another mode */
export function asSeries(definition: DatasetDefinition): TimeSeriesDefinition {
  const { timeseries } = definition;
  if (timeseries) return { ...definition, timeseries };
  throw new FreshetError('definition_invalid', {
    message: `${definition.id} is no time series`,
    nextStep: 'Declare "timeseries" in the definition, or choose a dataset of that mode.',
    attributes: { dataset: definition.id },
  });
}
