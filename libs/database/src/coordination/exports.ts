import { randomUUID } from 'node:crypto';
import { TOPICS } from '@freshet/contracts';
import type { Database } from '../base';
import { currentGeneration } from './dataset-views';
import { addMessage } from './outbox';

/** Has the files of the published generation written again; null when nothing is published. The run that made it keeps its state. */
export async function requestExport(
  database: Database,
  dataset: string,
): Promise<{ dataset: string; generation: number; runId: string } | null> {
  return database.transaction(async (tx) => {
    const current = await currentGeneration(tx, dataset);
    if (!current) return null;
    await tx.execute(
      `DELETE FROM freshet.export e USING freshet.run r WHERE e.run_id = $1 AND r.id = e.run_id AND r.state <> 'exporting'`,
      [current.runId],
    );
    await addMessage(
      tx,
      TOPICS.loadCommanded,
      dataset,
      { type: 'export', commandId: randomUUID(), dataset, runId: current.runId },
      current.runId,
    );
    return { dataset, ...current };
  });
}
