import { FreshetError, balance, toFailure, type DatasetDefinition, type Failure } from '@freshet/domain';
import { codeOf, isUnavailable, quoteIdent, type Database, type Transaction } from '../../base';
import { lockTask } from '../../coordination/task-lock';
import { GENERATION_COLUMN } from '../columns';
import { FencedError } from '../fence';
import { ledgerTotals, type GenerationResource } from '../generations';
import { generationTable, parentTable, stagingTable } from '../names';
import { movePointers } from '../pointers';
import { letStatementsPass } from '../readers';
import { stagingTables } from '../staging';
import { storableJson } from '../storable';
import { isUnchanged, keptResources, readCandidate, type Candidate } from './candidate';
import { prepareResource, type PreparedResource } from './prepare';
import type { SchemaPatience } from './schema';

export type PublishDefinition = Pick<DatasetDefinition, 'id' | 'contentVersion' | 'gates' | 'resources'>;

export interface Publication {
  /** `skipped`: the run is not waiting to be published (any more), and has no outcome. */
  readonly outcome: 'published' | 'unchanged' | 'refused' | 'skipped';
  readonly generation: number | null;
  readonly failure: Failure | null;
  /** False when an earlier delivery of the command decided it. */
  readonly decidedNow: boolean;
}

export interface PublishOptions {
  readonly patience?: SchemaPatience;
  /** Resources prepared at the same time; each uses a connection. */
  readonly parallel?: number;
}

const ATTACH_LOCK_TIMEOUT_MS = 10_000;

/**
 * Publishes a balanced run, in one transaction that readers see whole or not at all: pointers are moved, the generation and the outcome
 * recorded. The partitions were attached before, where nobody looks. Asked again, it answers what was decided or goes on where it was
 * interrupted. What must not be published is recorded as `refused`.
 *
 * @throws FreshetError `dependency_unavailable`, `definition_unknown` (the definition is not the one the run was planned with)
 */
export async function publish(database: Database, definition: PublishDefinition, runId: string, options: PublishOptions = {}): Promise<Publication> {
  const decided = await readPublication(database, runId);
  if (decided) return decided;
  const candidate = await readCandidate(database, runId);
  if (!candidate || candidate.state !== 'publishing') return skipped;
  if (candidate.contentVersion !== definition.contentVersion) throw otherDefinition(candidate);
  const kept = keptResources(candidate);
  try {
    const prepared = isUnchanged(candidate, kept) ? [] : await prepareAll(database, definition, candidate, kept, options);
    const earlier = await attachAll(database, candidate, prepared);
    if (earlier) return earlier;
    const publication = await database.transaction((tx) => decide(tx, candidate, kept, prepared));
    if (!publication) return await publish(database, definition, runId, options);
    if (publication.outcome === 'published' && publication.decidedNow) await analyse(database, candidate, prepared);
    return publication;
  } catch (error) {
    if (error instanceof FencedError) return skipped;
    if (isUnavailable(error)) throw error;
    const refusal = error instanceof FreshetError ? error : schemaRefused(candidate, error);
    if (!refusal) throw error;
    return refuse(database, candidate, toFailure(refusal));
  }
}

const skipped: Publication = { outcome: 'skipped', generation: null, failure: null, decidedNow: false };

