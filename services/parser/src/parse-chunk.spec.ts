import { columnRenderer, publishedRow, readVerbatim, splitLine, type ChunkFetched } from '@freshet/contracts';
import { readDataset } from '@freshet/catalog';
import type { DatasetDefinition } from '@freshet/domain';
import fc from 'fast-check';
import { parseChunk, type ParseResult } from './parse-chunk';

function dataset(more = ''): DatasetDefinition {
  const result = readDataset(
    'things.yaml',
    `
id: demo.things
title: Things
access: [{ url: 'https://example.org/things.zip' }]
maxAge: 1d
defaults:
  format: { encoding: windows-1252 }
  dateFormats: [M/D/YYYY, 'M/D/YYYY h:mm:ss A']
resources:
  - member: things.txt
    columns: [{ name: ID, type: integer }, NAME, { name: SEEN, type: datetime }, { name: PHONE, type: integer, personal: true }]
${more}`,
  );
  if ('mistakes' in result) throw new Error(JSON.stringify(result.mistakes));
  return result.definition;
}

const HEADER = ['ID', 'NAME', 'SEEN', 'PHONE'];
const uuid = '11111111-1111-4111-8111-111111111111';

function parse(definition: DatasetDefinition, bytes: Buffer | string, over: Partial<ChunkFetched> = {}): ParseResult {
  const body = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes, 'latin1');
  const chunk: ChunkFetched = {
    type: 'chunk.fetched',
    dataset: definition.id,
    runId: uuid,
    taskId: uuid,
    attempt: 1,
    contentVersion: definition.contentVersion,
    resource: 'things',
    chunk: 7,
    records: 1,
    header: HEADER,
    checksum: 'c',
    ...over,
  };
  return parseChunk(definition, chunk, body);
}

function batch(definition: DatasetDefinition, bytes: Buffer | string, over: Partial<ChunkFetched> = {}) {
  const result = parse(definition, bytes, over);
  if (result.kind !== 'batch') throw new Error(`${result.failure.code}: ${result.failure.message}`);
  return { ...result.meta, lines: result.body.toString('utf8').split('\n').slice(0, -1) };
}

