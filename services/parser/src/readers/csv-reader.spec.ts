import type { CsvFormat } from '@freshet/domain';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { createCsvReader } from './csv-reader';

const format: CsvFormat = { reader: 'csv', delimiter: ',', quote: '"', header: true, encoding: 'windows-1252' };

function read(text: string, over: Partial<CsvFormat> = {}): string[][] {
  const rows: string[][] = [];
  createCsvReader({ ...format, ...over }).read(text, (values) => rows.push([...values]));
  return rows;
}

const oracle = (text: string, over: Partial<CsvFormat> = {}): string[][] =>
  parse(text, {
    delimiter: over.delimiter ?? ',',
    quote: over.quote ?? '"',
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    skip_empty_lines: true,
  });

describe('csv reader', () => {
  it.each<[string, string, string[][]]>([
    [
      'quoted and unquoted values, nulls of both kinds',
      '"-155116","",,6/6/2015\r\n',
      [['-155116', '', '', '6/6/2015']],
    ],
    ['line breaks, tabs and delimiters inside quotes', '"a\r\nb","c\nd","e\tf,g"\r\n', [['a\r\nb', 'c\nd', 'e\tf,g']]],
    ['doubled quotes, at the ends too', '"3-1/2"" tbg","""x""",""""\r\n', [['3-1/2" tbg', '"x"', '"']]],
    ['a value longer than a short one', `"${'x'.repeat(500)}""y"\n`, [[`${'x'.repeat(500)}"y`]]],
    [
      'a last record without a line end',
      'a,b\r\nc,',
      [
        ['a', 'b'],
        ['c', ''],
      ],
    ],
    ['a last record with half a line end', 'a,b\r', [['a', 'b']]],
    ['records of different widths', 'a\nb,c\n"",d,e\n', [['a'], ['b', 'c'], ['', 'd', 'e']]],
    ['a record of one empty quoted value', '""\r\n', [['']]],
    ['a record of two empty values', ',\r\n', [['', '']]],
    ['nothing for empty lines', '\r\n\na\r\n\r\n\r', [['a']]],
    ['a quote inside an unquoted value as a character', 'a"b,c"\n', [['a"b', 'c"']]],
    ['what follows a closing quote as part of the value', '"a"b"c,"d" \r\n', [['ab"c', 'd ']]],
    ['a lone carriage return as a character', 'a\rb,"c\rd"\n', [['a\rb', 'c\rd']]],
    ['a carriage return before a delimiter as a character', 'a\r,b\n', [['a\r', 'b']]],
  ])('gives %s', (_, text, rows) => expect(read(text)).toEqual(rows));

  it('says where each record stands, without its line end', () => {
    const text = '"a\r\nb",c\r\n\r\nd,e\nf,"g"';
    const records: string[] = [];
    createCsvReader(format).read(text, (_, start, end) => records.push(text.slice(start, end)));
    expect(records).toEqual(['"a\r\nb",c', 'd,e', 'f,"g"']);
  });

  it('reads other delimiters and quotes', () => {
    expect(read("a;'b;c''d';e\n", { delimiter: ';', quote: "'" })).toEqual([['a', "b;c'd", 'e']]);
    expect(read('a\t"b\tc"\n', { delimiter: '\t' })).toEqual([['a', 'b\tc']]);
  });

  it('refuses a quote that never closes', () => {
    expect(() => read('a,"b\r\nc,d\r\n')).toThrow(
      expect.objectContaining({ code: 'unclosed_quote', attributes: { offset: 2 } }),
    );
  });

  const value = fc.string({
    maxLength: 40,
    unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r\n', '\t', ' ', ';', '\\'),
  });
  const quoted = value.map((text) => `"${text.replaceAll('"', '""')}"`);
  const bare = fc.string({ maxLength: 30, unit: fc.constantFrom('a', '7', '/', ' ', '\t', '\\', 'é') });
  const row = fc.array(fc.oneof(quoted, bare), { minLength: 1, maxLength: 6 });
  const file = fc.tuple(fc.array(fc.tuple(row, fc.constantFrom('\r\n', '\n')), { maxLength: 12 }), fc.boolean());
  const write = ([rows, open]: [Array<[string[], string]>, boolean], delimiter = ','): string => {
    const text = rows.map(([values, end]) => values.join(delimiter) + end).join('');
    return open ? text.replace(/\r?\n$/, '') : text;
  };

  it('agrees with csv-parse on everything that is well-formed', () => {
    fc.assert(
      fc.property(file, (content) => {
        const text = write(content);
        expect(read(text)).toEqual(oracle(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('agrees with csv-parse with another delimiter', () => {
    fc.assert(
      fc.property(file, (content) => {
        const text = write(content, ';');
        expect(read(text, { delimiter: ';' })).toEqual(oracle(text, { delimiter: ';' }));
      }),
      { numRuns: 1000 },
    );
  });

  it('reads any text without losing a character outside quotes, commas and line ends', () => {
    const anything = fc.string({ maxLength: 60, unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'b') });
    fc.assert(
      fc.property(anything, (text) => {
        let rows: string[][];
        try {
          rows = read(text);
        } catch {
          return;
        }
        const letters = (content: string): string => content.replace(/[^ab]/g, '');
        expect(letters(rows.flat().join(''))).toBe(letters(text));
      }),
      { numRuns: 2000 },
    );
  });
});
