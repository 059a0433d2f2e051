import type { MigrationInterface, QueryRunner } from 'typeorm';
import { migrations } from '.';

/**
 * The rule of ADR 0018: services of the previous release go on working while and after a migration runs. A migration only adds; what
 * it takes away was unused for one release, and stands here with the reason.
 */
const ALLOWED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // ExampleMigration1700000000000: { 'drops something': 'run.old_column, not read since 0.3' },
};

/** Statements that break a service which does not know them; only those about tables of earlier migrations count. */
const BREAKING: ReadonlyArray<{ readonly what: string; readonly is: RegExp; readonly always?: boolean }> = [
  {
    what: 'drops something',
    is: /\bDROP\s+(?!DEFAULT|NOT\s+NULL|CONSTRAINT|INDEX|EXPRESSION|IDENTITY)/i,
    always: true,
  },
  { what: 'renames something', is: /\bRENAME\b/i, always: true },
  { what: 'moves something to another schema', is: /\bSET\s+SCHEMA\b/i, always: true },
  { what: 'changes the type of a column', is: /\bALTER\s+(COLUMN\s+)?\S+\s+(SET\s+DATA\s+)?TYPE\b/i },
  { what: 'requires a value in an existing column', is: /\bSET\s+NOT\s+NULL\b/i },
  { what: 'drops a default', is: /\bDROP\s+DEFAULT\b/i },
  {
    what: 'adds a required column without a default',
    is: /\bADD\s+(COLUMN\s+)?(?!CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)(?![^,;]*\b(DEFAULT|GENERATED)\b)[^,;]*\bNOT\s+NULL\b/i,
  },
  { what: 'adds a constraint', is: /\bADD\s+(CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)\b/i },
  { what: 'adds a unique index', is: /\bCREATE\s+UNIQUE\s+INDEX\b/i },
  { what: 'removes rows', is: /\b(TRUNCATE|DELETE\s+FROM)\b/i },
  { what: 'takes rights away', is: /\bREVOKE\b/i, always: true },
];

const withoutComments = (sql: string): string => sql.replace(/--[^\n]*/g, '').replace(/\/\*[^]*?\*\//g, '');

const tablesMadeBy = (sql: string): string[] =>
  [...withoutComments(sql).matchAll(/\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?([\w."]+)/gi)].map(
    ([, name]) => name ?? '',
  );

function breaks(sql: string, existing: ReadonlySet<string>): string[] {
  const statements = withoutComments(sql).split(';');
  return BREAKING.filter(({ is, always }) =>
    statements.some((text) => is.test(text) && (always || [...existing].some((table) => mentions(text, table)))),
  ).map(({ what }) => what);
}

const mentions = (sql: string, table: string): boolean =>
  new RegExp(`(^|[^\\w.])${table.replaceAll('.', '\\.')}($|[^\\w])`, 'i').test(sql);

/** What a migration says, without a server. */
async function sqlOf(Migration: new () => MigrationInterface): Promise<string> {
  const said: string[] = [];
  const runner = { query: async (sql: string) => (said.push(sql), []) } as unknown as QueryRunner;
  await new Migration().up(runner);
  return said.join(';\n');
}

describe('migrations', () => {
  it('only add to what earlier ones made, or name a reason', async () => {
    const existing = new Set<string>();
    for (const Migration of migrations) {
      const sql = await sqlOf(Migration);
      const unexplained = breaks(sql, existing).filter((what) => !ALLOWED[Migration.name]?.[what]);
      expect({ migration: Migration.name, unexplained }).toEqual({ migration: Migration.name, unexplained: [] });
      for (const table of tablesMadeBy(sql)) existing.add(table);
    }
    expect(existing.size).toBeGreaterThan(20);
  });

  it('are named where they are allowed to break something', () => {
    const names: readonly string[] = migrations.map(({ name }) => name);
    expect(Object.keys(ALLOWED).filter((name) => !names.includes(name))).toEqual([]);
  });

  const existing = new Set(['freshet.run']);

  it.each([
    ['DROP TABLE freshet.run', 'drops something'],
    ['ALTER TABLE freshet.run DROP COLUMN state', 'drops something'],
    ['ALTER TABLE freshet.run DROP state', 'drops something'],
    ['DROP VIEW eia.latest_demand', 'drops something'],
    ['ALTER TABLE freshet.run RENAME COLUMN state TO status', 'renames something'],
    ['ALTER VIEW eia.latest_demand SET SCHEMA x', 'moves something to another schema'],
    ['ALTER TABLE freshet.run ALTER COLUMN priority TYPE integer', 'changes the type of a column'],
    ['ALTER TABLE freshet.run ALTER failure SET NOT NULL', 'requires a value in an existing column'],
    ['ALTER TABLE freshet.run ALTER priority DROP DEFAULT', 'drops a default'],
    ['ALTER TABLE freshet.run ADD COLUMN x text NOT NULL', 'adds a required column without a default'],
    ['ALTER TABLE freshet.run ADD x text NOT NULL', 'adds a required column without a default'],
    ["ALTER TABLE freshet.run ADD CONSTRAINT c CHECK (state <> 'x')", 'adds a constraint'],
    ['CREATE UNIQUE INDEX i ON freshet.run (dataset)', 'adds a unique index'],
    ['DELETE FROM freshet.run', 'removes rows'],
    ['REVOKE SELECT ON freshet.run FROM PUBLIC', 'takes rights away'],
  ])('would be caught: %s', (sql, what) => {
    expect(breaks(sql, existing)).toEqual([what]);
  });

  it.each([
    'ALTER TABLE freshet.run ADD COLUMN x text',
    "ALTER TABLE freshet.run ADD COLUMN x text NOT NULL DEFAULT ''",
    'ALTER TABLE freshet.run ALTER failure DROP NOT NULL',
    'CREATE TABLE freshet.fresh (x text NOT NULL UNIQUE)',
    'ALTER TABLE freshet.fresh ADD CONSTRAINT c CHECK (x <> 1)',
    'CREATE INDEX i ON freshet.run (dataset) -- DROP TABLE freshet.run',
  ])('may say: %s', (sql) => {
    expect(breaks(sql, existing)).toEqual([]);
  });
});
