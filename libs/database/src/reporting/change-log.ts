import type { Database } from '../base';
import { diffGenerations, type DiffDefinition, type ResourceDiff } from '../loading/diff';
import { storableJson } from '../loading/storable';

export interface PublicationChanges {
  readonly from: number;
  readonly to: number;
  readonly resources: readonly ResourceDiff[];
}

/**
 * Compares a published generation with the one before it that is still kept, and writes the result down once. Done after
 * publishing, so that it delays nobody; a repeated or late call finds its entries and does nothing.
 *
 * Null when there is nothing to compare with, the generation is not kept any more, or it is written down already.
 */
export async function recordChangesOf(
  database: Database,
  definition: DiffDefinition,
  to: number,
): Promise<PublicationChanges | null> {
  const [pair] = await database.query<{ from: number }>(
    `SELECT (SELECT max(b.number) FROM freshet.generation b WHERE b.dataset = a.dataset AND b.number < a.number AND b.state = 'published') AS "from"
     FROM freshet.generation a
     WHERE a.dataset = $1 AND a.number = $2 AND a.state = 'published'
       AND NOT EXISTS (SELECT 1 FROM freshet.change_log c WHERE c.dataset = a.dataset AND c.to_generation = a.number)`,
    [definition.id, to],
  );
  if (!pair?.from) return null;
  const { from } = pair;
  const { resources } = await diffGenerations(database, definition, from, to);
  await database.transaction(async (tx) => {
    for (const { resource, ...changes } of resources) {
      await tx.execute(
        `INSERT INTO freshet.change_log (dataset, from_generation, to_generation, resource, changes)
         VALUES ($1, $2, $3, $4, $5::jsonb) ON CONFLICT DO NOTHING`,
        [definition.id, from, to, resource, storableJson(changes)],
      );
    }
  });
  return { from, to, resources };
}

/** Published generations that have an earlier one to be compared with, and were not yet; oldest first. */
export async function generationsWithoutChanges(database: Database, dataset: string): Promise<readonly number[]> {
  const rows = await database.query<{ number: number }>(
    `SELECT a.number FROM freshet.generation a
     WHERE a.dataset = $1 AND a.state = 'published'
       AND EXISTS (SELECT 1 FROM freshet.generation b WHERE b.dataset = a.dataset AND b.number < a.number AND b.state = 'published')
       AND NOT EXISTS (SELECT 1 FROM freshet.change_log c WHERE c.dataset = a.dataset AND c.to_generation = a.number)
     ORDER BY a.number`,
    [dataset],
  );
  return rows.map(({ number }) => number);
}
