import fc from 'fast-check';
import type { ColumnType } from '@freshet/domain';
import { CP1252_LETTERS } from './windows-1252';

export interface RawTable {
  readonly header: readonly string[];
  /** Types of the definition; text where it is silent. */
  readonly types?: readonly ColumnType[];
  readonly records: ReadonlyArray<readonly string[]>;
  readonly encoding?: 'cp1252' | 'utf-8';
  /** The one version of pandas that reads it so; docs/reference/bin-files.md says what others do. */
  readonly only?: string;
}

const column = (...values: string[]): RawTable => ({
  header: ['value', 'other'],
  records: values.map((value) => [value, 'x']),
});
const many = (count: number, make: (at: number) => string[]): string[][] =>
  Array.from({ length: count }, (_, at) => make(at));

export const ADVERSARIAL: Readonly<Record<string, RawTable>> = {
  'no rows': { header: ['a', 'b', 'c'], records: [] },
  'null words': column('NA', 'None', 'null', 'n/a', '<NA>', 'NaN', '-nan', '', '#N/A N/A', '1.#QNAN'),
  'null words among text': column('NA', 'na', 'None', 'none', 'NULL', 'Null', 'N/A', 'x', 'nan ', ' NA'),
  'nothing but nulls': column('', '', ''),
  'leading zeros and blanks': column('00572', ' 00572', '+5', '-7', '5 ', '\t5', '5\n'),
  'integers with a null': column('1', '', '9007199254740993', '-0', '9223372036854775807', '-9223372036854775807'),
  'the smallest integer and a null': column('-9223372036854775808', ''),
  'the smallest integer': column('-9223372036854775808', '9223372036854775807'),
  'beyond int64': column('9223372036854775808', '18446744073709551615', '0', '+7'),
  'beyond int64 and negative': column('9223372036854775808', '-1', 'NA'),
  'beyond int64 and null': column('9223372036854775808', '', 'NA'),
  'beyond uint64': { ...column('18446744073709551616', '', '00000'), only: '2.3.3' },
  'beyond uint64 after a float': column('1.5', '99999999999999999999', '123456789012345678901234567890.5'),
  floats: column(
    '1e5',
    '-1.25E-3',
    '.5',
    '5.',
    'inf',
    '-Infinity',
    '-0.0',
    '0.1',
    '29.71839506',
    '-90.12345678',
    '2076825.045261',
    '1.7976931348623157e308',
    '4.9e-324',
    '1e-400',
    '',
  ),
  'long floats': column(
    '3.14159265358979323846264338327950288',
    '0.00000000000000001234',
    '12345678901234567.89',
    '123456789012345678',
    '1.5',
  ),
  'too large a float': { ...column('1e309', '1.5'), only: '2.3.3' },
  'no numbers': column('1e', '1_000', '0x1A', '--5', '1 2', '.', '+', '-', '1,5', '５'.normalize('NFKC') + 'a'),
  booleans: column('TRUE', 'false', 'True', 'tRuE'),
  'booleans with nulls': column('TRUE', '', 'false', 'NA'),
  'booleans and others': column('true', '1'),
  'declared booleans': {
    header: ['value', 'other'],
    types: ['boolean', 'boolean'],
    records: [
      ['true', 'false'],
      ['false', ''],
      ['true', 'TRUE'],
    ],
  },
  'blank text': column(' ', '1'),
  'line breaks, tabs and quotes': column(
    '3-1/2"" tbg',
    'a\r\nb',
    'a\nb',
    'a\tb',
    'back\\slash',
    '\\N',
    '\\',
    'a,b',
    "it's",
    '\u000b',
  ),
  'every letter of windows-1252': column(CP1252_LETTERS, ...CP1252_LETTERS),
  'letters beyond the basic plane': { ...column('😀', 'a𝒳b', '日本語', 'é'), encoding: 'utf-8' },
  'repeated names': { header: ['a', 'a', 'b', '', 'a.1', 'a', ''], records: [['1', '2', '3', '4', '5', '6', '7']] },
  'a long text': column('x'.repeat(300), 'y'.repeat(70_000), 'z'.repeat(6_000_000), ''),
  dates: {
    header: ['day', 'moment', 'mixed', 'year'],
    types: ['date', 'datetime', 'datetime', 'date'],
    records: [
      ['11/5/2014', '10/15/2014 3:19:37 PM', '7/21/2019', ''],
      ['1/31/1947', '3/3/2024 12:01:00 AM', '5/14/2019 11:23:03 AM', '2014'],
      ['01/31/1947', '3/9/2024 12:00:00 AM', '5/14/2019 0:23:03 AM', '2015'],
      ['', '13/45/2024', '', '2016'],
    ],
  },
  'typed numbers': {
    header: ['whole', 'decimal', 'leading', 'null'],
    types: ['integer', 'decimal', 'integer', 'decimal'],
    records: [
      ['5', '1.50', '005', ''],
      ['-7', '-0.0', '12', '1e5'],
      ['123456789012345678', '00.5', '-0', '2.25'],
    ],
  },
  'many rows': {
    header: ['key', 'code', 'number', 'share', 'unique', 'flag'],
    types: ['integer', 'text', 'decimal', 'decimal', 'text', 'text'],
    records: many(40_000, (at) => [
      `${at - 20_000}`,
      `CODE ${at % 37}`,
      at === 39_000 ? '' : `${at}`,
      `${at / 7}`,
      `well ${(at * 7919) % 40_000}`,
      at % 2 ? 'TRUE' : 'FALSE',
    ]),
  },
  'a type settled by the last row': {
    header: ['number', 'flag', 'nothing', 'whole'],
    records: many(20_000, (at) => (at === 19_999 ? ['x', '', 'y', '1.5'] : [`${at}`, 'true', '', `${at}`])),
  },
};

