import { columnRenderer } from '@freshet/contracts';
import type { ColumnType, NullRule } from '@freshet/domain';
import fc from 'fast-check';
import { createConverter, EXACT, MISTYPED, type Converted } from './converter';

const emptyIsNull: NullRule = { empty: true, words: [] };
const formats = ['M/D/YYYY', 'M/D/YYYY h:mm:ss A'];

/** As the batch builder does it. */
function run(type: ColumnType, nulls: NullRule, text: string, cell: Converted): void {
  const converter = createConverter(type, nulls, formats);
  if (converter && !(text === '' && nulls.empty)) return converter(text, cell);
  cell.value = text === '' && nulls.empty ? null : text;
  cell.outcome = EXACT;
}

function convert(type: ColumnType, text: string, nulls: NullRule = emptyIsNull): string {
  const cell: Converted = { value: null, outcome: EXACT };
  run(type, nulls, text, cell);
  if (cell.outcome === MISTYPED) return 'mistyped';
  return `${cell.value ?? 'null'}${cell.outcome === EXACT ? '' : ' +text'}`;
}

describe('values', () => {
  it.each<[ColumnType, string, string]>([
    ['text', ' 00572', ' 00572'],
    ['text', '  ', '  '],
    ['text', '', 'null'],
    ['integer', '-407200', '-407200'],
    ['integer', '0', '0'],
    ['integer', '', 'null'],
    ['integer', '00572', '572 +text'],
    ['integer', '+5', '5 +text'],
    ['integer', ' 5 ', '5 +text'],
    ['integer', '-0', '0 +text'],
    ['integer', '1982.0', '1982 +text'],
    ['integer', '9223372036854775807', '9223372036854775807'],
    ['integer', '-9223372036854775808', '-9223372036854775808'],
    ['integer', '9223372036854775808', 'mistyped'],
    ['integer', '1.5', 'mistyped'],
    ['integer', '1e3', 'mistyped'],
    ['integer', ' ', 'mistyped'],
    ['integer', '-', 'mistyped'],
    ['integer', '12x', 'mistyped'],
    ['decimal', '28.64980917', '28.64980917'],
    ['decimal', '-91.09387083', '-91.09387083'],
    ['decimal', '60', '60'],
    ['decimal', '0.50', '0.50'],
    ['decimal', '-0.50', '-0.50'],
    ['decimal', '-0.00', '0.00 +text'],
    ['decimal', '.5', '0.5 +text'],
    ['decimal', '-.5', '-0.5 +text'],
    ['decimal', '.3', '0.3 +text'],
    ['decimal', '-.21', '-0.21 +text'],
    ['decimal', '1263.6001', '1263.6001'],
    ['decimal', '5.', '5 +text'],
    ['decimal', '+5.10', '5.10 +text'],
    ['decimal', '007.10', '7.10 +text'],
    ['decimal', '1e5', '1e5 +text'],
    ['decimal', '1.5E-07', '1.5e-7 +text'],
    ['decimal', '.', 'mistyped'],
    ['decimal', '1,000', 'mistyped'],
    ['decimal', 'NaN', 'mistyped'],
    ['decimal', 'Infinity', 'mistyped'],
    ['decimal', '1e9999', 'mistyped'],
    ['decimal', `1${'0'.repeat(1000)}`, 'mistyped'],
    ['boolean', 'true', 'true'],
    ['boolean', 'Y', 'true +text'],
    ['boolean', 'FALSE', 'false +text'],
    ['boolean', 'maybe', 'mistyped'],
    ['date', '6/6/2015', '2015-06-06'],
    ['date', '06/06/2015', '2015-06-06 +text'],
    ['date', '6/6/2015 12:00:00 AM', '2015-06-06 +text'],
    ['date', '6/6/2015 3:00:00 PM', 'mistyped'],
    ['date', '2/29/2023', 'mistyped'],
    ['datetime', '7/21/2019', '2019-07-21 00:00:00'],
    ['datetime', '5/14/2019 11:23:03 AM', '2019-05-14 11:23:03'],
    ['datetime', '5/14/2019 12:00:00 AM', '2019-05-14 00:00:00 +text'],
    ['datetime', '', 'null'],
    ['datetime', '2019-05-14', 'mistyped'],
  ])('%s %j is %s', (type, text, expected) => expect(convert(type, text)).toBe(expected));

  it('keeps an empty text where empty is not null, and refuses an empty number', () => {
    const rule: NullRule = { empty: false, words: [] };
    expect([convert('text', '', rule), convert('integer', '', rule)]).toEqual(['', 'mistyped']);
  });

  it('takes hours as stamps, midnight included, and gives them back', () => {
    const stamps = ['YYYY-MM-DDTHH'];
    const read = createConverter('datetime', emptyIsNull, stamps);
    const cell: Converted = { value: null, outcome: EXACT };
    for (const text of ['2022-07-10T00', '2022-07-10T23']) {
      read?.(text, cell);
      expect(cell.outcome).toBe(EXACT);
      expect(columnRenderer('datetime', stamps)(cell.value)).toBe(text);
    }
    read?.('2022-07-10T24', cell);
    expect(cell.outcome).toBe(MISTYPED);
  });

  it('takes null words exactly, and remembers which one it was', () => {
    const rule: NullRule = { empty: true, words: ['NA', '-'] };
    expect([convert('decimal', 'NA', rule), convert('text', '-', rule), convert('text', 'na', rule)]).toEqual([
      'null +text',
      'null +text',
      'na',
    ]);
  });

  const numberLike = fc.string({ maxLength: 8, unit: fc.constantFrom(...'0123456789+-. e'.split('')) });
  const dateLike = fc
    .tuple(
      fc.nat(14),
      fc.nat(33),
      fc.integer({ min: 1890, max: 2030 }),
      fc.constantFrom('', ' 12:00:00 AM', ' 1:02:03 PM', ' 01:02:03 pm'),
    )
    .map(([m, d, y, time]) => `${m}/${d}/${y}${time}`);
  const samples: Readonly<Record<ColumnType, fc.Arbitrary<string>>> = {
    text: fc.string(),
    integer: numberLike,
    decimal: numberLike,
    boolean: fc.constantFrom('true', 'false', 'TRUE', 'y', '0', 'x'),
    date: dateLike,
    datetime: dateLike,
  };

  it.each(Object.keys(samples) as ColumnType[])(
    'an exact %s renders as it was published; any other keeps its text',
    (type) => {
      const render = columnRenderer(type, formats);
      const cell: Converted = { value: null, outcome: EXACT };
      fc.assert(
        fc.property(samples[type], (text) => {
          run(type, emptyIsNull, text, cell);
          if (cell.outcome === EXACT) expect(render(cell.value)).toBe(text);
        }),
        { numRuns: 2000 },
      );
    },
  );

  it('agrees with the language on which decimal a text is', () => {
    const cell: Converted = { value: null, outcome: EXACT };
    fc.assert(
      fc.property(
        numberLike.filter((text) => text !== ''),
        (text) => {
          run('decimal', emptyIsNull, text, cell);
          const valid = /^ *[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})? *$/.test(text);
          expect(cell.outcome !== MISTYPED).toBe(valid);
          if (valid) expect(Number(cell.value) + 0).toBe(Number(text) + 0);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
