import { createHash } from 'node:crypto';
import { checksumOf } from '@freshet/contracts';
import { FreshetError, type CsvFormat } from '@freshet/domain';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { CsvCutter } from './csv-cutter';
import type { CutChunk, CutOptions, CutTotals } from './cutter';

const format: CsvFormat = { reader: 'csv', delimiter: ',', quote: '"', header: true, encoding: 'windows-1252' };
const options: CutOptions = { chunkBytes: 64, maxRecordBytes: 4096, resource: 'r' };

function cut(
  pieces: readonly Buffer[],
  over: Partial<CsvFormat & CutOptions> = {},
): { chunks: CutChunk[]; totals: CutTotals } {
  const cutter = new CsvCutter({ ...format, ...over }, { ...options, ...over });
  const chunks = [...pieces.flatMap((piece) => [...cutter.push(piece)]), ...cutter.end()];
  return { chunks, totals: cutter.totals() };
}

const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const bodies = (chunks: readonly CutChunk[]): string[] => chunks.map((chunk) => chunk.body.toString('latin1'));

function failureOf(act: () => unknown): FreshetError {
  try {
    act();
  } catch (error) {
    if (error instanceof FreshetError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** `bytes` split at the given places. */
function split(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [...new Set([0, ...at.map((place) => place % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

describe('the csv cutter', () => {
  it('takes the header record off and gives it, decoded, with every chunk', () => {
    const { chunks, totals } = cut([text('"A","B \x96"\r\n1,2\r\n3,4\r\n')], { chunkBytes: 1 });
    expect(bodies(chunks)).toEqual(['1,2\r\n', '3,4\r\n']);
    expect(chunks.map((chunk) => chunk.header)).toEqual([
      ['A', 'B –'],
      ['A', 'B –'],
    ]);
    expect(totals).toMatchObject({ chunks: 2, records: 2, bytes: 10, header: ['A', 'B –'] });
  });

  it('hashes the whole member and each chunk', () => {
    const all = text('A\r\n1\r\n');
    const { chunks, totals } = cut([all]);
    const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
    expect(totals.sha256).toBe(sha256(all));
    expect(chunks[0]?.checksum).toBe(checksumOf(text('1\r\n')));
  });

  it.each([
    ['line ends inside quotes', 'A,B\n"x\r\ny",1\n"p\nq",2\n', 2],
    ['doubled quotes', 'A,B\n"3-1/2"" tbg\n",1\n"""",2\n', 2],
    ['a quote in the middle of an unquoted field', 'A,B\n5" pipe,1\n6" pipe,2\n', 2],
    ['characters after a closing quote', 'A,B\n"x"y"z,1\n2,3\n', 2],
    ['a last record without line end', 'A\n1\n2', 2],
    ['a last record that is an empty quoted field', 'A\n1\n""', 2],
    ['mixed line ends', 'A\r\n1\n2\r\n3', 3],
    ['empty lines', '\r\nA\n\n1\r\n\r\n\n2\n\n', 2],
    ['a lone carriage return', 'A\n1\r2\n3\n', 2],
  ])('counts records with %s', (_, input, records) => {
    expect(cut([text(input)]).totals.records).toBe(records);
    expect(cut([text(input)], { chunkBytes: 1 }).chunks).toHaveLength(records);
  });

  it('cuts nothing from an empty member or a header alone', () => {
    expect(cut([]).totals).toMatchObject({ chunks: 0, records: 0, bytes: 0, header: [] });
    expect(cut([text('A,B')]).totals).toMatchObject({ chunks: 0, records: 0, header: ['A', 'B'] });
    expect(cut([text('A,B\r\n\r\n')]).totals).toMatchObject({ chunks: 0, records: 0, bytes: 0 });
  });

  it('leaves a byte order mark out of the first column of UTF-8, wherever it is split', () => {
    const all = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('"Ä",B\n1,2\n')]);
    for (let at = 0; at <= 4; at += 1) {
      const { chunks, totals } = cut(split(all, [at]), { encoding: 'utf-8' });
      expect(totals.header).toEqual(['Ä', 'B']);
      expect(bodies(chunks)).toEqual(['1,2\n']);
    }
    expect(cut([Buffer.from('1')], { encoding: 'utf-8', header: false }).totals.records).toBe(1);
  });

  it('has no header where the format has none', () => {
    const { chunks } = cut([text('1\n2\n')], { header: false });
    expect(chunks).toMatchObject([{ records: 2, header: [] }]);
  });

  it('holds no more of endless empty lines than a chunk', () => {
    const empty = Array.from({ length: 100 }, () => text('\r\n'.repeat(50)));
    const { chunks, totals } = cut([text('A\r\n1\r\n'), ...empty, text('2\r\n')]);
    expect(bodies(chunks)).toEqual([`1\r\n${'\r\n'.repeat(31)}`, '2\r\n']);
    expect(totals).toMatchObject({ chunks: 2, records: 2, bytes: 68 });
  });

  it('names a record that is too large, with its offset', () => {
    const input = text(`A\n1\n${'x'.repeat(50)}\n`);
    for (const pieces of [[input], split(input, [3, 20, 40])]) {
      const failure = failureOf(() => cut(pieces, { maxRecordBytes: 40 }));
      expect(failure.code).toBe('record_too_large');
      expect(failure.attributes).toMatchObject({ offset: 4, record: 2 });
    }
  });

  it('names a quote that never closes, with its offset', () => {
    const failure = failureOf(() => cut([text('A,B\n1,2\n3,"4\n5,6\n')]));
    expect(failure.code).toBe('unclosed_quote');
    expect(failure.attributes).toMatchObject({ offset: 10, record: 2 });
  });

  const field = fc.oneof(
    fc.constantFrom('', '1', 'abc', '177184004401'),
    fc
      .string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', ' ', '\t'), maxLength: 12 })
      .map((value) => `"${value.replace(/"/g, '""')}"`),
  );
  const csv = fc
    .array(fc.tuple(fc.tuple(field, field, field), fc.constantFrom('\r\n', '\n')), { maxLength: 30 })
    .map((rows) => `A,B,C\r\n${rows.map(([fields, end]) => fields.join(',') + end).join('')}`);

  it('gives the same chunks however the input is split', () => {
    fc.assert(
      fc.property(
        csv,
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.integer({ min: 1, max: 200 }),
        (input, at, chunkBytes) => {
          const whole = cut([text(input)], { chunkBytes });
          expect(cut(split(text(input), at), { chunkBytes })).toEqual(whole);
          const single = [...text(input)].map((byte) => Buffer.from([byte]));
          expect(cut(single, { chunkBytes })).toEqual(whole);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('loses no byte and agrees with a csv reader on every chunk', () => {
    fc.assert(
      fc.property(csv, fc.integer({ min: 1, max: 200 }), (input, chunkBytes) => {
        const { chunks, totals } = cut([text(input)], { chunkBytes });
        expect(`A,B,C\r\n${bodies(chunks).join('')}`).toBe(input);
        const read = (value: string): string[][] =>
          parse(value, { record_delimiter: ['\r\n', '\n'], relax_column_count: true });
        const rows = chunks.map((chunk) => read(chunk.body.toString('latin1')));
        expect(rows.map((part) => part.length)).toEqual(chunks.map((chunk) => chunk.records));
        expect(rows.flat()).toEqual(read(input).slice(1));
        expect(totals.records).toBe(rows.flat().length);
      }),
      { numRuns: 300 },
    );
  });
});
