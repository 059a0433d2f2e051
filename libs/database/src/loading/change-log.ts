import type { Database } from '../base';
import { diffGenerations, type DiffDefinition, type ResourceDiff } from './diff';
import { storableJson } from './storable';

/**
 * Records what the newest publication changed against the one before it, once. Done after publishing, so that it delays nobody.
 * Returns null when there is nothing to compare, or it is recorded already.
 */
export async function recordChanges(database: Database, definition: DiffDefinition): Promise<readonly ResourceDiff[] | null> {
  const [pair] = await database.query<{ from: number; to: number }>(
    `SELECT b.number AS "from", a.number AS "to" FROM freshet.dataset d
     JOIN freshet.generation a ON a.dataset = d.id AND a.number = d.head_generation AND a.state = 'published'
     JOIN LATERAL (SELECT number FROM freshet.generation g WHERE g.dataset = d.id AND g.number < a.number AND g.state = 'published' ORDER BY number DESC LIMIT 1) b ON true
     WHERE d.id = $1 AND NOT EXISTS (SELECT 1 FROM freshet.change_log c WHERE c.dataset = d.id AND c.to_generation = a.number)`,
    [definition.id],
  );
  if (!pair) return null;
  const { resources } = await diffGenerations(database, definition, pair.from, pair.to);
  await database.transaction(async (tx) => {
    for (const { resource, ...changes } of resources) {
      await tx.execute(
        `INSERT INTO freshet.change_log (dataset, from_generation, to_generation, resource, changes) VALUES ($1, $2, $3, $4, $5::jsonb) ON CONFLICT DO NOTHING`,
        [definition.id, pair.from, pair.to, resource, storableJson(changes)],
      );
    }
  });
  return resources;
}
