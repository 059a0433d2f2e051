import fc from 'fast-check';
import { columnRenderer, escapeField, splitLine } from '@freshet/contracts';
import { ByteBuffer } from './byte-buffer';
import { pandasColumnNames } from './column-names';
import { CopyLines } from './copy-lines';
import { OP, textHeader } from './pickle-ops';
import { fastDateWriter, PUBLISHED_DATE_BYTES } from './published-dates';
import { RepeatedTexts, TEXT_SLOTS } from './repeated-texts';

describe('pandasColumnNames', () => {
  it.each([
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [
      ['a', 'a', 'a'],
      ['a', 'a.1', 'a.2'],
    ],
    [
      ['a', 'a', 'a.1'],
      ['a', 'a.2', 'a.1'],
    ],
    [
      ['', 'a', ''],
      ['Unnamed: 0', 'a', 'Unnamed: 2'],
    ],
  ])('%j', (header, names) => {
    expect(pandasColumnNames(header)).toEqual(names);
  });
});

describe('CopyLines', () => {
  it('finds the same lines wherever the buffers end', () => {
    const field = fc.string({ unit: fc.constantFrom('a', 'é', '\t', '\n', '\\', '😀', ''), maxLength: 5 });
    const rows = fc.array(fc.array(field, { minLength: 1, maxLength: 70 }), { maxLength: 6 });
    fc.assert(
      fc.property(rows, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (table, sizes) => {
        const bytes = Buffer.from(table.map((row) => row.map(escapeField).join('\t') + '\n').join(''));
        const lines = new CopyLines();
        const found: Array<Array<string | null>> = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          lines.feed(bytes.subarray(at, at + size));
          at += size;
          while (lines.next()) {
            const fields = Array.from({ length: lines.fields }, (_, index) =>
              lines.bytes.toString('utf8', lines.starts[index], lines.ends[index]),
            );
            found.push(splitLine(fields.join('\t')));
          }
        }
        expect(found).toEqual(table);
        expect(lines.truncated).toBe(false);
      }),
    );
  });

  it('notices an input that ends inside a line', () => {
    const lines = new CopyLines();
    lines.feed(Buffer.from('1\t2\n3'));
    expect(lines.next()).toBe(true);
    expect(lines.next()).toBe(false);
    expect(lines.truncated).toBe(true);
    lines.feed(Buffer.from('4'));
    expect(lines.truncated).toBe(true);
  });
});

describe('fastDateWriter', () => {
  const formats = ['M/D/YYYY', 'M/D/YYYY h:mm:ss A'];
  const two = (value: number): string => String(value).padStart(2, '0');
  const moment = fc
    .tuple(
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 31 }),
      fc.integer({ min: 0, max: 23 }),
      fc.constantFrom(0, 1, 30, 59),
      fc.constantFrom(0, 59),
    ) // prettier-ignore
    .map(([year, month, day, hour, minute, second]) => ({
      date: `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`,
      time: `${two(hour)}:${two(minute)}:${two(second)}`,
    }));

  it('writes what the renderer of the contracts renders', () => {
    const to = Buffer.alloc(PUBLISHED_DATE_BYTES);
    const written = (stored: string, withTime: boolean): string => {
      const bytes = Buffer.from(`|${stored}|`);
      const length = fastDateWriter(formats, withTime)?.(bytes, 1, bytes.length - 1, to) ?? -1;
      return to.toString('latin1', 0, length);
    };
    fc.assert(
      fc.property(moment, ({ date, time }) => {
        expect(written(date, false)).toBe(columnRenderer('date', formats)(date));
        expect(written(`${date} ${time}`, true)).toBe(columnRenderer('datetime', formats)(`${date} ${time}`));
      }),
    );
  });

  it('leaves other layouts and other shapes to the renderer', () => {
    expect(fastDateWriter(['YYYY-MM-DD'], false)).toBeNull();
    expect(fastDateWriter(['M/D/YYYY', 'M/D/YYYY HH:mm'], true)).toBeNull();
    const odd = Buffer.from('12024-01-01');
    expect(fastDateWriter(formats, false)?.(odd, 0, odd.length, Buffer.alloc(32))).toBe(-1);
  });
});

describe('RepeatedTexts', () => {
  const writeText = (out: ByteBuffer, bytes: Uint8Array, start: number, end: number): void => {
    textHeader(out, end - start);
    out.append(bytes, start, end);
  };
  /** Reads texts and references the way an unpickler does. */
  function decode(bytes: Buffer): string[] {
    const memo = new Map<number, string>();
    const found: string[] = [];
    for (let at = 0; at < bytes.length;) {
      const opcode = bytes[at++];
      if (opcode === OP.SHORT_BINUNICODE) {
        const length = bytes[at] ?? 0;
        found.push(bytes.toString('utf8', at + 1, at + 1 + length));
        at += 1 + length;
      } else {
        const slot = bytes.readUInt32LE(at);
        at += 4;
        if (opcode === OP.LONG_BINPUT) memo.set(slot, found.at(-1) ?? '');
        else found.push(memo.get(slot) ?? `no slot ${slot}`);
      }
    }
    return found;
  }

  it('reads back as what was written, with many more values than slots', () => {
    const repeated = new RepeatedTexts(1000);
    const out = new ByteBuffer();
    const texts = Array.from({ length: 20_000 }, (_, at) => `value ${(at * at) % 7919 % (at % 3 ? 50 : 5000)}`); // prettier-ignore
    for (const text of texts) {
      const bytes = Buffer.from(text);
      repeated.write(out, bytes, 0, bytes.length, writeText);
    }
    expect(decode(Buffer.from(out.view()))).toEqual(texts);
    const plain = texts.reduce((sum, text) => sum + text.length + 2, 0);
    expect(out.length).toBeLessThan(plain * 0.8);
    expect(TEXT_SLOTS).toBeLessThan(5000);
  });
});
