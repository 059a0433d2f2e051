import type { Failure } from '@freshet/domain';
import type { Database, Queryable, Transaction } from '../../base';
import { lockTask } from '../../coordination/task-lock';
import { FencedError } from '../fence';
import { storableJson } from '../storable';
import type { Candidate } from './candidate';

export interface Publication {
  /** `skipped`: no outcome yet, because somebody holds the tables; or none any more, because the run is not waiting for one. */
  readonly outcome: 'published' | 'unchanged' | 'refused' | 'skipped';
  readonly generation: number | null;
  readonly failure: Failure | null;
  /** False when an earlier delivery of the command decided it. */
  readonly decidedNow: boolean;
}

export const skipped: Publication = { outcome: 'skipped', generation: null, failure: null, decidedNow: false };

type Decision = Pick<Publication, 'generation' | 'failure'> & {
  readonly outcome: 'published' | 'unchanged' | 'refused';
};

/** `confirmedAt`: what the publication confirms, where that is not the moment of it. */
export async function record(
  tx: Transaction,
  runId: string,
  decision: Decision,
  confirmedAt: Date | null = null,
): Promise<Publication> {
  await tx.execute(
    'INSERT INTO freshet.publication (run_id, outcome, generation, failure, confirmed_at) VALUES ($1, $2, $3, $4::jsonb, $5)',
    [
      runId,
      decision.outcome,
      decision.generation,
      decision.failure === null ? null : storableJson(decision.failure),
      confirmedAt,
    ],
  );
  return { ...decision, decidedNow: true };
}

/** Records why a run is not published; `also` is written with it. */
export async function refuse(
  database: Database,
  candidate: Candidate,
  failure: Failure,
  also: (tx: Transaction) => Promise<void> = () => Promise.resolve(),
): Promise<Publication> {
  return database
    .transaction(async (tx) => {
      const earlier = await lockRun(tx, candidate);
      if (earlier) return earlier;
      await also(tx);
      return record(tx, candidate.runId, { outcome: 'refused', generation: null, failure });
    })
    .catch((error: unknown) => {
      if (error instanceof FencedError) return skipped;
      throw error;
    });
}

export async function readPublication(db: Queryable, runId: string): Promise<Publication | null> {
  const [row] = await db.query<Decision & Record<string, unknown>>(
    'SELECT outcome, generation, failure FROM freshet.publication WHERE run_id = $1',
    [runId],
  );
  return row ? { outcome: row.outcome, generation: row.generation, failure: row.failure, decidedNow: false } : null;
}

/** Excludes loaders, the coordinator and other publishers of the run. @throws FencedError when the run is not waiting for us. */
export async function lockRun(tx: Transaction, candidate: Candidate): Promise<Publication | null> {
  const task = await lockTask(tx, candidate.taskId, 'exclusive');
  const earlier = await readPublication(tx, candidate.runId);
  if (earlier) return earlier;
  const [run] = await tx.query<{ state: string }>('SELECT state FROM freshet.run WHERE id = $1 FOR SHARE', [
    candidate.runId,
  ]);
  if (run?.state !== 'publishing' || task?.attempt !== candidate.attempt) throw new FencedError(candidate);
  return null;
}
