import { ago, bytes, clock, count, duration, instant } from './format';
import { renderTable } from './table';
import { printable, truncate, wrap } from './text';

describe('formats', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [124_387_808, '124.4 MB'],
    [5e15, '5000.0 TB'],
  ])('bytes %d as %s', (value, text) => {
    expect(bytes(value)).toBe(text);
  });
  it.each([
    [0.04, '0.0 s'],
    [9.94, '9.9 s'],
    [59.96, '1 min 00 s'],
    [125, '2 min 05 s'],
    [7810, '2 h 10 min'],
    [108_000, '30 h'],
    [172_800, '2 d'],
    [176_400, '2 d 1 h'],
  ])('%d seconds as %s', (value, text) => {
    expect(duration(value)).toBe(text);
  });
  it('short clock, counts, instants', () => {
    expect([clock(42), clock(3800), clock(-1)]).toEqual(['00:42', '1:03:20', '00:00']);
    expect([count(1234567), count(null), count(12)]).toEqual(['1,234,567', '-', '12']);
    expect(instant('2026-11-20T10:12:05.123Z')).toBe('2026-11-20 10:12:05Z');
    expect(ago(null, new Date())).toBe('never');
  });
});

describe('renderTable', () => {
  const columns = [
    { title: 'id', value: (row: readonly string[]) => row[0] ?? '' },
    { title: 'n', value: (row: readonly string[]) => row[1] ?? '', align: 'right' as const },
    { title: 'text', value: (row: readonly string[]) => row[2] ?? '', shrinks: true },
  ];
  it('aligns columns and leaves no blanks at the end of lines', () => {
    expect(
      renderTable(columns, [
        ['a', '1', 'x'],
        ['bcd', '22', 'long text'],
      ]),
    ).toBe('id    n  text\na     1  x\nbcd  22  long text');
  });
  it('cuts only what may shrink to fit the terminal', () => {
    const text = renderTable(columns, [['identifier', '1', 'a rather long text that does not fit']], 30);
    expect(text.split('\n')[1]).toBe('identifier  1  a rather long …');
  });
  it('paints after padding, so that colours do not disturb the columns', () => {
    const painted = [
      { ...(columns[0] as (typeof columns)[0]), paint: (cell: string) => `<${cell}>` },
      columns[1] as (typeof columns)[0],
    ];
    expect(renderTable(painted, [['a', '1']])).toBe('id  n\n<a >  1');
  });
});

describe('text', () => {
  it('makes control and direction characters visible', () => {
    expect(printable('a\tb\u001b[31m\u0000\u202e\u0096é')).toBe('a\\tb\\u001b[31m\\u0000\\u202e\\u0096é');
  });
  it('truncates by characters, not by UTF-16 units', () => {
    expect(truncate('😀😀😀', 2)).toBe('😀…');
    expect(truncate('abc', 3)).toBe('abc');
  });
  it('wraps words and keeps the indentation of the first line', () => {
    expect(wrap('  aa bb cc dd', 7, '    ')).toBe('  aa bb\n    cc\n    dd');
    expect(wrap('one  line', Number.POSITIVE_INFINITY)).toBe('one line');
  });
});
