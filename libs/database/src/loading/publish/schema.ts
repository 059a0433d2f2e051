import { FreshetError } from '@freshet/domain';
import type { StoredColumn } from '@freshet/contracts';
import { codeOf, quoteIdent, type Database, type Queryable, type Transaction } from '../../base';
import { GENERATION_COLUMN, SQL_TYPES, columnDefinitions, columnsOf, quotedList } from '../columns';
import { parentTable, readerView, type TablePath } from '../names';

/** How long a schema change waits for readers, and how often it is tried: short, since queries queue up behind one that waits. */
export interface SchemaPatience {
  readonly lockTimeoutMs: number;
  readonly tries: number;
  readonly pauseMs: number;
}
export const DEFAULT_PATIENCE: SchemaPatience = { lockTimeoutMs: 2_000, tries: 10, pauseMs: 1_000 };

const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK = '40P01';

/**
 * Makes the partitioned table and the reader view of a resource, or adds the columns they lack. Columns are never removed, so that
 * older generations keep theirs and users' views stay valid. Without a change nothing is locked.
 *
 * @throws FreshetError `schema_change_blocked` when a column has another type than before, or readers never let go
 */
export async function ensureResourceTable(
  database: Database,
  dataset: string,
  resource: string,
  columns: readonly StoredColumn[],
  patience: SchemaPatience = DEFAULT_PATIENCE,
): Promise<void> {
  const parent = parentTable(dataset, resource);
  const view = readerView(dataset, resource);
  const present = await columnsOf(database, parent);
  refuseChangedTypes(view, present, columns);
  if (columns.every(({ name }) => present.has(name)) && (await viewShows(database, view, present))) return;
  await patiently(patience, view, () =>
    database.transaction(async (tx) => {
      await tx.query(`SET LOCAL lock_timeout = ${Number(patience.lockTimeoutMs)}`);
      // One at a time per source: even CREATE … IF NOT EXISTS fails for one of two that make the same name at once.
      await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`freshet.schema:${view[0]}`]);
      await tx.query(`CREATE TABLE IF NOT EXISTS ${quoteIdent(...parent)} (
        ${GENERATION_COLUMN} bigint NOT NULL, _chunk integer NOT NULL, _row integer NOT NULL, _verbatim jsonb
      ) PARTITION BY LIST (${GENERATION_COLUMN})`);
      const now = await columnsOf(tx, parent);
      refuseChangedTypes(view, now, columns);
      const missing = columns.filter(({ name }) => !now.has(name));
      if (missing.length > 0)
        await tx.query(
          `ALTER TABLE ${quoteIdent(...parent)} ${columnDefinitions(missing)
            .map((column) => `ADD COLUMN ${column}`)
            .join(', ')}`,
        );
      await replaceView(tx, dataset, resource, view, parent);
    }),
  );
}

async function viewShows(db: Queryable, view: TablePath, present: ReadonlyMap<string, string>): Promise<boolean> {
  const shown = await columnsOf(db, view);
  return shown.size > 0 && [...present.keys()].every((name) => shown.has(name));
}

/**
 * `CREATE OR REPLACE` keeps grants and the views of users; the order is that of the table, which only ever grows at its end.
 *
 * The first branch is what readers use. The second one answers statements whose plan does not have the partition that the pointer
 * names (see `freshet.late_rows`): such a plan finds no row of it, and without the branch its reader would see an empty table.
 */
async function replaceView(
  tx: Transaction,
  dataset: string,
  resource: string,
  view: TablePath,
  parent: TablePath,
): Promise<void> {
  const columns = await columnsOf(tx, parent);
  const names = [...columns.keys()];
  const list = quotedList(names);
  const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  const pointed = `(SELECT p.generation FROM freshet.pointer p WHERE p.dataset = ${literal(dataset)} AND p.resource = ${literal(resource)})`;
  const late = `freshet.late_rows(${[dataset, resource, parent[1]].map(literal).join(', ')}, ARRAY[${names.map(literal).join(', ')}]::text[])`;
  await tx.query(`CREATE SCHEMA IF NOT EXISTS ${quoteIdent(view[0])}`);
  await tx.query(`CREATE OR REPLACE VIEW ${quoteIdent(...view)} AS
    SELECT ${list} FROM ${quoteIdent(...parent)} WHERE ${GENERATION_COLUMN} = ${pointed}
    UNION ALL
    SELECT ${list} FROM ${late} AS late (${[...columns].map(([name, type]) => `${quoteIdent(name)} ${type}`).join(', ')})
    WHERE NOT EXISTS (SELECT 1 FROM ${quoteIdent(...parent)} WHERE ${GENERATION_COLUMN} = ${pointed})`);
}

function refuseChangedTypes(
  view: TablePath,
  present: ReadonlyMap<string, string>,
  columns: readonly StoredColumn[],
): void {
  for (const { name, type } of columns) {
    const before = present.get(name);
    if (before === undefined || before === SQL_TYPES[type]) continue;
    throw new FreshetError('schema_change_blocked', {
      message: `column ${name} of ${view.join('.')} is ${before} in the published generations and would become ${SQL_TYPES[type]}`,
      nextStep: `Keep the type, or give the column another name in the definition; to start over, export what you need, then DROP VIEW ${view.join('.')} and its table in freshet_data, and refresh again.`,
      attributes: { resource: view.join('.'), column: name, before, after: SQL_TYPES[type] },
    });
  }
}

async function patiently(patience: SchemaPatience, view: TablePath, change: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await change();
    } catch (error) {
      const code = codeOf(error);
      if (code !== LOCK_NOT_AVAILABLE && code !== DEADLOCK) throw error;
      if (attempt >= patience.tries) {
        throw new FreshetError('schema_change_blocked', {
          message: `the columns of ${view.join('.')} changed, and readers held it over ${attempt} tries`,
          nextStep:
            'End long transactions that read the view (pg_stat_activity shows them), then refresh again; the published generation stays.',
          attributes: { resource: view.join('.'), tries: attempt },
          cause: error,
        });
      }
      await new Promise((resolve) => setTimeout(resolve, patience.pauseMs));
    }
  }
}
