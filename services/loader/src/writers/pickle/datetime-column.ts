import type { ByteBuffer } from './byte-buffer';
import type { PickleColumn } from './column';
import { isNullField } from './copy-lines';
import { emitBytes } from './number-column';
import { Integers } from './number-values';
import { SLOT } from './slots';

/** How numpy marks a missing time. */
const NOT_A_TIME = String(-(2n ** 63n));
const ISO = /^(\d{4,6})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/;
const MICROS_PER_MILLI = 1000;

/** `datetime64[us]`, without a zone: the civil time as stored. Null, and what no such time can be, is NaT. */
export class DatetimeColumn implements PickleColumn {
  private readonly values = new Integers('int64');

  addField(bytes: Buffer, start: number, end: number): void {
    const micros = isNullField(bytes, start, end)
      ? null
      : (plainMicros(bytes, start, end) ?? anyMicros(bytes.toString('latin1', start, end)));
    if (micros === null) this.values.addText(NOT_A_TIME);
    else this.values.addSafeInteger(micros);
  }

  addPublished(): void {
    throw new Error('a declared column takes stored values only');
  }

  emit(out: ByteBuffer): void {
    emitBytes(out, this.values.take(), SLOT.datetime);
  }
}

/** `2024-03-09` or `2024-03-09 23:59:00`, of the years 1000 to 2199, in which a double holds the microseconds; else undefined. */
function plainMicros(bytes: Buffer, start: number, end: number): number | undefined {
  const length = end - start;
  if ((length !== 10 && length !== 19) || bytes[start + 4] !== 0x2d) return undefined;
  const two = (at: number): number => (bytes[start + at] as number) * 10 + (bytes[start + at + 1] as number) - 528;
  const year = two(0) * 100 + two(2);
  if (!(year >= 1000 && year < 2200)) return undefined;
  const time =
    length === 10 ? Date.UTC(year, two(5) - 1, two(8)) : Date.UTC(year, two(5) - 1, two(8), two(11), two(14), two(17));
  return time * MICROS_PER_MILLI;
}

function anyMicros(stored: string): number | null {
  const match = ISO.exec(stored);
  if (!match) return null;
  const part = (index: number): number => Number(match[index] ?? 0);
  const date = new Date(0);
  date.setUTCFullYear(part(1), part(2) - 1, part(3));
  date.setUTCHours(part(4), part(5), part(6));
  const micros = date.getTime() * MICROS_PER_MILLI + Number((match[7] ?? '').padEnd(6, '0'));
  return Number.isSafeInteger(micros) ? micros : null;
}
