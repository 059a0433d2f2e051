import type { RequestReport } from '@freshet/domain';
import type { Transaction } from '../../base';
import type { Candidate } from '../../loading/publish/candidate';
import { storableJson } from '../../loading/storable';
import type { Window } from './held';
import type { Staged, TimeSeriesDefinition } from './staged';
import type { MergeCounts } from './write';

/** What was asked for; where nobody said, what came. */
export function windowOf({ manifest }: Candidate, { extent }: Staged): Window {
  if (manifest.window) return { from: new Date(manifest.window.from), to: new Date(manifest.window.to) };
  return extent ?? { from: new Date(0), to: new Date(0) };
}

/** When each chunk was answered. One without a request is as old as the oldest answer, so that it never passes for newer than it is. */
export function answerTimes({ manifest }: Candidate, oldest: Date): Date[] {
  const requests = manifest.requests ?? [];
  const chunks = Math.max(0, ...manifest.resources.map((resource) => resource.chunks));
  const times = Array.from({ length: chunks }, () => oldest);
  for (const { at, chunks: cut } of requests) if (cut) times.fill(new Date(at), cut[0], cut[1] + 1);
  return times;
}

/** What was asked and answered; what came of it is not known yet. Without requests it was answered now. */
export async function insertMerge(
  tx: Transaction,
  { runId, taskId, attempt, dataset, contentVersion, manifest }: Candidate,
  { paging }: TimeSeriesDefinition,
  window: Window,
): Promise<{ readonly id: number; readonly firstAnsweredAt: Date }> {
  const requests: readonly RequestReport[] = manifest.requests ?? [];
  const times = requests.map(({ at }) => Date.parse(at));
  const [first, last] = times.length > 0 ? [Math.min(...times), Math.max(...times)] : [null, null];
  const [row] = await tx.query<{ id: number; firstAnsweredAt: Date }>(
    `INSERT INTO freshet.merge (run_id, task_id, attempt, dataset, content_version, window_from, window_to, selected, requests, first_answered_at, answered_at,
       added, changed, unchanged, late, duplicates)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, coalesce($10, now()), coalesce($11, now()), 0, 0, 0, 0, 0) RETURNING id, first_answered_at AS "firstAnsweredAt"`,
    [
      runId,
      taskId,
      attempt,
      dataset,
      contentVersion,
      window.from,
      window.to,
      manifest.selected ?? paging?.select.values ?? [],
      storableJson(requests),
      first === null ? null : new Date(first),
      last === null ? null : new Date(last),
    ],
  );
  if (!row) throw new Error('a merge was inserted and not returned');
  return row;
}

export async function countMerged(tx: Transaction, mergeId: number, counts: MergeCounts): Promise<void> {
  await tx.execute(
    'UPDATE freshet.merge SET added = $2, changed = $3, unchanged = $4, late = $5, duplicates = $6 WHERE id = $1',
    [mergeId, counts.added, counts.changed, counts.unchanged, counts.late, counts.duplicates],
  );
}
