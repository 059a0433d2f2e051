import { loadCatalog } from '@freshet/catalog';
import { assertReaders, READERS } from './registry';

describe('readers', () => {
  it('are there for every built-in definition', () => expect(() => assertReaders(loadCatalog().all())).not.toThrow());

  it('stop the start when a definition names one that is not there', () => {
    const [first] = loadCatalog().all();
    if (!first) throw new Error('no definitions');
    const resources = first.resources.map((entry) => ({
      ...entry,
      format: { ...entry.format, reader: 'toString' as 'csv' },
    }));
    expect(() => assertReaders([{ ...first, resources }])).toThrow(
      expect.objectContaining({ code: 'definition_invalid' }),
    );
  });

  describe.each(Object.entries(READERS))('%s', (_, create) => {
    const read = (text: string): string[][] => {
      const rows: string[][] = [];
      create({ reader: 'csv', delimiter: ',', quote: '"', header: true, encoding: 'utf-8' }).read(
        text,
        (values, start, end) => {
          expect(end).toBeGreaterThanOrEqual(start);
          rows.push([...values]);
        },
      );
      return rows;
    };

    it('gives nothing for an empty chunk', () => expect(read('')).toEqual([]));
    it('gives the same for the same chunk, however often', () => expect(read('1,2\n')).toEqual(read('1,2\n')));
  });
});
