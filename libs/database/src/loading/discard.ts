import { RUN_ENDS } from '@freshet/domain';
import { codeOf, quoteIdent, type Database, type Queryable } from '../base';
import { lockTask } from '../coordination/task-lock';
import { stagingTables, type LeftoverTable } from './staging';

const LOCK_NOT_AVAILABLE = '55P03';
const LOCK_TIMEOUT_MS = 5_000;

/**
 * Removes what attempts of a run staged and did not publish: all of it once the run ended, only the fenced attempts before. Published
 * rows are in tables of their own and out of reach here. Returns how many tables went; asked again, it finds nothing.
 */
export async function discard(database: Database, runId: string): Promise<{ readonly tables: number }> {
  const tasks = await database.query<{ id: string }>('SELECT id FROM freshet.task WHERE run_id = $1', [runId]);
  const tables = await dropLeftovers(
    database,
    await stagingTables(
      database,
      tasks.map(({ id }) => id),
    ),
  );
  await database.execute(
    `DELETE FROM freshet.ledger l USING freshet.task t, freshet.run r
     WHERE t.run_id = $1 AND r.id = t.run_id AND l.task_id = t.id AND (r.state = ANY ($2) OR l.attempt < t.attempt)
     AND NOT EXISTS (SELECT 1 FROM freshet.generation_resource g WHERE g.task_id = l.task_id AND g.attempt = l.attempt)`,
    [runId, RUN_ENDS],
  );
  // The same bytes, refused before, are in quarantine with the generation that stays.
  await database.execute(
    `DELETE FROM freshet.quarantine q USING freshet.task t, freshet.run r WHERE r.id = $1 AND r.state = 'unchanged' AND t.run_id = r.id AND q.task_id = t.id`,
    [runId],
  );
  return { tables };
}

/** Drops staging tables of ended runs, unknown tasks and fenced attempts; one that is in use is left for the next time. */
export async function dropLeftovers(database: Database, candidates: readonly LeftoverTable[]): Promise<number> {
  let dropped = 0;
  for (const leftover of candidates) {
    if (!(await isLeftover(database, leftover))) continue;
    dropped += await database
      .transaction(async (tx) => {
        await tx.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
        // A loader of the attempt that is still at work finishes first; a later one is fenced.
        await lockTask(tx, leftover.taskId, 'exclusive');
        if (!(await isLeftover(tx, leftover))) return 0;
        await tx.query(`DROP TABLE IF EXISTS ${quoteIdent(...leftover.table)}`);
        return 1;
      })
      .catch((error: unknown) => {
        if (codeOf(error) === LOCK_NOT_AVAILABLE) return 0;
        throw error;
      });
  }
  return dropped;
}

async function isLeftover(db: Queryable, { taskId, attempt }: LeftoverTable): Promise<boolean> {
  const [row] = await db.query<{ leftover: boolean }>(
    `SELECT (r.state = ANY ($3) OR $2 < t.attempt) AS leftover FROM freshet.task t JOIN freshet.run r ON r.id = t.run_id WHERE t.id = $1`,
    [taskId, attempt, RUN_ENDS],
  );
  return row?.leftover ?? true;
}
