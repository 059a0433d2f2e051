import { createHash } from 'node:crypto';
import { checksumOf } from '@freshet/contracts';
import { FreshetError } from '@freshet/domain';
import fc from 'fast-check';
import type { CutChunk, CutTotals } from './cutter';
import { JsonArrayCutter, type JsonCutOptions } from './json-array-cutter';

const options: JsonCutOptions = {
  chunkBytes: 64,
  maxRecordBytes: 4096,
  resource: 'r',
  path: ['response', 'data'],
  columns: ['period', 'value', 'source'],
  record: 'source',
};

interface Cut {
  readonly chunks: CutChunk[];
  readonly totals: CutTotals;
  readonly envelope: string;
  readonly found: boolean;
  readonly tally: Record<string, number>;
}

function cut(input: string | readonly Buffer[], over: Partial<JsonCutOptions> = {}): Cut {
  const cutter = new JsonArrayCutter({ ...options, ...over });
  const pieces = typeof input === 'string' ? [Buffer.from(input)] : input;
  const chunks = [...pieces.flatMap((piece) => [...cutter.push(piece)]), ...cutter.end()];
  const tally = Object.fromEntries(cutter.tally());
  return { chunks, totals: cutter.totals(), envelope: cutter.envelope(), found: cutter.found, tally };
}

const lines = ({ chunks }: Cut): string[] =>
  chunks.flatMap((chunk) => chunk.body.toString('utf8').split('\n').slice(0, -1));
const answer = (data: string): string => `{"response":{"total":"2","data":${data},"x":[1]},"apiVersion":"2.1.8"}`;

