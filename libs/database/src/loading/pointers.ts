import type { Transaction } from '../base';

/**
 * Points readers at `generation`. Only rows that change are written: their transaction number tells retention since when no new
 * snapshot can see anything older.
 */
export async function movePointers(tx: Transaction, dataset: string, generation: number): Promise<void> {
  await tx.execute(
    `INSERT INTO freshet.pointer AS p (dataset, resource, generation)
     SELECT dataset, resource, rows_from FROM freshet.generation_resource WHERE dataset = $1 AND generation = $2
     ON CONFLICT (dataset, resource) DO UPDATE SET generation = excluded.generation WHERE p.generation <> excluded.generation`,
    [dataset, generation],
  );
  // A resource that this generation does not have points at it all the same, where there are no rows.
  await tx.execute(
    `UPDATE freshet.pointer p SET generation = $2 WHERE p.dataset = $1 AND p.generation <> $2
     AND NOT EXISTS (SELECT 1 FROM freshet.generation_resource g WHERE g.dataset = $1 AND g.generation = $2 AND g.resource = p.resource)`,
    [dataset, generation],
  );
}
