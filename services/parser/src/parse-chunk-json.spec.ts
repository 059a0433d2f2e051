import { loadCatalog } from '@freshet/catalog';
import { columnRenderer, publishedRow, readVerbatim, splitLine, type ChunkFetched } from '@freshet/contracts';
import type { DatasetDefinition } from '@freshet/domain';
import { parseChunk, type ParseResult } from './parse-chunk';

const DEMAND = loadCatalog().get('eia.demand');
const uuid = '11111111-1111-4111-8111-111111111111';
const KEYS = ['period', 'respondent', 'respondent-name', 'type', 'type-name', 'value', 'value-units'];
/** As the cutter makes it: the columns that records have, the whole record, then what nobody declared. */
const HEADER = [...KEYS, 'source'];

const row = (value: unknown, over: object = {}): string =>
  JSON.stringify({
    ...{ period: '2022-07-10T00', respondent: 'PJM', 'respondent-name': 'PJM Interconnection, LLC' },
    ...{ type: 'D', 'type-name': 'Demand', value, 'value-units': 'megawatthours', ...over },
  });

function parse(lines: readonly string[] | Buffer, over: Partial<ChunkFetched> = {}, definition = DEMAND): ParseResult {
  const body = Buffer.isBuffer(lines) ? lines : Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const chunk: ChunkFetched = {
    type: 'chunk.fetched',
    ...{ dataset: definition.id, runId: uuid, taskId: uuid, attempt: 1, contentVersion: definition.contentVersion },
    ...{ resource: 'demand', chunk: 3, records: body.toString('latin1').split('\n').length - 1 },
    ...{ header: HEADER, checksum: 'c', ...over },
  };
  return parseChunk(definition, chunk, body);
}

function batch(lines: readonly string[] | Buffer, over: Partial<ChunkFetched> = {}, definition?: DatasetDefinition) {
  const result = parse(lines, over, definition);
  if (result.kind !== 'batch') throw new Error(`${result.failure.code}: ${result.failure.message}`);
  const { columns } = result.meta;
  const rows = result.body
    .toString('utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [, , verbatim = null, ...stored] = splitLine(line);
      const of = (name: string): string | null | undefined =>
        stored[columns.findIndex((column) => column.name === name)];
      return { verbatim: readVerbatim(verbatim), of, stored };
    });
  return { ...result.meta, parsed: rows };
}

describe('rows of a JSON API', () => {
  it.each<[string, unknown, string | null, string | null]>([
    ['a text', '101048', '101048', null],
    ['a number', 101048, '101048', null],
    ['four decimals', '1263.6001', '1263.6001', null],
    ['a fraction without a zero', '.3', '0.3', '.3'],
    ['a negative fraction without a zero', '-.21', '-0.21', '-.21'],
    ['a negative number', '-3', '-3', null],
    ['a blank', '', null, null],
    ['null', null, null, null],
    ['no key', undefined, null, null],
    ['what is no number', 'NA', null, 'NA'],
  ])('keep a value that is %s', (_, value, stored, verbatim) => {
    const { parsed, refused } = batch([row(value)]);
    expect(refused).toEqual([]);
    expect([parsed[0]?.of('value'), parsed[0]?.verbatim?.value ?? null]).toEqual([stored, verbatim]);
  });

  it('have their hour as a time, and the row as it was received', () => {
    const line = row('1', { period: '2022-07-10T23' });
    const { parsed, columns } = batch([line]);
    expect([parsed[0]?.of('period'), parsed[0]?.of('source')]).toEqual(['2022-07-10 23:00:00', line]);
    expect(columns.map(({ name, type }) => `${name}:${type}`)).toEqual([
      'period:datetime',
      ...['respondent:text', 'respondent_name:text', 'type:text', 'type_name:text'],
      ...['value:decimal', 'value_units:text', 'source:text'],
    ]);
  });

  it('give every published text back', () => {
    const lines = ['.3', '-.21', '1263.6001', '', '101048'].map((value) => row(value));
    const { parsed, columns } = batch(lines);
    const renderers = columns.map(({ type }) => columnRenderer(type, DEMAND.resources[0]?.dateFormats ?? []));
    for (const [index, { stored, verbatim }] of parsed.entries()) {
      const texts = publishedRow(columns, renderers, stored, verbatim);
      const published = JSON.parse(lines[index] ?? '') as Record<string, string>;
      expect(texts).toEqual([...KEYS.map((key) => published[key]), lines[index]]);
    }
  });

  it('keep a key that nobody declared as a column of its own', () => {
    const made = batch([row('1', { revision: 2 }), row('2')], { header: [...HEADER, 'revision'] });
    expect(made.parsed.map(({ of }) => of('revision'))).toEqual(['2', null]);
    expect(made.notes).toEqual({ 'column_added:revision': 2 });
  });

  it('are a failure when a column is missing in all of them', () => {
    const header = HEADER.filter((name) => name !== 'value');
    expect(parse([row(undefined)], { header })).toMatchObject({
      kind: 'failed',
      failure: { code: 'column_missing', attributes: { columns: 'value' } },
    });
  });

  it('are refused one by one where they are no objects, with what was received', () => {
    const made = batch([row('1'), '[1,2]', row('2')]);
    expect([made.rows, made.records]).toEqual([2, 3]);
    expect(made.refused).toMatchObject([{ row: 1, reason: 'record_ragged', record: '[1,2]' }]);
  });

  it('are refused one by one where they are no UTF-8; escapes in the others mean what they mean', () => {
    const bad = Buffer.from(row('1').replace('Demand', 'D\xe9mand'), 'latin1');
    const good = row('2').replace('"Demand"', '"\\u0141ód\\u017a €"');
    const made = batch(Buffer.concat([bad, Buffer.from(`\n${good}\n`)]));
    expect(made.refused).toMatchObject([{ row: 0, reason: 'undecodable' }]);
    expect(made.parsed.map(({ of }) => [of('type_name'), of('value')])).toEqual([['Łódź €', '2']]);
  });
});