function failureOf(act: () => unknown): FreshetError {
  try {
    act();
  } catch (error) {
    if (error instanceof FreshetError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the json array cutter', () => {
  it('gives the elements as they are, one a line, and all else as the envelope', () => {
    const made = cut(answer('[{"period":"a","value":.3} ,\n {"period":"b","value":1263.6001}]'));
    expect(lines(made)).toEqual(['{"period":"a","value":.3}', '{"period":"b","value":1263.6001}']);
    expect(made.envelope).toBe(answer('[]'));
    expect(made.totals).toMatchObject({ chunks: 1, records: 2, bytes: 59 });
  });

  it('hashes the document as it was received, and each chunk', () => {
    const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');
    const made = cut(answer('[ {"a":1} ]'));
    expect(made.totals.sha256).toBe(sha256(answer('[ {"a":1} ]')));
    expect(made.chunks[0]?.checksum).toBe(checksumOf(Buffer.from('{"a":1}\n')));
  });

  it.each([
    ['brackets, commas and escaped quotes in strings', '[{"a":"]},{\\"","b":"\\\\"},{"a":"[{"}]', 2],
    ['lists and objects in elements', '[{"a":[{"b":[]},[]],"c":{"d":{}}},[[1],[2]]]', 2],
    ['bare values', '[1, -.5,null ,"x,]",true]', 5],
    ['a number that the end of the list ends', '[1]', 1],
    ['nothing at all', '[ \n]', 0],
  ])('finds the ends of %s', (_, data, records) => {
    const made = cut(answer(data));
    expect([made.totals.records, made.envelope]).toEqual([records, answer('[]')]);
    expect(lines(made).map((line) => JSON.parse(line.replace('-.5', '-0.5')) as unknown)).toHaveLength(records);
  });

  it('puts a record on one line, whatever white space it came with', () => {
    const pretty = JSON.stringify({ response: { data: [{ period: 'a\n', value: null }] } }, null, 2);
    const [line = ''] = lines(cut(pretty.replaceAll('\n', '\r\n')));
    expect(JSON.parse(line)).toEqual({ period: 'a\n', value: null });
    expect(line).toMatch(/^\{ +"period": "a\\n", +"value": null +\}$/);
  });

  it('does not make proper what is not: a line break inside a string stays something a reader refuses', () => {
    const [line = ''] = lines(cut(answer('[{"period":"a\nb"}]')));
    expect(line).toBe('{"period":"a\u001ab"}');
    expect(() => JSON.parse(line) as unknown).toThrow();
  });

  it.each([
    [
      'another list of the same name, elsewhere',
      '{"data":[1],"x":{"response":{"data":[2]}},"response":{"data":[3]}}',
      '3',
    ],
    ['a list of lists on the way', '{"response":[{"data":[1]}]}', null],
    ['a value of the same name that is no list', '{"response":{"data":"[1]"}}', null],
    ['a text that looks like the key', '{"a":"response","response":{"a":"data","data":[4]}}', '4'],
    ['escapes in keys', '{"resp\\u006fnse":{"\\u0064ata":[5]}}', '5'],
    ['a second list at the path', '{"response":{"data":[6],"data":[7]}}', '6'],
  ])('is not misled by %s', (_, document, first) => {
    const made = cut(document);
    expect([lines(made)[0] ?? null, made.found]).toEqual([first, first !== null]);
    expect(made.totals.records).toBe(first === null ? 0 : 1);
  });

  it('takes the document itself for the list where the path is empty', () => {
    const made = cut('\ufeff [{"a":1},{"a":2}]\n', { path: [] });
    expect(lines(made)).toEqual(['{"a":1}', '{"a":2}']);
    expect(made.envelope.trim()).toBe('[]');
  });

  it('has in the header of a chunk the columns its records have, the whole record, and then what nobody declared', () => {
    const made = cut(answer('[{"new":1,"value":1,"period":"a"},{"value":2},{"pe\\u0072iod":"b"}]'), { chunkBytes: 30 });
    expect(made.chunks.map(({ header }) => header)).toEqual([
      ['period', 'value', 'source', 'new'],
      ['period', 'value', 'source'],
    ]);
    expect(made.totals.header).toEqual(['period', 'value', 'source', 'new']);
    expect(cut(answer('[]')).totals.header).toEqual([]);
    expect(cut(answer('[{"source":"theirs","n":{"value":1}}]')).totals.header).toEqual(['source', 'n']);
    expect(cut(answer('[{"value":1}]'), { record: null }).totals.header).toEqual(['value']);
  });

  it('counts the values of one key', () => {
    const data = '[{"period":"a"},{"value":1,"period" : "b"},{"period":"a"},{"period":null},{"x":{"period":"c"}}]';
    expect(cut(answer(data), { tally: 'period' }).tally).toEqual({ a: 2, b: 1 });
  });

  it('goes on counting chunks where another document ended', () => {
    const made = cut(answer('[{"a":1},{"a":2}]'), { firstChunk: 7, chunkBytes: 1 });
    expect(made.chunks.map(({ index }) => index)).toEqual([7, 8]);
    expect(made.totals.chunks).toBe(2);
  });

  it('names a record that is too large, with its offset', () => {
    const document = answer(`[{"a":1},{"a":"${'x'.repeat(50)}"}]`);
    for (const at of [0, 45, 60]) {
      const pieces = [Buffer.from(document.slice(0, at)), Buffer.from(document.slice(at))];
      const failure = failureOf(() => cut(pieces, { maxRecordBytes: 40 }));
      expect(failure.code).toBe('record_too_large');
      expect(failure.attributes).toMatchObject({ offset: document.indexOf('{"a":"x'), record: 2 });
    }
  });

  it('names a document that ends in its middle, wherever that is', () => {
    const document = answer('[{"a":"b"},2]');
    for (let length = 1; length < document.length; length += 1) {
      expect(failureOf(() => cut(document.slice(0, length))).code).toBe('payload_incomplete');
    }
  });

  it('does not keep an envelope without end', () => {
    const failure = failureOf(() => cut(`{"x":"${'y'.repeat(100)}"}`, { maxEnvelopeBytes: 64 }));
    expect(failure.code).toBe('payload_too_large');
  });

  const value = fc.jsonValue({ maxDepth: 3 });
  const documents = fc.tuple(
    fc.array(value, { maxLength: 20 }),
    fc.dictionary(fc.string(), value, { maxKeys: 3 }),
    fc.dictionary(fc.string(), value, { maxKeys: 3 }),
    fc.constantFrom(undefined, 1, '\t'),
  );
  type Drawn = [unknown[], Record<string, unknown>, Record<string, unknown>, number | string | undefined];
  const write = ([data, before, after, indent]: Drawn): { text: string; around: unknown } => {
    const around = { ...before, response: { ...after, data: [] as unknown[] } };
    return { text: JSON.stringify({ ...around, response: { ...after, data } }, null, indent), around };
  };

  it('gives what a parser gives, element by element', () => {
    fc.assert(
      fc.property(documents, (drawn) => {
        const { text, around } = write(drawn);
        const made = cut(text);
        expect(lines(made).map((line) => JSON.parse(line) as unknown)).toEqual(
          (JSON.parse(text) as { response: { data: unknown[] } }).response.data,
        );
        expect(JSON.parse(made.envelope)).toEqual(JSON.parse(JSON.stringify(around)));
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same chunks however the input is split', () => {
    fc.assert(
      fc.property(
        documents,
        fc.array(fc.nat(), { maxLength: 8 }),
        fc.integer({ min: 1, max: 200 }),
        (drawn, at, chunkBytes) => {
          const bytes = Buffer.from(write(drawn).text);
          const whole = cut([bytes], { chunkBytes });
          const places = [...new Set([0, ...at.map((place) => place % (bytes.length + 1)), bytes.length])].sort(
            (a, b) => a - b,
          );
          const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
          expect(cut(pieces, { chunkBytes })).toEqual(whole);
          expect(
            cut(
              [...bytes].map((byte) => Buffer.from([byte])),
              { chunkBytes },
            ),
          ).toEqual(whole);
        },
      ),
      { numRuns: 200 },
    );
  });
});
