import type { ByteBuffer } from './byte-buffer';

/**
 * The opcodes of the pickle format that the writer uses (Python, Lib/pickletools.py). All of them exist since protocol 4,
 * which every Python that runs a current pandas reads.
 */
export const OP = {
  PROTO: 0x80,
  FRAME: 0x95,
  STOP: 0x2e,
  MARK: 0x28,
  POP: 0x30,
  REDUCE: 0x52,
  TUPLE1: 0x85,
  TUPLE2: 0x86,
  TUPLE3: 0x87,
  EMPTY_LIST: 0x5d,
  APPEND: 0x61,
  APPENDS: 0x65,
  EMPTY_DICT: 0x7d,
  SETITEMS: 0x75,
  STACK_GLOBAL: 0x93,
  BINGET: 0x68,
  BINPUT: 0x71,
  LONG_BINGET: 0x6a,
  LONG_BINPUT: 0x72,
  BININT: 0x4a,
  LONG1: 0x8a,
  BINFLOAT: 0x47,
  NEWTRUE: 0x88,
  NEWFALSE: 0x89,
  SHORT_BINUNICODE: 0x8c,
  BINUNICODE: 0x58,
  BINBYTES: 0x42,
} as const;

export const PROTOCOL = 4;

/** The opcode and length in front of a UTF-8 text. */
export function textHeader(out: ByteBuffer, bytes: number): void {
  if (bytes < 256) out.pair(OP.SHORT_BINUNICODE, bytes);
  else out.wide(OP.BINUNICODE, bytes);
}

export function text(out: ByteBuffer, value: string): void {
  const bytes = Buffer.from(value, 'utf8');
  textHeader(out, bytes.length);
  out.append(bytes);
}

/** A non-negative integer; row numbers pass 2³¹ in no file a frame is made of, but nothing here would break if they did. */
export function integer(out: ByteBuffer, value: number): void {
  if (value <= 0x7fffffff) {
    out.wide(OP.BININT, value);
    return;
  }
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  out.pair(OP.LONG1, 8);
  out.append(bytes);
}

export function float(out: ByteBuffer, value: number): void {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  out.byte(OP.BINFLOAT);
  out.append(bytes);
}

/** `module.name`, left on the stack and remembered under `slot`. */
export function global(out: ByteBuffer, module: string, name: string, slot: number): void {
  text(out, module);
  text(out, name);
  out.byte(OP.STACK_GLOBAL);
  put(out, slot);
}

export function put(out: ByteBuffer, slot: number): void {
  if (slot < 256) out.pair(OP.BINPUT, slot);
  else out.wide(OP.LONG_BINPUT, slot);
}

export function get(out: ByteBuffer, slot: number): void {
  if (slot < 256) out.pair(OP.BINGET, slot);
  else out.wide(OP.LONG_BINGET, slot);
}
