import { COPY_NULL, escapeField } from '@freshet/contracts';
import fc from 'fast-check';
import { CopyBody } from './copy-body';

const line = (row: number, values: ReadonlyArray<string | null>): string =>
  `3\t${row}\t${COPY_NULL}${values.map((value) => `\t${value === null ? COPY_NULL : escapeField(value)}`).join('')}\n`;

describe('CopyBody', () => {
  it('finds any field of any line, in any order', () => {
    const value = fc.option(
      fc.string({ maxLength: 20, unit: fc.constantFrom('a', '\t', '\n', '\\', 'N', 'é', '–', '') }),
      { nil: null },
    );
    const rows = fc.array(fc.tuple(value, value, value), { maxLength: 8 });
    fc.assert(
      fc.property(rows, fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), (content, order) => {
        const bytes = Buffer.from(content.map((values, row) => line(row * 10, values)).join(''));
        const body = new CopyBody(bytes);
        const read: Array<Array<string | null>> = [];
        let end = 0;
        while (body.next()) {
          const values: Array<string | null> = [null, null, null];
          for (const index of order) values[index] = body.isNull(index) ? null : body.text(index);
          expect(body.row()).toBe(read.length * 10);
          expect(body.start).toBe(end);
          end = body.end;
          read.push(values);
        }
        expect(read).toEqual(content);
        expect(end).toBe(bytes.length);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses a body that is not as agreed', () => {
    const short = new CopyBody(Buffer.from('1\t2\t\\N\tx\n'));
    short.next();
    expect(() => short.isNull(1)).toThrow(expect.objectContaining({ code: 'message_invalid' }));
    expect(() => new CopyBody(Buffer.from('1\t2\t\\N\tx')).next()).toThrow(
      expect.objectContaining({ code: 'message_invalid' }),
    );
  });
});
