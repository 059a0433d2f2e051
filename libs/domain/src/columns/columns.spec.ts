import fc from 'fast-check';
import {
  createColumnSummarizer,
  EMPTY_COLUMN,
  mergeColumnSummaries,
  mergeColumnSummary,
  pandasColumn,
  pandasDtype,
  parsePandasFloat,
  readColumnSummaries,
  summarizeValue,
} from '.';

const summarize = (values: readonly string[]): number => {
  const summarizer = createColumnSummarizer(1);
  for (const value of values) summarizer.add(0, value);
  return summarizer.finish()[0] ?? EMPTY_COLUMN;
};
const columnOf = (...values: string[]): string => pandasColumn(summarize(values));

const tricky = fc.constantFrom(
  '',
  'NA',
  'nan',
  '<NA>',
  ' ',
  '0',
  '5',
  '-5',
  '+5',
  ' 00572',
  '5 ',
  '1.5',
  '-1.5',
  '1e5',
  '1e309',
  '-1e-400',
  'inf',
  '-Infinity',
  'true',
  'FALSE',
  'tRuE',
  'x',
  '-abc',
  '-',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775808',
  '-9223372036854775809',
  '18446744073709551615',
  '18446744073709551616',
  '99999999999999999999.5',
  '11/5/2014',
  '1.',
  '.5',
);
const value = fc.oneof(tricky, fc.string({ maxLength: 6, unit: fc.constantFrom(...'0123456789+-.eE aT'.split('')) }));
const values = fc.array(value, { maxLength: 12 });

describe('column summaries', () => {
  it('are the same however the column is split', () => {
    fc.assert(
      fc.property(values, fc.nat(), (column, at) => {
        const cut = column.length === 0 ? 0 : at % (column.length + 1);
        expect(mergeColumnSummary(summarize(column.slice(0, cut)), summarize(column.slice(cut)))).toBe(
          summarize(column),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('merge associatively, with nothing as the identity', () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const [x, y, z] = [summarize(a), summarize(b), summarize(c)];
        expect(mergeColumnSummary(mergeColumnSummary(x, y), z)).toBe(mergeColumnSummary(x, mergeColumnSummary(y, z)));
        expect(mergeColumnSummary(EMPTY_COLUMN, x)).toBe(x);
        expect(mergeColumnSummary(x, EMPTY_COLUMN)).toBe(x);
      }),
      { numRuns: 3000 },
    );
  });

  it('merge column by column, and nothing is the identity there too', () => {
    const chunk = [summarize(['1']), summarize(['x'])];
    expect(mergeColumnSummaries([], chunk)).toEqual(chunk);
    expect(mergeColumnSummaries(chunk, [])).toEqual(chunk);
    expect(mergeColumnSummaries(chunk, [summarize(['1.5']), summarize(['2'])]).map(pandasDtype)).toEqual([
      'float64',
      'object',
    ]);
  });

  it('take no more than four bytes of JSON a column', () => {
    fc.assert(fc.property(values, (column) => expect(JSON.stringify(summarize(column)).length).toBeLessThanOrEqual(4)));
  });

  it('come back from JSON, and anything else is refused', () => {
    const summaries = [summarize(['x']), summarize(['1', ''])];
    expect(readColumnSummaries(JSON.parse(JSON.stringify(summaries)))).toEqual(summaries);
    expect(readColumnSummaries({ columns: summaries })).toEqual(summaries);
    for (const wrong of [null, {}, ['1'], [-1], [1.5], [1 << 20]]) expect(readColumnSummaries(wrong)).toBeNull();
  });
});

describe('the type pandas infers', () => {
  it.each<[string, string[]]>([
    ['integer', ['00572', ' 00572', '+5', '-7', '5\n']],
    ['integer-or-null', ['1', '', 'NA']],
    ['integer-or-null', ['', '<NA>']],
    ['unsigned', ['18446744073709551615', '1']],
    ['raw-text', ['9223372036854775808', '']],
    ['raw-text', ['-1', '9223372036854775808']],
    ['text', ['18446744073709551616']],
    ['text', ['-9223372036854775809', '1']],
    ['float', ['1e5', '2']],
    ['float', ['1.5', '99999999999999999999']],
    ['text', ['99999999999999999999', '1.5']],
    ['float', ['-inf', '+Infinity', '']],
    ['text', ['1e309']],
    ['text', ['1', 'true']],
    ['boolean', ['TRUE', 'False']],
    ['boolean-or-null', ['true', 'NA']],
    ['text', [' ', '1']],
    ['text', ['1', 'x']],
    ['empty', []],
  ])('%s: %j', (expected, column) => {
    expect(columnOf(...column)).toBe(expected);
  });

  it('reads floats as pandas does, leading zeros eating digits included', () => {
    expect(parsePandasFloat('0.00000000000000001234')).toBe(0);
    expect(parsePandasFloat('99999999999999999999')).toBe(1.0000000000000002e20);
    expect(parsePandasFloat('4.9e-324')).toBe(5e-324);
    expect(parsePandasFloat('-0.0')).toBe(-0);
    for (const wrong of ['1e', '1e+', '.', '1 2', ' inf', '1_000', '1e309', ''])
      expect(parsePandasFloat(wrong)).toBeUndefined();
  });

  it('knows a single value', () => {
    expect(pandasColumn(summarizeValue('-12.50'))).toBe('float');
    expect(pandasColumn(summarizeValue('12:30'))).toBe('text');
  });
});
