import { FreshetError, storedName, type ResourceDefinition } from '@freshet/domain';
import type { StoredColumn } from '@freshet/contracts';
import { quoteIdent, type Database } from '../../base';
import { MASK } from '../mask';
import { quotedList } from '../columns';
import type { TablePath } from '../names';

export type KeyedResource = Pick<ResourceDefinition, 'name' | 'key' | 'columns'>;

/** The key's stored columns, or null when the resource has no key or not all of its columns arrived. */
export function keyColumns(resource: KeyedResource, columns: readonly StoredColumn[]): readonly string[] | null {
  const present = new Set(columns.map(({ name }) => name));
  const key = resource.key.map(storedName);
  return key.length > 0 && key.every((name) => present.has(name)) ? key : null;
}

/** The gate "a key is unique". Nulls count as equal. Returns the failure, with one example. */
export async function findDuplicateKey(
  database: Database,
  resource: KeyedResource,
  table: TablePath,
  columns: readonly StoredColumn[],
): Promise<FreshetError | null> {
  const key = keyColumns(resource, columns);
  if (!key) return null;
  const names = quotedList(key);
  const [example] = await database.transaction(async (tx) => {
    await tx.query(`SET LOCAL work_mem = '64MB'`); // a hash of the keys that spills to disk takes several times as long
    return tx.query<{ times: number; values: Array<string | null>; keys: number }>(
      `WITH repeated AS MATERIALIZED (SELECT ${names}, count(*) AS times FROM ${quoteIdent(...table)} GROUP BY ${names} HAVING count(*) > 1)
     SELECT times, ARRAY[${key.map((name) => `${quoteIdent(name)}::text`).join(', ')}] AS values, (SELECT count(*) FROM repeated) AS keys
     FROM repeated ORDER BY times DESC, 2 LIMIT 1`,
    );
  });
  if (!example) return null;
  const personal = new Set(
    resource.columns.filter((column) => column.personal).map((column) => storedName(column.name)),
  );
  const shown = key
    .map((name, index) => `${name}=${personal.has(name) ? MASK : (example.values[index] ?? 'null')}`)
    .join(', ');
  return new FreshetError('gate_duplicate_key', {
    message: `${resource.name}: ${example.keys} key(s) occur more than once, for example ${shown} (${example.times} times)`,
    nextStep:
      'If the key of the definition is wrong, correct it; if the publisher sends duplicates and that is acceptable, set gates.uniqueKey to off; then refresh again.',
    attributes: { resource: resource.name, duplicateKeys: example.keys, example: shown, times: example.times },
  });
}
