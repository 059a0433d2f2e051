import type { DatasetDefinition, ResourceDefinition } from '@freshet/domain';
import { storedName } from '@freshet/domain';
import type { StoredColumn } from '@freshet/contracts';
import { quoteIdent, type Database } from '../../base';
import { columnsOf } from '../columns';
import { assertCurrent } from '../fence';
import { chunkIndex, generationTable, parentTable, stagingTable, type TablePath } from '../names';
import { createStaging, stagedColumns } from '../staging';
import type { Candidate } from './candidate';
import { findDuplicateKey } from './key-gate';
import { ensureResourceTable, type SchemaPatience } from './schema';

export interface PreparedResource {
  readonly resource: string;
  /** The staging table, null when it is attached already. */
  readonly table: TablePath | null;
  /** As they arrived; the table may have further columns that only older generations fill. */
  readonly columns: readonly StoredColumn[];
}

/**
 * Brings a staged resource into the shape in which it can be attached at once: same columns as its parent, indexed by chunk,
 * its key proven unique. All of it is outside the publishing transaction and may be done again.
 *
 * @throws FreshetError `gate_duplicate_key` | `schema_change_blocked`
 */
export async function prepareResource(
  database: Database,
  definition: Pick<DatasetDefinition, 'id' | 'gates'>,
  resource: ResourceDefinition,
  candidate: Candidate,
  patience?: SchemaPatience,
): Promise<PreparedResource> {
  const target = generationTable(definition.id, resource.name, candidate.generation);
  const attached = await stagedColumns(database, target);
  if (attached.length > 0) return { resource: resource.name, table: null, columns: attached };
  const table = stagingTable(candidate, resource.name);
  let columns = await stagedColumns(database, table);
  if (columns.length === 0) {
    // Nothing was accepted, or there was nothing but a header: an empty table stands for that.
    columns = resource.columns.map(({ name, type }) => ({ name: storedName(name), type, published: name }));
    const meanwhile = await database.transaction(async (tx) => {
      await assertCurrent(tx, candidate);
      // Under its lock nobody attaches: another delivery of the command has done so by now, or comes after us.
      const done = await stagedColumns(tx, target);
      if (done.length === 0) await createStaging(tx, table, candidate.generation, columns);
      return done;
    });
    if (meanwhile.length > 0) return { resource: resource.name, table: null, columns: meanwhile };
  }
  if (definition.gates.uniqueKey === 'hold') {
    const duplicate = await findDuplicateKey(database, resource, table, columns);
    if (duplicate) throw duplicate;
  }
  await ensureResourceTable(database, definition.id, resource.name, columns, patience);
  await addMissingColumns(database, table, parentTable(definition.id, resource.name));
  await indexByChunk(database, table);
  return { resource: resource.name, table, columns };
}

/** A partition has every column of its parent; those that this generation did not bring stay null and cost nothing. */
async function addMissingColumns(database: Database, table: TablePath, parent: TablePath): Promise<void> {
  const present = await columnsOf(database, table);
  const missing = [...(await columnsOf(database, parent))].filter(([name]) => !present.has(name));
  if (missing.length === 0) return;
  await database.query(
    `ALTER TABLE ${quoteIdent(...table)} ${missing.map(([name, type]) => `ADD COLUMN IF NOT EXISTS ${quoteIdent(name)} ${type}`).join(', ')}`,
  );
}

/**
 * A block-range index: chunks lie together on disk, so it costs a few pages and lets exports and hashes read chunk by chunk in the
 * publisher's order without sorting the whole table.
 */
async function indexByChunk(database: Database, table: TablePath): Promise<void> {
  const name = quoteIdent(...table);
  await database.transaction(async (tx) => {
    // Another delivery of the command may be here too, and of two who make the same index one would fail.
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [table.join('.')]);
    const [existing] = await tx.query('SELECT 1 FROM pg_index WHERE indrelid = to_regclass($1)', [name]);
    if (existing) return;
    await tx.query(
      `CREATE INDEX ${quoteIdent(chunkIndex(table))} ON ${name} USING brin (_chunk) WITH (pages_per_range = 16)`,
    );
  });
}
