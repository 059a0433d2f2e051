import { loadCatalog } from '@freshet/catalog';
import type { ResourceFormat } from '@freshet/domain';
import { assertReaders, READERS, readerOf } from './registry';

/** A format, and a chunk of two records, for each: a new reader adds its own here. */
const CASES: { readonly [Name in ResourceFormat['reader']]: { format: ResourceFormat; chunk: string } } = {
  csv: {
    format: { reader: 'csv', delimiter: ',', quote: '"', header: true, encoding: 'utf-8' },
    chunk: '1,2\n"a ""b""",\n',
  },
  json: {
    format: { reader: 'json', encoding: 'utf-8', record: null },
    chunk: '{"a":1,"b":"2"}\n{"a":"a \\"b\\""}\n',
  },
};

describe('readers', () => {
  it('are there for every built-in definition', () => expect(() => assertReaders(loadCatalog().all())).not.toThrow());

  it('stop the start when a definition names one that is not there', () => {
    const [first] = loadCatalog().all();
    if (!first) throw new Error('no definitions');
    const resources = first.resources.map((entry) => ({
      ...entry,
      format: { ...CASES.json.format, reader: 'toString' } as unknown as ResourceFormat,
    }));
    expect(() => assertReaders([{ ...first, resources }])).toThrow(
      expect.objectContaining({ code: 'definition_invalid' }),
    );
  });

  describe.each(Object.keys(READERS) as Array<ResourceFormat['reader']>)('%s', (name) => {
    const { format, chunk } = CASES[name];
    const reader = readerOf(format, ['a', 'b']);
    const read = (text: string): { rows: string[][]; records: string[] } => {
      const [rows, records]: [string[][], string[]] = [[], []];
      reader.read(text, (values, start, end) => {
        rows.push([...values]);
        records.push(text.slice(start, end));
      });
      return { rows, records };
    };

    it('gives every value of every record, and where it stands', () => {
      const rows = [
        ['1', '2'],
        ['a "b"', ''],
      ];
      expect(read(chunk)).toEqual({ rows, records: chunk.split('\n').slice(0, -1) });
    });

    it('gives nothing for an empty chunk', () => expect(read('').rows).toEqual([]));
    it('gives the same for the same chunk, however often', () => expect(read(chunk)).toEqual(read(chunk)));
  });
});
