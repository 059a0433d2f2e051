import { FreshetError, toFailure, type DatasetDefinition } from '@freshet/domain';
import { codeOf, isUnavailable, quoteIdent, type Database } from '../../base';
import { FencedError } from '../fence';
import type { GenerationResource } from '../generations';
import { generationTable } from '../names';
import { attachAll } from './attach';
import { isUnchanged, keptResources, readCandidate, type Candidate } from './candidate';
import { decide } from './decide';
import { otherDefinition, overtaken, schemaRefused, unknownResource } from './failures';
import { readPublication, refuse, skipped, type Publication } from './outcome';
import { prepareResource, type PreparedResource } from './prepare';
import type { SchemaPatience } from './schema';

export type PublishDefinition = Pick<DatasetDefinition, 'id' | 'contentVersion' | 'gates' | 'resources'>;

export interface PublishOptions {
  readonly patience?: SchemaPatience;
  /** Resources prepared at the same time; each uses a connection. */
  readonly parallel?: number;
}

/**
 * Publishes a balanced run, in one transaction that readers see whole or not at all: pointers are moved, the generation and the outcome
 * recorded. The partitions were attached before, where nobody looks. Asked again, it answers what was decided or goes on where it was
 * interrupted. What must not be published is recorded as `refused`.
 *
 * @throws FreshetError `dependency_unavailable`, `definition_unknown` (the definition is not the one the run was planned with)
 */
export async function publish(
  database: Database,
  definition: PublishDefinition,
  runId: string,
  options: PublishOptions = {},
): Promise<Publication> {
  const decided = await readPublication(database, runId);
  if (decided) return decided;
  const candidate = await readCandidate(database, runId);
  if (!candidate || candidate.state !== 'publishing') return skipped;
  if (candidate.contentVersion !== definition.contentVersion) throw otherDefinition(candidate);
  const kept = keptResources(candidate);
  try {
    if (candidate.head && candidate.generation <= candidate.head.number) throw overtaken(candidate);
    const prepared = isUnchanged(candidate, kept)
      ? []
      : await prepareAll(database, definition, candidate, kept, options);
    const attached = await attachAll(database, candidate, prepared);
    if ('earlier' in attached) return attached.earlier;
    const publication = await database.transaction((tx) => decide(tx, candidate, kept, attached.resources));
    if (!publication) return await publish(database, definition, runId, options);
    if (publication.outcome === 'published' && publication.decidedNow) await analyse(database, candidate, prepared);
    return publication;
  } catch (error) {
    if (error instanceof FencedError) return skipped;
    if (isUnavailable(error)) throw error;
    // A backup holds what was staged for as long as it takes. The coordinator repeats its command until it is answered.
    if (codeOf(error) === LOCK_NOT_AVAILABLE) return skipped;
    const refusal = error instanceof FreshetError ? error : schemaRefused(candidate, error);
    if (!refusal) throw error;
    return refuse(database, candidate, toFailure(refusal));
  }
}

const LOCK_NOT_AVAILABLE = '55P03';

async function prepareAll(
  database: Database,
  definition: PublishDefinition,
  candidate: Candidate,
  kept: ReadonlyMap<string, GenerationResource>,
  { patience, parallel = 2 }: PublishOptions,
): Promise<PreparedResource[]> {
  const waiting = candidate.manifest.resources
    .filter(({ resource }) => !kept.has(resource))
    .map(({ resource }) => resource);
  const prepared: PreparedResource[] = [];
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const resource = definition.resources.find((candidateResource) => candidateResource.name === name);
      if (!resource) throw unknownResource(name, definition.id);
      prepared.push(await prepareResource(database, definition, resource, candidate, patience));
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: parallel }, work));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return prepared;
}

/**
 * Statistics for the planner, after readers have the rows: nobody waits for them. If this process dies first, autovacuum sees to it.
 */
async function analyse(
  database: Database,
  { dataset, generation }: Candidate,
  prepared: readonly PreparedResource[],
): Promise<void> {
  for (const { resource } of prepared) {
    await database
      .query(`ANALYZE ${quoteIdent(...generationTable(dataset, resource, generation))}`)
      .catch(() => undefined);
  }
}