describe('parseChunk', () => {
  it('writes positions, verbatim and typed columns as COPY text, and carries the origin of the chunk', () => {
    const made = batch(dataset(), '"1","a\tb\\c","",""\r\n"-07"," 00572",3/9/2024 11:59:00 PM,"5"\r\n', { records: 2 });
    expect(made.lines).toEqual([
      '7\t0\t\\N\t1\ta\\tb\\\\c\t\\N\t\\N',
      '7\t1\t{"id":"-07"}\t-7\t 00572\t2024-03-09 23:59:00\t5',
    ]);
    expect(made).toMatchObject({
      type: 'batch.parsed',
      chunk: 7,
      attempt: 1,
      records: 2,
      rows: 2,
      refused: [],
      checksum: 'c',
      summary: null,
    });
    expect(made.bytes).toBe(60);
    expect(made.columns[2]).toEqual({ name: 'seen', type: 'datetime', published: 'SEEN' });
    expect('header' in made).toBe(false);
  });

  it('keeps line breaks and windows-1252 characters', () => {
    const made = batch(dataset(), Buffer.from('"1","x\r\ny\x96\xb0\xbf","",""\r\n', 'latin1'));
    expect(splitLine(made.lines[0] ?? '')).toEqual(['7', '0', null, '1', 'x\r\ny–°¿', null, null]);
  });

  it('refuses ragged records, with the record as it was published', () => {
    const made = batch(dataset(), '"1","a, b"\r\n"2","b","",""\r\n', { records: 2 });
    expect(made.refused).toEqual([
      {
        row: 0,
        reason: 'record_ragged',
        column: null,
        detail: '2 values where the header has 4',
        record: '"1","a, b"',
      },
    ]);
    expect(made.lines).toEqual(['7\t1\t\\N\t2\tb\t\\N\t\\N']);
  });

  describe('a value that is not of its type', () => {
    const contract = (valueType: string): DatasetDefinition => dataset(`    contract: { valueType: ${valueType} }`);
    const bytes = '"x","ok",13/1/2024,"1"\r\n"2","b","",""\r\n';

    it('evolve: is null, with its text beside it, and counted', () => {
      const made = batch(contract('evolve'), bytes, { records: 2 });
      expect(made.lines[0]).toBe('7\t0\t{"id":"x","seen":"13/1/2024"}\t\\N\tok\t\\N\t1');
      expect([made.rows, made.notes]).toEqual([2, { 'type_mismatch:ID': 1, 'type_mismatch:SEEN': 1 }]);
    });

    it('discard_value: is null, and counted', () => {
      const made = batch(contract('discard_value'), bytes, { records: 2 });
      expect(made.lines[0]).toBe('7\t0\t\\N\t\\N\tok\t\\N\t1');
      expect(made.notes).toEqual({ 'value_dropped:ID': 1, 'value_dropped:SEEN': 1 });
    });

    it('discard_row: refuses the row, and leaves nothing of it in the batch', () => {
      const made = batch(contract('discard_row'), `"3","a",13/1/2024,"1"\r\n${bytes}`, { records: 3 });
      expect(made.lines).toEqual(['7\t2\t\\N\t2\tb\t\\N\t\\N']);
      expect(made.refused.map(({ row, column, detail }) => [row, column, detail])).toEqual([
        [0, 'SEEN', '"13/1/2024" is not of type datetime'],
        [1, 'ID', '"x" is not of type integer'],
      ]);
      expect([made.rows, made.records, made.notes]).toEqual([1, 3, {}]);
    });

    it('freeze: fails the attempt', () => {
      expect(parse(contract('freeze'), bytes, { records: 2 })).toMatchObject({
        kind: 'failed',
        failure: { code: 'type_mismatch', kind: 'terminal', attributes: { column: 'ID', chunk: 7, row: 0 } },
      });
    });

    it('is not shown where it is of a person', () => {
      const made = batch(contract('discard_row'), '"1","a","","Jane Doe"\r\n');
      expect(made.refused[0]?.detail).toBe('the value is not of type integer');
      const frozen = parse(contract('freeze'), '"1","a","","Jane Doe"\r\n');
      expect(JSON.stringify(frozen)).not.toContain('Jane');
    });
  });

  describe('a column nobody declared', () => {
    const header = [...HEADER, 'EXTRA'];
    const bytes = '"1","a","","","x"\r\n"2","b","","",""\r\n';
    const contract = (unknownColumn: string): DatasetDefinition =>
      dataset(`    contract: { unknownColumn: ${unknownColumn} }`);

    it('evolve: is stored as text', () => {
      const made = batch(contract('evolve'), bytes, { records: 2, header });
      expect(made.columns[4]).toEqual({ name: 'extra', type: 'text', published: 'EXTRA' });
      expect(made.lines[0]?.endsWith('\tx')).toBe(true);
      expect(made.notes).toEqual({ 'column_added:EXTRA': 2 });
    });

    it('discard_row: refuses the rows that have a value in it', () => {
      const made = batch(contract('discard_row'), bytes, { records: 2, header });
      expect(made.refused.map(({ row, reason, column }) => [row, reason, column])).toEqual([
        [0, 'unknown_column', 'EXTRA'],
      ]);
      expect(made.rows).toBe(1);
    });

    it('discard_value: drops its values, and counts them', () => {
      const made = batch(contract('discard_value'), bytes, { records: 2, header });
      expect([made.rows, made.notes]).toEqual([2, { 'value_dropped:EXTRA': 1 }]);
      expect(made.columns).toHaveLength(4);
    });

    it('freeze: fails the attempt', () => {
      expect(parse(contract('freeze'), bytes, { records: 2, header })).toMatchObject({
        failure: { code: 'column_unknown' },
      });
    });
  });

  describe('a column that is missing', () => {
    const header = HEADER.filter((name) => name !== 'NAME');

    it('evolve: is null, and counted', () => {
      const made = batch(dataset('    contract: { missingColumn: evolve }'), '"1","",""\r\n', { header });
      expect(made.columns.map((column) => column.name)).toEqual(['id', 'seen', 'phone', 'name']);
      expect([made.lines, made.notes]).toEqual([['7\t0\t\\N\t1\t\\N\t\\N\t\\N'], { 'column_missing:NAME': 1 }]);
    });

    it('discard_row: refuses every row', () => {
      const made = batch(dataset('    contract: { missingColumn: discard_row }'), '"1","",""\r\n', { header });
      expect([made.rows, made.refused[0]?.reason, made.refused[0]?.column]).toEqual([0, 'required_missing', 'NAME']);
    });
  });

  describe('utf-8', () => {
    const utf8 = dataset('    format: { encoding: utf-8 }');

    it('is read as such', () => {
      expect(splitLine(batch(utf8, Buffer.from('"1","é–🛢","",""\r\n')).lines[0] ?? '')[4]).toBe('é–🛢');
    });

    it('refuses just the records that are something else', () => {
      const bytes = Buffer.concat([
        Buffer.from('"1","é","",""\r\n'),
        Buffer.from('"2","\xe9","",""\r\n', 'latin1'),
        Buffer.from('"3","€","",""\r\n'),
      ]);
      const made = batch(utf8, bytes, { records: 3 });
      expect(made.refused).toEqual([
        {
          row: 1,
          reason: 'undecodable',
          column: 'NAME',
          detail: 'its bytes are not utf-8',
          record: '"2","\ufffd","",""',
        },
      ]);
      expect(made.lines.map((line) => splitLine(line)[4])).toEqual(['é', '€']);
    });
  });

  it('fails when it finds other records than the cutter counted', () => {
    expect(parse(dataset(), '"1","a","",""\r\n', { records: 2 })).toMatchObject({
      kind: 'failed',
      failure: { code: 'balance_mismatch', kind: 'terminal', attributes: { cut: 2, read: 1 } },
    });
  });

  it('fails on a quote that never closes', () => {
    expect(parse(dataset(), '"1","a')).toMatchObject({ kind: 'failed', failure: { code: 'unclosed_quote' } });
  });

  it('gathers column summaries of the published texts of accepted rows when an export needs them', () => {
    const bytes = '"1","a","",""\r\n"x","2.5","",""\r\n';
    const withExport = dataset('    contract: { valueType: discard_row }\nexports: [{ kind: pickle, folder: out }]');
    const made = batch(withExport, bytes, { records: 2 });
    const alone = batch(withExport, '"1","a","",""\r\n');
    expect(made.summary).toEqual(alone.summary);
    expect(made.summary).toEqual({
      columns: [expect.any(Number), expect.any(Number), expect.any(Number), expect.any(Number)],
    });
  });

  it('gives the published text of every value back, whatever it is', () => {
    const definition = dataset();
    const [resource] = definition.resources;
    const value = fc.oneof(
      fc.string({
        maxLength: 90,
        unit: fc.constantFrom('a', '0', '7', '.', '-', ' ', '"', ',', '\r\n', '\t', '\\', 'é', '–', '\\N'),
      }),
      fc.constantFrom(
        '3/9/2024',
        '03/09/2024',
        '3/9/2024 12:00:00 AM',
        '3/9/2024 1:02:03 PM',
        '007',
        '',
        '-0',
        '99999999999999999999',
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, value, value), { minLength: 1, maxLength: 6 }), (rows) => {
        const csv = rows
          .map((values) => `${values.map((text) => `"${text.replaceAll('"', '""')}"`).join(',')}\r\n`)
          .join('');
        const bytes = Buffer.from(csv.replaceAll('–', '\u0096'), 'latin1');
        const made = batch(definition, bytes, { records: rows.length });
        const renderers = made.columns.map((column) => columnRenderer(column.type, resource?.dateFormats ?? []));
        const back = made.lines.map((line) => {
          const [, , verbatim = null, ...stored] = splitLine(line);
          return publishedRow(made.columns, renderers, stored, readVerbatim(verbatim));
        });
        expect(back).toEqual(rows);
      }),
      { numRuns: 1000 },
    );
  });
});