const numberLike = fc.string({ maxLength: 7, unit: fc.constantFrom(...'0123456789+-.eE '.split('')) });
const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.bigInt({ min: 0n, max: 10n ** 18n }))
  .map(([whole, part]) => `${whole}.${part}`);
const scientific = fc
  .tuple(fc.integer(), fc.integer({ min: 0, max: 999_999_999 }), fc.integer({ min: -330, max: 310 }))
  .map(([whole, part, power]) => `${whole}.${part}e${power}`);
const whole = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }).map(String);
const vast = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String);
const word = fc.constantFrom(
  '',
  'NA',
  'nan',
  'None',
  'true',
  'FALSE',
  'inf',
  '-inf',
  'x',
  '-abc',
  ' ',
  '0',
  '1',
  '-1',
  '007',
  '+7',
  ' 7',
  '7 ',
  '1.5',
  '1e5',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775808',
);
const text = fc.string({ maxLength: 12, unit: fc.constantFrom(...CP1252_LETTERS) });

/** Where pandas 3.0 and 2.3 part: integers beyond 64 bits, floats beyond the largest, blanks after an exponent. */
const readAlike = (value: string): boolean => {
  const digits = /\d{19,}/.exec(value);
  return (
    !digits &&
    !/[eE][+-]?\s/.test(value) &&
    !/[eE][+]?0*[1-9]\d\d/.test(value) &&
    (!/[eE]/.test(value) || value.replace(/[^0-9]/g, '').length < 25)
  );
};

/** The same tables every time. A column draws from one or two kinds of values, so that numbers often stay numbers. */
export function randomTables(kind: 'alike' | 'any', count: number): RawTable[] {
  const kinds = [
    numberLike,
    decimal,
    scientific,
    whole,
    word,
    text,
    fc.integer().map(String),
    fc.double({ noNaN: true }).map(String),
    fc.constantFrom('', 'NA', 'true', 'False'),
    ...(kind === 'any' ? [vast] : []),
  ];
  const one = fc.constantFrom(...kinds);
  const values = fc.tuple(one, one, fc.boolean()).chain(([first, second, both]) => {
    const value = (both ? fc.oneof({ weight: 6, arbitrary: first }, second) : first).filter(
      (item) => kind === 'any' || readAlike(item),
    );
    return fc.array(value, { minLength: 12, maxLength: 12 });
  });
  const table = fc
    .tuple(fc.array(values, { minLength: 8, maxLength: 8 }), fc.integer({ min: 1, max: 12 }))
    .map(([columns, rows]) => ({
      header: columns.map((_, at) => `c${at}`),
      records: Array.from({ length: rows }, (_, row) => columns.map((items) => items[row] ?? '')),
    }));
  return fc.sample(table, { numRuns: count, seed: 20_261_120 });
}