async function prepareAll(
  database: Database,
  definition: PublishDefinition,
  candidate: Candidate,
  kept: ReadonlyMap<string, GenerationResource>,
  { patience, parallel = 2 }: PublishOptions,
): Promise<PreparedResource[]> {
  const waiting = candidate.manifest.resources.filter(({ resource }) => !kept.has(resource)).map(({ resource }) => resource);
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
 * Makes the staged tables partitions that no pointer names yet, in a transaction of its own, and lets pass the statements that were being
 * planned meanwhile: a plan made in that moment may have the partition in one place and not in another. Returns the outcome when there
 * is one already. Partitions of a run that then fails belong to nobody, and retention removes them.
 */
async function attachAll(database: Database, candidate: Candidate, prepared: readonly PreparedResource[]): Promise<Publication | null> {
  const waiting = prepared.filter(({ table }) => table !== null);
  if (waiting.length === 0) return null;
  const earlier = await database.transaction(async (tx) => {
    const decided = await lockRun(tx, candidate);
    if (decided) return decided;
    await refuseUnbalanced(tx, candidate);
    await tx.query(`SET LOCAL lock_timeout = ${ATTACH_LOCK_TIMEOUT_MS}`);
    for (const resource of waiting) await attach(tx, candidate, resource);
    return null;
  });
  if (!earlier) await letStatementsPass(database, waiting.map(({ resource }) => parentTable(candidate.dataset, resource)));
  return earlier;
}

/** Under the exclusive lock: everything is looked at again. Null when the head generation moved meanwhile. */
async function decide(
  tx: Transaction,
  candidate: Candidate,
  kept: ReadonlyMap<string, GenerationResource>,
  prepared: readonly PreparedResource[],
): Promise<Publication | null> {
  const earlier = await lockRun(tx, candidate);
  if (earlier) return earlier;
  const [dataset] = await tx.query<{ head: number | null }>('SELECT head_generation AS head FROM freshet.dataset WHERE id = $1 FOR NO KEY UPDATE', [candidate.dataset]);
  if ((dataset?.head ?? null) !== (candidate.head?.number ?? null)) return null;
  if (candidate.head && candidate.generation <= candidate.head.number) throw overtaken(candidate);
  await refuseUnbalanced(tx, candidate);
  if (isUnchanged(candidate, kept)) {
    await confirmHead(tx, candidate);
    await dropStaged(tx, candidate);
    return record(tx, candidate.runId, { outcome: 'unchanged', generation: candidate.head?.number ?? null, failure: null });
  }
  await insertGeneration(tx, candidate, kept, prepared);
  await movePointers(tx, candidate.dataset, candidate.generation);
  await tx.execute(
    `UPDATE freshet.dataset SET current_generation = $2, head_generation = $2, pinned = false, confirmed_at = now() WHERE id = $1`,
    [candidate.dataset, candidate.generation],
  );
  await dropStaged(tx, candidate);
  return record(tx, candidate.runId, { outcome: 'published', generation: candidate.generation, failure: null });
}

/** Excludes loaders, the coordinator and other publishers of the run. @throws FencedError when the run is not waiting for us. */
async function lockRun(tx: Transaction, candidate: Candidate): Promise<Publication | null> {
  const task = await lockTask(tx, candidate.taskId, 'exclusive');
  const earlier = await readPublication(tx, candidate.runId);
  if (earlier) return earlier;
  const [run] = await tx.query<{ state: string }>('SELECT state FROM freshet.run WHERE id = $1 FOR SHARE', [candidate.runId]);
  if (run?.state !== 'publishing' || task?.attempt !== candidate.attempt) throw new FencedError(candidate);
  return null;
}

async function refuseUnbalanced(tx: Transaction, candidate: Candidate): Promise<void> {
  const sum = balance(candidate.manifest.resources, await ledgerTotals(tx, candidate));
  if (sum.state === 'balanced') return;
  const detail = sum.state === 'waiting' ? `${sum.missingChunks} chunks are missing` : `${sum.resource}: ${sum.detail}`;
  throw new FreshetError('balance_mismatch', {
    message: `the run does not balance when it is to be published: ${detail}`,
    nextStep: 'Nothing was published; refresh again, and if it repeats, report it with the run id.',
    attributes: { detail },
  });
}

/** Only names change hands: neither the rows nor the readers of other generations are touched. */
async function attach(tx: Transaction, { dataset, generation }: Candidate, { resource, table }: PreparedResource): Promise<void> {
  if (!table) return;
  const [schema, name] = generationTable(dataset, resource, generation);
  await tx.query(`ALTER TABLE ${quoteIdent(...table)} RESET (autovacuum_enabled)`);
  await tx.query(`ALTER TABLE ${quoteIdent(...table)} SET SCHEMA ${quoteIdent(schema)}`);
  await tx.query(`ALTER TABLE ${quoteIdent(schema, table[1])} RENAME TO ${quoteIdent(name)}`);
  await tx.query(`ALTER TABLE ${quoteIdent(schema, name)} ALTER COLUMN ${GENERATION_COLUMN} DROP DEFAULT`);
  await tx.query(`ALTER TABLE ${quoteIdent(...parentTable(dataset, resource))} ATTACH PARTITION ${quoteIdent(schema, name)} FOR VALUES IN (${Number(generation)})`);
}

async function insertGeneration(
  tx: Transaction,
  candidate: Candidate,
  kept: ReadonlyMap<string, GenerationResource>,
  prepared: readonly PreparedResource[],
): Promise<void> {
  const { dataset, generation, runId, contentVersion, manifest } = candidate;
  await tx.execute(
    `INSERT INTO freshet.generation (dataset, number, run_id, state, content_version, validators, access) VALUES ($1, $2, $3, 'published', $4, $5::jsonb, $6::jsonb)`,
    [dataset, generation, runId, contentVersion, storableJson(manifest.validators), storableJson(manifest.access)],
  );
  const totals = new Map((await ledgerTotals(tx, candidate)).map((entry) => [entry.resource, entry]));
  const columns = new Map(prepared.map((entry) => [entry.resource, entry.columns]));
  for (const { resource, sha256 } of manifest.resources) {
    const total = totals.get(resource);
    const entry: Omit<GenerationResource, 'resource'> = kept.get(resource) ?? {
      rowsFrom: generation,
      taskId: candidate.taskId,
      attempt: candidate.attempt,
      rows: total?.rows ?? 0,
      refused: total?.refused ?? 0,
      bytes: total?.bytes ?? 0,
      sha256,
      columns: columns.get(resource) ?? [],
    };
    await tx.execute(
      `INSERT INTO freshet.generation_resource (dataset, generation, resource, rows_from, task_id, attempt, "rows", refused, bytes, sha256, columns)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb)`,
      [dataset, generation, resource, entry.rowsFrom, entry.taskId, entry.attempt, entry.rows, entry.refused, entry.bytes, entry.sha256, storableJson(entry.columns)],
    );
  }
}

/**
 * Statistics for the planner, after readers have the rows: nobody waits for them. If this process dies first, autovacuum sees to it.
 */
async function analyse(database: Database, { dataset, generation }: Candidate, prepared: readonly PreparedResource[]): Promise<void> {
  for (const { resource } of prepared) {
    await database.query(`ANALYZE ${quoteIdent(...generationTable(dataset, resource, generation))}`).catch(() => undefined);
  }
}

/** The archive may be another one with the same content: the next conditional request names the newest. */
async function confirmHead(tx: Transaction, { dataset, head, manifest }: Candidate): Promise<void> {
  await tx.execute('UPDATE freshet.generation SET validators = $3::jsonb WHERE dataset = $1 AND number = $2', [dataset, head?.number, storableJson(manifest.validators)]);
  await tx.execute('UPDATE freshet.dataset SET confirmed_at = now() WHERE id = $1', [dataset]);
}

/** Rows of resources that did not change. */
async function dropStaged(tx: Transaction, { taskId, attempt, manifest }: Candidate): Promise<void> {
  const names = new Set(manifest.resources.map(({ resource }) => stagingTable({ taskId, attempt }, resource)[1]));
  for (const leftover of await stagingTables(tx, [taskId])) {
    if (names.has(leftover.table[1])) await tx.query(`DROP TABLE ${quoteIdent(...leftover.table)}`);
  }
}

async function refuse(database: Database, candidate: Candidate, failure: Failure): Promise<Publication> {
  return database.transaction(async (tx) => (await lockRun(tx, candidate)) ?? record(tx, candidate.runId, { outcome: 'refused', generation: null, failure })).catch((error: unknown) => {
    if (error instanceof FencedError) return skipped;
    throw error;
  });
}

type Decision = Pick<Publication, 'generation' | 'failure'> & { readonly outcome: 'published' | 'unchanged' | 'refused' };

async function record(tx: Transaction, runId: string, decision: Decision): Promise<Publication> {
  await tx.execute('INSERT INTO freshet.publication (run_id, outcome, generation, failure) VALUES ($1, $2, $3, $4::jsonb)', [
    runId,
    decision.outcome,
    decision.generation,
    decision.failure === null ? null : storableJson(decision.failure),
  ]);
  return { ...decision, decidedNow: true };
}

async function readPublication(db: Pick<Transaction, 'query'>, runId: string): Promise<Publication | null> {
  const [row] = await db.query<Decision & Record<string, unknown>>('SELECT outcome, generation, failure FROM freshet.publication WHERE run_id = $1', [runId]);
  return row ? { outcome: row.outcome, generation: row.generation, failure: row.failure, decidedNow: false } : null;
}

/**
 * What PostgreSQL will refuse again however often it is asked: missing rights, an object of another kind in the way, a view that
 * cannot be changed (appendix A of the manual: class 42, 2B and 0A). Null for anything else, which a retry may cure.
 */
function schemaRefused(candidate: Candidate, error: unknown): FreshetError | null {
  const code = codeOf(error) ?? '';
  if (!/^(42|2B|0A)/.test(code)) return null;
  return new FreshetError('schema_change_blocked', {
    message: `PostgreSQL refuses the tables or views of ${candidate.dataset}: ${error instanceof Error ? error.message : code}`,
    nextStep: `Give the role of FRESHET_DATABASE_URL the rights it lacks, or move what is in the way in the schema of the source; then refresh again.`,
    attributes: { dataset: candidate.dataset, code },
    cause: error,
  });
}

const otherDefinition = (candidate: Candidate): FreshetError =>
  new FreshetError('definition_unknown', {
    message: `run ${candidate.runId} was planned with another version of the definition of ${candidate.dataset}`,
    nextStep: 'Wait until every service runs the same version of the definitions, or refresh again.',
    attributes: { dataset: candidate.dataset },
  });

const overtaken = (candidate: Candidate): FreshetError =>
  new FreshetError('fenced', {
    message: `generation ${candidate.generation} of ${candidate.dataset} comes too late: ${candidate.head?.number} is published already`,
    nextStep: 'Nothing to do: the newer generation stays. Refresh again if it should be replaced.',
    attributes: { generation: candidate.generation, head: candidate.head?.number ?? null },
  });

const unknownResource = (resource: string, dataset: string): FreshetError =>
  new FreshetError('definition_unknown', {
    message: `resource ${resource} is not in the definition of ${dataset}`,
    nextStep: 'Wait until every service runs the same version of the definitions, or refresh again.',
    attributes: { dataset, resource },
  });
