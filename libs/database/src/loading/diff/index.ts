import { personalIn, type DatasetDefinition, type ResourceDefinition } from '@freshet/domain';
import type { DiffView, StoredColumn } from '@freshet/contracts';
import { quoteIdent, type Database, type Transaction } from '../../base';
import { keptGeneration, type GenerationResource } from '../generations';
import { generationTable, type TablePath } from '../names';
import { keyColumns } from '../publish/key-gate';
import { byKey } from './by-key';
import { byRow } from './by-row';
import type { Comparison, ResourceDiff } from './comparison';

export type { ResourceDiff } from './comparison';
export type DiffDefinition = Pick<DatasetDefinition, 'id' | 'gates' | 'resources'>;

export interface DiffOptions {
  /** Examples of each kind of change. Default 5. */
  readonly samples?: number;
}

/**
 * What changed between two generations, per resource: by key where the resource has one that the gate holds unique, otherwise by
 * comparing rows as a multiset. The server compares; only counts and a few samples come over. A value counts as changed when its
 * published text did, even where it means the same. Values of columns marked personal are masked.
 *
 * @throws FreshetError `not_found` when a generation is not kept
 */
export async function diffGenerations(
  database: Database,
  definition: DiffDefinition,
  from: number,
  to: number,
  options: DiffOptions = {},
): Promise<DiffView> {
  const resources = await database.transaction(
    async (tx) => {
      await tx.query(
        `SET LOCAL work_mem = '64MB'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL idle_in_transaction_session_timeout = 0`,
      );
      const before = await keptResources(tx, definition.id, from);
      const after = await keptResources(tx, definition.id, to);
      const diffs: ResourceDiff[] = [];
      for (const resource of definition.resources) {
        const sides = { before: before.get(resource.name), after: after.get(resource.name) };
        if (sides.before || sides.after)
          diffs.push(await diffResource(tx, definition, resource, sides, options.samples ?? 5));
      }
      return diffs;
    },
    { isolation: 'repeatable read' },
  );
  return { dataset: definition.id, from, to, resources };
}

const keptResources = async (
  tx: Transaction,
  dataset: string,
  generation: number,
): Promise<Map<string, GenerationResource>> =>
  new Map((await keptGeneration(tx, dataset, generation)).map((entry) => [entry.resource, entry]));

interface Sides {
  readonly before: GenerationResource | undefined;
  readonly after: GenerationResource | undefined;
}

async function diffResource(
  tx: Transaction,
  definition: DiffDefinition,
  resource: ResourceDefinition,
  { before, after }: Sides,
  samples: number,
): Promise<ResourceDiff> {
  const columns = unionOf(before?.columns ?? [], after?.columns ?? []);
  const shared =
    before && after
      ? columns.filter(({ name }) =>
          [before, after].every((side) => side.columns.some((column) => column.name === name)),
        )
      : columns;
  const key = definition.gates.uniqueKey === 'hold' ? keyColumns(resource, shared) : null;
  const by = key ? 'key' : 'row_hash';
  const none = {
    resource: resource.name,
    by,
    added: 0,
    removed: 0,
    changed: 0,
    changedColumns: {},
    samples: [],
  } as const;
  if (!before) return { ...none, added: after?.rows ?? 0, unchanged: 0 };
  if (!after) return { ...none, removed: before.rows, unchanged: 0 };
  if (before.rowsFrom === after.rowsFrom) return { ...none, unchanged: after.rows };
  const comparison: Comparison = {
    columns,
    before: source(generationTable(definition.id, resource.name, before.rowsFrom), before, columns),
    after: source(generationTable(definition.id, resource.name, after.rowsFrom), after, columns),
    personal: new Set(columns.map(({ name }) => name).filter(personalIn(resource))),
  };
  return {
    resource: resource.name,
    by,
    ...(key ? await byKey(tx, comparison, key, samples) : await byRow(tx, comparison, samples)),
  };
}

function unionOf(before: readonly StoredColumn[], after: readonly StoredColumn[]): StoredColumn[] {
  const names = new Set(after.map(({ name }) => name));
  return [...after, ...before.filter(({ name }) => !names.has(name))];
}

/** A side as a subquery with the same columns as the other; what a side does not have is null. */
function source(table: TablePath, side: GenerationResource, columns: readonly StoredColumn[]): string {
  const own = new Set(side.columns.map(({ name }) => name));
  const list = columns.map(({ name }) => (own.has(name) ? quoteIdent(name) : `NULL::text AS ${quoteIdent(name)}`));
  return `(SELECT ${['_chunk', '_row', '_verbatim', ...list].join(', ')} FROM ${quoteIdent(...table)})`;
}
