import { createHash } from 'node:crypto';
import type { Database } from '../base';
import { keptGeneration } from './generations';
import { PublishedRows } from './read-rows';

export interface ResourceHash {
  readonly resource: string;
  readonly rows: number;
  /** SHA-256 (hex) over the rows in the publisher's order, positions and published texts included. */
  readonly sha256: string;
}

/**
 * Hashes what a generation holds, as it is stored. Two loads of the same bytes give the same, however their messages travelled; a
 * row that is lost, doubled or changed gives another. Memory does not grow with the rows.
 *
 * @throws FreshetError `not_found` when the generation is not kept
 */
export async function contentHash(database: Database, dataset: string, generation: number): Promise<ResourceHash[]> {
  const resources = await keptGeneration(database, dataset, generation);
  return PublishedRows.with(database, async (reader) => {
    const hashes: ResourceHash[] = [];
    for (const { resource, rowsFrom, columns } of resources) {
      const hash = createHash('sha256');
      let rows = 0;
      for await (const buffer of reader.read(
        { dataset, resource, rowsFrom },
        { columns: columns.map(({ name }) => name) },
      )) {
        hash.update(buffer);
        for (let at = buffer.indexOf(10); at !== -1; at = buffer.indexOf(10, at + 1)) rows++;
      }
      hashes.push({ resource, rows, sha256: hash.digest('hex') });
    }
    return hashes;
  });
}
