import type { Transaction } from '../../base';
import { ledgerTotals, type GenerationResource } from '../generations';
import { movePointers } from '../pointers';
import { storableJson } from '../storable';
import { refuseUnbalanced } from './balance';
import { isUnchanged, type Candidate } from './candidate';
import { dropStaged } from './drop-staged';
import { overtaken } from './failures';
import { lockRun, record, type Publication } from './outcome';
import type { PreparedResource } from './prepare';

/** Under the exclusive lock: everything is looked at again. Null when the head generation moved meanwhile. */
export async function decide(
  tx: Transaction,
  candidate: Candidate,
  kept: ReadonlyMap<string, GenerationResource>,
  prepared: readonly PreparedResource[],
): Promise<Publication | null> {
  const earlier = await lockRun(tx, candidate);
  if (earlier) return earlier;
  const [dataset] = await tx.query<{ head: number | null }>(
    'SELECT head_generation AS head FROM freshet.dataset WHERE id = $1 FOR NO KEY UPDATE',
    [candidate.dataset],
  );
  if ((dataset?.head ?? null) !== (candidate.head?.number ?? null)) return null;
  if (candidate.head && candidate.generation <= candidate.head.number) throw overtaken(candidate);
  await refuseUnbalanced(tx, candidate);
  if (isUnchanged(candidate, kept)) {
    await confirmHead(tx, candidate);
    await dropStaged(tx, candidate);
    return record(tx, candidate.runId, {
      outcome: 'unchanged',
      generation: candidate.head?.number ?? null,
      failure: null,
    });
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
      [
        dataset,
        generation,
        resource,
        entry.rowsFrom,
        entry.taskId,
        entry.attempt,
        entry.rows,
        entry.refused,
        entry.bytes,
        entry.sha256,
        storableJson(entry.columns),
      ],
    );
  }
}

/** The archive may be another one with the same content: the next conditional request names the newest. */
async function confirmHead(tx: Transaction, { dataset, head, manifest }: Candidate): Promise<void> {
  await tx.execute('UPDATE freshet.generation SET validators = $3::jsonb WHERE dataset = $1 AND number = $2', [
    dataset,
    head?.number,
    storableJson(manifest.validators),
  ]);
  await tx.execute('UPDATE freshet.dataset SET confirmed_at = now() WHERE id = $1', [dataset]);
}
