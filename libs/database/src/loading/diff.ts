import { storedName, type DatasetDefinition, type ResourceDefinition } from '@freshet/domain';
import type { DiffView, StoredColumn } from '@freshet/contracts';
import { quoteIdent, type Database, type Transaction } from '../base';
import { keptGeneration, type GenerationResource } from './generations';
import { MASK } from './mask';
import { generationTable, type TablePath } from './names';
import { keyColumns } from './publish/key-gate';

export type DiffDefinition = Pick<DatasetDefinition, 'id' | 'gates' | 'resources'>;
export type ResourceDiff = DiffView['resources'][number];
type Sample = ResourceDiff['samples'][number];

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
    personal: new Set(resource.columns.filter((column) => column.personal).map((column) => storedName(column.name))),
  };
  return {
    resource: resource.name,
    by,
    ...(key ? await byKey(tx, comparison, key, samples) : await byRow(tx, comparison, samples)),
  };
}

interface Comparison {
  readonly columns: readonly StoredColumn[];
  readonly before: string;
  readonly after: string;
  readonly personal: ReadonlySet<string>;
}

type Counts = Omit<ResourceDiff, 'resource' | 'by'>;

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

async function byKey(tx: Transaction, comparison: Comparison, key: readonly string[], limit: number): Promise<Counts> {
  const { columns } = comparison;
  // Arrays compare null equal to null, and can be hashed.
  const keyOf = (side: string): string => `ARRAY[${key.map((name) => `${side}.${quoteIdent(name)}::text`).join(', ')}]`;
  const joined = `${comparison.before} b FULL JOIN ${comparison.after} a ON ${keyOf('b')} = ${keyOf('a')}`;
  const values = columns.filter(({ name }) => !key.includes(name));
  const differs = values.map(({ name }) => differsIn(name));
  const both = 'a._chunk IS NOT NULL AND b._chunk IS NOT NULL';
  const anyDiffers = differs.length > 0 ? `(${differs.join(' OR ')})` : 'false';
  const [row] = await tx.query<{
    added: number;
    removed: number;
    changed: number;
    unchanged: number;
    per_column: Array<number | null>;
  }>(
    `SELECT count(*) FILTER (WHERE b._chunk IS NULL) AS added, count(*) FILTER (WHERE a._chunk IS NULL) AS removed,
       count(*) FILTER (WHERE ${both} AND ${anyDiffers}) AS changed, count(*) FILTER (WHERE ${both} AND NOT ${anyDiffers}) AS unchanged,
       ARRAY[${differs.map((differing) => `count(*) FILTER (WHERE ${both} AND ${differing})`).join(', ')}]::bigint[]::text[]::float8[] AS per_column
     FROM ${joined}`,
  );
  const counts = row ?? { added: 0, removed: 0, changed: 0, unchanged: 0, per_column: [] };
  const changedColumns = Object.fromEntries(
    values.flatMap(({ published }, index) =>
      counts.per_column[index] ? [[published, counts.per_column[index] ?? 0]] : [],
    ),
  );
  const kinds = [
    ['added', counts.added, 'b._chunk IS NULL', 'a'],
    ['removed', counts.removed, 'a._chunk IS NULL', 'b'],
    ['changed', counts.changed, `${both} AND ${anyDiffers}`, 'a'],
  ] as const;
  const samples: Sample[] = [];
  for (const [change, count, condition, side] of kinds) {
    if (count === 0 || limit === 0) continue;
    const rows = await tx.query<{ before: Shown; after: Shown }>(
      `SELECT ${asShown(columns, 'b')} AS before, ${asShown(columns, 'a')} AS after FROM ${joined} WHERE ${condition} ORDER BY ${side}._chunk, ${side}._row LIMIT ${Number(limit)}`,
    );
    samples.push(...rows.map((sample) => toSample(change, sample, comparison, key)));
  }
  return {
    added: counts.added,
    removed: counts.removed,
    changed: counts.changed,
    unchanged: counts.unchanged,
    changedColumns,
    samples,
  };
}

