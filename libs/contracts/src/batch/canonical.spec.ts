import { columnRenderer, csvRecord, publishedRow, readVerbatim, recordLine } from './canonical';

const formats = ['M/D/YYYY', 'M/D/YYYY h:mm:ss A'];

describe('columnRenderer', () => {
  it.each([
    ['text', ' 00572', ' 00572'],
    ['text', null, ''],
    ['integer', '-407200', '-407200'],
    ['decimal', '28.64980917', '28.64980917'],
    ['boolean', 't', 'true'],
    ['boolean', 'false', 'false'],
    ['date', '2015-06-06', '6/6/2015'],
    ['datetime', '2024-03-03 00:00:00', '3/3/2024'],
    ['datetime', '2024-03-03 00:01:00', '3/3/2024 12:01:00 AM'],
    ['datetime', '2024-03-09 23:59:00', '3/9/2024 11:59:00 PM'],
  ] as const)('renders %s %s as %s', (type, stored, text) => expect(columnRenderer(type, formats)(stored)).toBe(text));
});

describe('publishedRow', () => {
  it('prefers the verbatim text, the empty one included, and renders the rest', () => {
    const columns = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
    const renderers = columns.map(() => columnRenderer('text', formats));
    const verbatim = readVerbatim('{"a":"007","b":""}');
    expect(publishedRow(columns, renderers, ['7', 'x', null], verbatim)).toEqual(['007', '', '']);
  });

  it('is not fooled by columns named as parts of every object', () => {
    const columns = [{ name: 'constructor' }];
    expect(publishedRow(columns, [columnRenderer('text', formats)], ['x'], {})).toEqual(['x']);
  });
});

describe('csvRecord', () => {
  it('quotes what must be quoted', () => {
    expect(csvRecord(['a', 'b,c', '3-1/2" tbg', 'x\r\ny', ''])).toBe('a,"b,c","3-1/2"" tbg","x\r\ny",');
    expect(csvRecord(['a,b', 'c;d'], ';')).toBe('a,b;"c;d"');
  });

  it('does not turn a record of one empty value into an empty line', () => expect(csvRecord([''])).toBe('""'));
});

describe('recordLine', () => {
  const columns = ['period', 'value', 'source'].map((published) => ({ published }));
  const values = ['a,b', '', '{"period":"a,b"}'];
  const json = { reader: 'json', encoding: 'utf-8' } as const;

  it('is a CSV line where the publisher sends CSV', () => {
    const csv = { reader: 'csv', delimiter: ',', quote: '"', header: true, encoding: 'utf-8' } as const;
    expect(recordLine(csv, columns.slice(0, 2), values.slice(0, 2))).toBe('"a,b",');
  });

  it('is the record as it was received where a column holds it', () => {
    expect(recordLine({ ...json, record: 'source' }, columns, values)).toBe('{"period":"a,b"}');
  });

  it('is an object that reads the same where none does', () => {
    expect(recordLine({ ...json, record: null }, columns.slice(0, 2), values)).toBe('{"period":"a,b"}');
  });
});
