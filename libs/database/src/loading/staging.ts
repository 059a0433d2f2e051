import type { StoredColumn } from '@freshet/contracts';
import { quoteIdent, type Database, type Queryable, type Transaction } from '../base';
import { GENERATION_COLUMN, SQL_TYPES, columnDefinitions, columnsOf } from './columns';
import { assertCurrent } from './fence';
import { STAGE_SCHEMA, attemptOfStaging, type Attempt, type TablePath } from './names';
import { storableText } from './storable';

export interface StagingRequest extends Attempt {
  readonly table: TablePath;
  readonly columns: readonly StoredColumn[];
}

/**
 * Makes an attempt's staging table, or adds the columns it lacks. Safe when several loaders meet the first batches of a resource at
 * the same time. The table is logged like the ledger, so that a crash keeps both or neither; its CHECK lets it be attached as a
 * partition without reading it. Nothing is made for a fenced attempt, since nobody would remove it.
 *
 * @throws FencedError
 */
export async function ensureStaging(database: Database, { table, columns, ...attempt }: StagingRequest): Promise<void> {
  await database.transaction(async (tx) => {
    const { generation } = await assertCurrent(tx, attempt);
    await createStaging(tx, table, generation, columns);
  });
}

/** Makes the table, or adds the columns it lacks; takes turns with others who do the same. */
export async function createStaging(
  tx: Transaction,
  table: TablePath,
  generation: number,
  columns: readonly StoredColumn[],
): Promise<void> {
  const name = quoteIdent(...table);
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [table.join('.')]);
  await tx.query(`CREATE TABLE IF NOT EXISTS ${name} (
    ${GENERATION_COLUMN} bigint NOT NULL DEFAULT ${Number(generation)} CHECK (${GENERATION_COLUMN} = ${Number(generation)}),
    _chunk integer NOT NULL,
    _row integer NOT NULL,
    _verbatim jsonb
  ) WITH (autovacuum_enabled = false)`);
  const present = await columnsOf(tx, table);
  const missing = columns.filter((column) => !present.has(column.name));
  if (missing.length === 0) return;
  const additions = columnDefinitions(missing)
    .map((definition) => `ADD COLUMN ${definition}`)
    .join(', ');
  // The name as published stays with the column, so that the table tells by itself what it holds.
  const comments = missing.map(
    ({ name: column, published }) =>
      `COMMENT ON COLUMN ${quoteIdent(...table, column)} IS ${literal(storableText(published))}`,
  );
  await tx.query([`ALTER TABLE ${name} ${additions}`, ...comments].join(';\n'));
}

/**
 * Columns of an attempt's table as its batches brought them, in order, before and after it was attached; empty when there is no such
 * table. A column that only completes the table for its parent carries no published name.
 */
export async function stagedColumns(db: Queryable, table: TablePath): Promise<StoredColumn[]> {
  const rows = await db.query<{ name: string; sqlType: string; published: string }>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS "sqlType", col_description(attrelid, attnum) AS published
     FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped AND col_description(attrelid, attnum) IS NOT NULL ORDER BY attnum`,
    [quoteIdent(...table)],
  );
  return rows.map(({ name, sqlType, published }) => ({ name, type: TYPE_OF_SQL.get(sqlType) ?? 'text', published }));
}

const TYPE_OF_SQL = new Map(
  Object.entries(SQL_TYPES).map(([type, sqlType]) => [sqlType, type as StoredColumn['type']]),
);
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export interface LeftoverTable extends Attempt {
  readonly table: TablePath;
}

/** Staging tables that belong to `tasks`, or to anyone when it is null. */
export async function stagingTables(db: Queryable, tasks: readonly string[] | null): Promise<LeftoverTable[]> {
  const rows = await db.query<{ relname: string }>(
    `SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r' ORDER BY relname`,
    [STAGE_SCHEMA],
  );
  const wanted = tasks && new Set(tasks);
  return rows.flatMap(({ relname }) => {
    const attempt = attemptOfStaging(relname);
    return attempt && (!wanted || wanted.has(attempt.taskId))
      ? [{ ...attempt, table: [STAGE_SCHEMA, relname] as const }]
      : [];
  });
}
