import type { StoredColumn } from '@freshet/contracts';
import {
  FreshetError,
  storedName,
  type ColumnDefinition,
  type ContractPolicy,
  type Failure,
  type ResourceDefinition,
} from '@freshet/domain';

/** A column of the batch, and where its values come from. */
export interface PlannedColumn {
  readonly stored: StoredColumn;
  /** Index in a record; −1 for a column that the header lacks. */
  readonly source: number;
  /** Whether it holds names or contact details of people: no value of it goes into a message for people. */
  readonly personal: boolean;
}

/** A column that is not stored, and what a value in it means. */
export interface WatchedColumn {
  readonly source: number;
  readonly published: string;
  readonly policy: 'discard_row' | 'discard_value';
}

export interface Plan {
  /** Values a record must have. */
  readonly width: number;
  /** In the publisher's order; columns that the header lacks come last. */
  readonly columns: readonly PlannedColumn[];
  readonly watched: readonly WatchedColumn[];
  /** A missing column for which every row is refused. */
  readonly refuseEveryRow: string | null;
  /** Columns missing or added, counted once a row. */
  readonly rowNotes: readonly string[];
  readonly mistyped: ContractPolicy;
}

export type PlanResult = { readonly plan: Plan } | { readonly failure: Failure };

const RESERVED: ReadonlySet<string> = new Set(['_generation', '_chunk', '_row', '_verbatim']);

/** PostgreSQL takes 1600 a table, dropped ones included; a header with more is no header. */
const MAX_STORED = 1_500;
/** Names shown in a message. */
const SHOWN = 20;

/**
 * What to do with the records of a resource, given the header that came with them. A column of the definition is found by its
 * name, or else by the name it is stored under (so a change of case is no new column). A name that comes twice is the
 * definition's column the first time and a new one, `NAME.1`, after that.
 */
export function makePlan(resource: ResourceDefinition, published: readonly string[]): PlanResult {
  const header = published.length > 0 ? distinct(published) : resource.columns.map((column) => column.name);
  const sources = locate(resource.columns, header);
  const missing = resource.columns.filter((column) => !sources.has(column));
  const known = new Map([...sources].map(([column, source]) => [source, column]));
  const unknown = header.flatMap((name, source) => (known.has(source) ? [] : [{ name, source }]));
  const { unknownColumn, missingColumn, valueType } = resource.contract;

  const [firstUnknown] = unknown;
  if (firstUnknown && unknownColumn === 'freeze')
    return {
      failure: frozen(
        'column_unknown',
        resource,
        unknown.map((column) => column.name),
      ),
    };
  if (unknownColumn === 'evolve' && header.length > MAX_STORED) return { failure: tooMany(resource, header.length) };
  const [firstMissing] = missing;
  if (firstMissing && missingColumn === 'freeze')
    return {
      failure: frozen(
        'column_missing',
        resource,
        missing.map((column) => column.name),
      ),
    };

  const taken = new Set([...RESERVED, ...resource.columns.map((column) => storedName(column.name))]);
  const columns = header.flatMap((name, source): PlannedColumn[] => {
    const definition = known.get(source);
    if (definition) return [plannedFrom(definition, source, name)];
    if (unknownColumn !== 'evolve') return [];
    return [
      { stored: { name: freeName(name, source, taken), type: 'text', published: name }, source, personal: false },
    ];
  });
  const watched =
    unknownColumn === 'discard_row' || unknownColumn === 'discard_value'
      ? unknown.map(({ name, source }): WatchedColumn => ({ source, published: name, policy: unknownColumn }))
      : [];
  return {
    plan: {
      width: header.length,
      columns: [...columns, ...missing.map((definition) => plannedFrom(definition, -1, definition.name))],
      watched,
      refuseEveryRow: missingColumn === 'discard_row' ? (firstMissing?.name ?? null) : null,
      rowNotes: [
        ...missing.map((column) => `column_missing:${column.name}`),
        ...(unknownColumn === 'evolve' ? unknown.map((column) => `column_added:${column.name}`) : []),
      ],
      mistyped: valueType,
    },
  };
}

/** Names as pandas makes them distinct: `A`, `A.1`, `A.2`. */
function distinct(header: readonly string[]): string[] {
  const seen = new Set<string>();
  // Where the last search for a copy ended: a damaged header may hold one name a hundred thousand times.
  const copies = new Map<string, number>();
  return header.map((name) => {
    let candidate = name;
    for (let copy = copies.get(name) ?? 1; seen.has(candidate); copies.set(name, ++copy)) candidate = `${name}.${copy}`;
    seen.add(candidate);
    return candidate;
  });
}

function locate(columns: readonly ColumnDefinition[], header: readonly string[]): Map<ColumnDefinition, number> {
  const found = new Map<ColumnDefinition, number>();
  const free = new Set(header.keys());
  for (const form of [(name: string) => name, storedName]) {
    if (found.size === columns.length) break;
    const forms = header.map(form);
    for (const column of columns) {
      if (found.has(column)) continue;
      const wanted = form(column.name);
      const source = forms.findIndex((name, index) => name === wanted && free.has(index));
      if (source === -1) continue;
      found.set(column, source);
      free.delete(source);
    }
  }
  return found;
}

const plannedFrom = (definition: ColumnDefinition, source: number, published: string): PlannedColumn => ({
  stored: { name: storedName(definition.name), type: definition.type, published },
  source,
  personal: definition.personal,
});

/** A stored name for a column nobody declared, that no other column has. */
function freeName(published: string, source: number, taken: Set<string>): string {
  const base = storedName(published).replace(/^_*$/, '') || `column_${source + 1}`;
  let name = base;
  for (let copy = 1; taken.has(name); copy++) name = `${base.slice(0, 58)}_${copy}`;
  taken.add(name);
  return name;
}

function frozen(
  code: 'column_unknown' | 'column_missing',
  resource: ResourceDefinition,
  names: readonly string[],
): Failure {
  const what =
    code === 'column_unknown' ? 'has columns the definition does not name' : 'lacks columns of the definition';
  const key = code === 'column_unknown' ? 'unknownColumn' : 'missingColumn';
  const shown = names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '');
  return new FreshetError(code, {
    message: `${resource.member} ${what}: ${shown}`,
    nextStep: `Correct the columns of ${resource.name}, or set its contract ${key} to evolve, discard_row or discard_value; what is published stays.`,
    attributes: { resource: resource.name, columns: shown },
  }).toFailure();
}

const tooMany = (resource: ResourceDefinition, columns: number): Failure =>
  new FreshetError('column_unknown', {
    message: `${resource.member} has ${columns} columns, more than a table can hold`,
    nextStep: `Look at the first line of the member. If it is right, set the contract unknownColumn of ${resource.name} to discard_value; what is published stays.`,
    attributes: { resource: resource.name, columns },
  }).toFailure();
