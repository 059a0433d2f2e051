import type { ContractPolicy, ResourceDefinition, SchemaContract } from '@freshet/domain';
import { readDataset } from '@freshet/catalog';
import { makePlan, type Plan } from './plan';

function resource(contract: Partial<SchemaContract> = {}): ResourceDefinition {
  const result = readDataset(
    'things.yaml',
    `
id: demo.things
title: Things
access: [{ url: 'https://example.org/things.zip' }]
maxAge: 1d
resources:
  - member: things.txt
    contract: ${JSON.stringify(contract)}
    columns: [{ name: ID, type: integer }, NAME, { name: SEEN, type: date }]
`,
  );
  if ('mistakes' in result) throw new Error(JSON.stringify(result.mistakes));
  const [only] = result.definition.resources;
  if (!only) throw new Error('no resource');
  return only;
}

function plan(contract: Partial<SchemaContract>, header: readonly string[]): Plan {
  const result = makePlan(resource(contract), header);
  if ('failure' in result) throw new Error(result.failure.message);
  return result.plan;
}

const columns = (made: Plan): string[] =>
  made.columns.map(({ stored, source }) => `${stored.name}:${stored.type}@${source}`);
const all: ContractPolicy[] = ['evolve', 'freeze', 'discard_row', 'discard_value'];

describe('makePlan', () => {
  it.each(all)('changes nothing for the declared header, whatever the contract (%s)', (policy) => {
    const made = plan({ unknownColumn: policy, missingColumn: policy, valueType: policy }, ['ID', 'NAME', 'SEEN']);
    expect(columns(made)).toEqual(['id:integer@0', 'name:text@1', 'seen:date@2']);
    expect([made.watched, made.refuseEveryRow, made.rowNotes]).toEqual([[], null, []]);
  });

  it('follows the order of the publisher', () => {
    expect(columns(plan({}, ['SEEN', 'ID', 'NAME']))).toEqual(['seen:date@0', 'id:integer@1', 'name:text@2']);
  });

  it('takes a header that is not there for the declared one', () => {
    expect(columns(plan({}, []))).toEqual(['id:integer@0', 'name:text@1', 'seen:date@2']);
  });

  it('refuses at once what no table can hold, however many names a header has', () => {
    const began = performance.now();
    for (const policy of all) {
      const contract = { unknownColumn: policy };
      const header = ['ID', 'NAME', 'SEEN', ...Array.from({ length: 50_000 }, () => '')];
      const made = makePlan(resource(contract), header);
      if (policy === 'freeze' || policy === 'evolve')
        expect(made).toMatchObject({ failure: { code: 'column_unknown', kind: 'terminal' } });
      else expect(made).toMatchObject({ plan: { width: 50_003 } });
      if ('failure' in made) expect(JSON.stringify(made.failure).length).toBeLessThan(2_000);
    }
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  describe('with a column nobody declared', () => {
    const header = ['ID', 'NEW COLUMN', 'NAME', 'SEEN'];

    it('evolve stores it as text', () => {
      const made = plan({ unknownColumn: 'evolve' }, header);
      expect(columns(made)).toEqual(['id:integer@0', 'new_column:text@1', 'name:text@2', 'seen:date@3']);
      expect(made.columns[1]?.stored.published).toBe('NEW COLUMN');
      expect(made.rowNotes).toEqual(['column_added:NEW COLUMN']);
    });

    it('freeze fails and names it', () => {
      const result = makePlan(resource({ unknownColumn: 'freeze' }), header);
      expect(result).toMatchObject({
        failure: { code: 'column_unknown', kind: 'terminal', message: expect.stringContaining('NEW COLUMN') },
      });
    });

    it.each(['discard_row', 'discard_value'] as const)('%s leaves it out and watches its values', (policy) => {
      const made = plan({ unknownColumn: policy }, header);
      expect(columns(made)).toEqual(['id:integer@0', 'name:text@2', 'seen:date@3']);
      expect(made.watched).toEqual([{ source: 1, published: 'NEW COLUMN', policy }]);
      expect(made.width).toBe(4);
    });
  });

  describe('with a column missing', () => {
    const header = ['ID', 'SEEN'];

    it.each(['evolve', 'discard_value'] as const)('%s leaves it null, after the others', (policy) => {
      const made = plan({ missingColumn: policy }, header);
      expect(columns(made)).toEqual(['id:integer@0', 'seen:date@1', 'name:text@-1']);
      expect([made.rowNotes, made.refuseEveryRow]).toEqual([['column_missing:NAME'], null]);
    });

    it('freeze, the default, fails and names it', () => {
      expect(makePlan(resource(), header)).toMatchObject({
        failure: { code: 'column_missing', kind: 'terminal', message: expect.stringContaining('NAME') },
      });
    });

    it('discard_row refuses every row', () =>
      expect(plan({ missingColumn: 'discard_row' }, header).refuseEveryRow).toBe('NAME'));
  });

  it('finds a renamed column missing first, because that is what stops the build', () => {
    expect(makePlan(resource(), ['ID', 'TITLE', 'SEEN'])).toMatchObject({ failure: { code: 'column_missing' } });
  });

  it('finds a column whose name only changed its case or blanks', () => {
    const made = plan({ unknownColumn: 'freeze' }, ['id', ' Name ', 'SEEN']);
    expect(columns(made)).toEqual(['id:integer@0', 'name:text@1', 'seen:date@2']);
    expect(made.columns[1]?.stored.published).toBe(' Name ');
  });

  it('gives names that come twice, are empty, or are taken, a name of their own', () => {
    const made = plan({}, ['ID', 'NAME', 'NAME', 'SEEN', '', '_row', 'NAME.1', '???']);
    expect(columns(made)).toEqual([
      'id:integer@0',
      'name:text@1',
      'name_1:text@2',
      'seen:date@3',
      'column_5:text@4',
      '_row_1:text@5',
      'name_1_1:text@6',
      'column_8:text@7',
    ]);
    expect(new Set(made.columns.map((column) => column.stored.name)).size).toBe(8);
  });
});