/** The stored value, or the text it was published as where that is kept beside it. */
const differsIn = (name: string): string => {
  const column = quoteIdent(name);
  const text = `'${name.replaceAll("'", "''")}'`;
  return `(a.${column}::text IS DISTINCT FROM b.${column}::text OR a._verbatim ->> ${text} IS DISTINCT FROM b._verbatim ->> ${text})`;
};

async function byRow(
  tx: Transaction,
  { columns, before, after, personal }: Comparison,
  limit: number,
): Promise<Counts> {
  const hashed = (side: string, sign: number): string =>
    `SELECT md5(ROW(${[...columns.map(({ name }) => `${quoteIdent(name)}::text`), '_verbatim'].join(', ')})::text)::uuid AS hash, ${sign} AS n, _chunk, _row FROM ${side} s`;
  const sums = `SELECT hash, sum(n) AS n, count(*) FILTER (WHERE n > 0) AS after FROM (${hashed(after, 1)} UNION ALL ${hashed(before, -1)}) r GROUP BY hash`;
  const [row] = await tx.query<{ added: number; removed: number; total: number }>(
    `SELECT coalesce(sum(n) FILTER (WHERE n > 0), 0)::bigint AS added, coalesce(-sum(n) FILTER (WHERE n < 0), 0)::bigint AS removed, coalesce(sum(after), 0)::bigint AS total FROM (${sums}) g`,
  );
  const { added, removed, total } = row ?? { added: 0, removed: 0, total: 0 };
  const samples: Sample[] = [];
  for (const [change, count, side, sign] of [
    ['added', added, after, 1],
    ['removed', removed, before, -1],
  ] as const) {
    if (count === 0 || limit === 0) continue;
    const rows = await tx.query<{ shown: Shown }>(
      `WITH wanted AS (SELECT hash FROM (${sums}) g WHERE n * ${sign} > 0 LIMIT ${Number(limit)}),
         place AS (SELECT DISTINCT ON (h.hash) h._chunk, h._row FROM (${hashed(side, sign)}) h JOIN wanted USING (hash) ORDER BY h.hash, h._chunk, h._row)
       SELECT ${asShown(columns, 's')} AS shown FROM ${side} s JOIN place p ON s._chunk = p._chunk AND s._row = p._row ORDER BY s._chunk, s._row`,
    );
    const shown = rows.map(({ shown: values }) =>
      change === 'added' ? { before: null, after: values } : { before: values, after: null },
    );
    samples.push(...shown.map((sample) => toSample(change, sample, { columns, before, after, personal }, [])));
  }
  return { added, removed, changed: 0, unchanged: total - added, changedColumns: {}, samples };
}

type Shown = ReadonlyArray<string | null> | null;

/** A row as an array of texts as published; arrays have no limit of a hundred arguments. */
const asShown = (columns: readonly StoredColumn[], side: string): string =>
  `CASE WHEN ${side}._chunk IS NOT NULL THEN ARRAY[${columns
    .map(
      ({ name }) =>
        `coalesce(${side}._verbatim ->> '${name.replaceAll("'", "''")}', ${side}.${quoteIdent(name)}::text)`,
    )
    .join(', ')}]::text[] END`;

function toSample(
  change: Sample['change'],
  { before, after }: { before: Shown; after: Shown },
  { columns, personal }: Comparison,
  key: readonly string[],
): Sample {
  const pick = (row: Shown, wanted: (column: StoredColumn, index: number) => boolean): Record<string, string | null> =>
    Object.fromEntries(
      columns.flatMap((column, index) => {
        const value = row?.[index] ?? null;
        return wanted(column, index)
          ? [[column.published, value !== null && personal.has(column.name) ? MASK : value] as const]
          : [];
      }),
    );
  const identity = pick(after ?? before, ({ name }) => key.includes(name));
  if (change === 'added') return { change, key: identity, after: pick(after, () => true) };
  if (change === 'removed') return { change, key: identity, before: pick(before, () => true) };
  const changed = (column: StoredColumn, index: number): boolean =>
    !key.includes(column.name) && before?.[index] !== after?.[index];
  return { change, key: identity, before: pick(before, changed), after: pick(after, changed) };
}
