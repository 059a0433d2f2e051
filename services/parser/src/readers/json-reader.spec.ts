import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { createJsonReader } from './json-reader';

const HEADER = ['period', 'value', 'source'];

function read(text: string, header = HEADER, record: string | null = 'source'): string[][] {
  const rows: string[][] = [];
  createJsonReader({ reader: 'json', encoding: 'utf-8', record }, header).read(text, (values) =>
    rows.push([...values]),
  );
  return rows;
}
const valueOf = (json: string): string | undefined => read(`{"value":${json}}`)[0]?.[1];

describe('json reader', () => {
  it.each([
    ['a number as it was written', '1263.60010', '1263.60010'],
    [
      'digits that a double does not hold',
      '12345678901234567890.123456789012345678',
      '12345678901234567890.123456789012345678',
    ],
    ['an exponent', '-1.50E+07', '-1.50E+07'],
    ['a text', '"-.21"', '-.21'],
    ['a text without a zero', '".3"', '.3'],
    ['a blank text', '""', ''],
    ['blanks', '"  "', '  '],
    ['escapes', '"a\\"\\u00e9\\n\\ud83d\\udee2"', 'a"é\n🛢'],
    ['nothing', 'null', ''],
    ['true and false', 'true', 'true'],
    ['a list', '[1, {"a": 2.50}]', '[1,{"a":2.50}]'],
  ])('gives %s', (_, json, text) => expect(valueOf(json)).toBe(text));

  it('gives the line itself to the column that wants it, and nothing for a key that is not there', () => {
    const line = '{ "value":1.0 ,"other":"x"}';
    expect(read(`${line}\n`)).toEqual([['', '1.0', line]]);
    expect(read(line, ['source', 'value'], null)).toEqual([['', '1.0']]);
  });

  it('is not fooled by names that every object has', () => {
    expect(read('{"__proto__":{"value":"1"}}', ['value', 'constructor', 'toString'])).toEqual([['', '', '']]);
  });

  it.each([
    ['a list', '[1]'],
    ['a bare value', '12'],
    ['a number without a zero', '{"value":.3}'],
    ['a key twice with different values', '{"value":1,"value":2}'],
    ['a line break in a text', '{"value":"a\u001ab"}'],
    ['half an object', '{"value":'],
  ])('gives no values for %s, and goes on', (_, line) => {
    expect(read(`{"value":1}\n${line}\n{"value":2}\n`).map((values) => values[1])).toEqual(['1', undefined, '2']);
  });

  it('gives back any text and any number', () => {
    const text = fc.string({ unit: 'grapheme' });
    const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,30})(\.\d{1,20})?([eE][+-]?\d{1,3})?$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(text, digits), { maxLength: 5 }), (rows) => {
        const chunk = rows.map(([a, b]) => `{"period":${JSON.stringify(a)},"value":${b}}\n`).join('');
        expect(read(chunk, ['period', 'value'])).toEqual(rows);
      }),
    );
  });
});

describe('real rows of the EIA', () => {
  const folder = join(__dirname, '../../../../libs/testing/fixtures/eia');
  const files = readdirSync(folder).filter((name) => name.endsWith('.csv'));

  it('are there', () => expect(files).toHaveLength(15));

  it.each(files)('%s: every value as published, as a text and as a number', (file) => {
    const [header = [], ...rows]: string[][] = parse(readFileSync(join(folder, file)));
    const names = header.slice(1);
    const value = names.indexOf('value');
    const published = rows.map((row) => row.slice(1));
    const asText = published.map((row) =>
      JSON.stringify(Object.fromEntries(names.map((name, index) => [name, row[index]]))),
    );
    const asNumber = asText.map((line) =>
      line.replace(/"value":"(-?(?:0|[1-9]\d*)(?:\.\d+)?)"/, '"value":$1').replace('"value":""', '"value":null'),
    );
    expect(asNumber.some((line) => /"value":-?\d/.test(line))).toBe(true);
    for (const lines of [asText, asNumber]) {
      const found = read(`${lines.join('\n')}\n`, [...names, 'source']);
      expect(found.map((row) => row.slice(0, -1))).toEqual(published);
      expect(found.map((row) => row.at(-1))).toEqual(lines);
    }
    expect(published.every((row) => row.length === names.length && value > 0)).toBe(true);
  });
});
