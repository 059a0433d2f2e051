import type { ByteBuffer } from './byte-buffer';
import { PIECE_ROWS, type PickleColumn } from './column';
import { isNullField } from './copy-lines';
import { get, OP } from './pickle-ops';
import { SLOT } from './slots';

const MICROS_PER_MILLI = 1000n;
const NOT_A_TIME = -(2n ** 63n);
const ISO = /^(\d{4,6})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/;

/** `datetime64[us]`, without a zone: the civil time as stored. Null, and what no such time can be, is NaT. */
export class DatetimeColumn implements PickleColumn {
  private readonly values = new BigInt64Array(PIECE_ROWS);
  private length = 0;

  addField(bytes: Buffer, start: number, end: number): void {
    this.values[this.length++] = isNullField(bytes, start, end)
      ? NOT_A_TIME
      : micros(bytes.toString('latin1', start, end));
  }

  addPublished(): void {
    throw new Error('a declared column takes stored values only');
  }

  emit(out: ByteBuffer): void {
    get(out, SLOT.frombuffer);
    out.wide(OP.BINBYTES, this.length * 8);
    out.append(new Uint8Array(this.values.buffer, 0, this.length * 8));
    get(out, SLOT.datetime);
    out.byte(OP.TUPLE2);
    out.byte(OP.REDUCE);
    this.length = 0;
  }
}

function micros(stored: string): bigint {
  const match = ISO.exec(stored);
  if (!match) return NOT_A_TIME;
  const part = (index: number): number => Number(match[index] ?? 0);
  const date = new Date(0);
  date.setUTCFullYear(part(1), part(2) - 1, part(3));
  date.setUTCHours(part(4), part(5), part(6));
  const time = date.getTime();
  return Number.isNaN(time) ? NOT_A_TIME : BigInt(time) * MICROS_PER_MILLI + BigInt((match[7] ?? '').padEnd(6, '0'));
}
