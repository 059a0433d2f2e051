/** Bytes above which an emptied buffer gives its memory back: one huge value must not be paid for until the end of the file. */
const KEEP_BYTES = 1 << 20;

/** A buffer that grows, is emptied and filled again. */
export class ByteBuffer {
  private bytes: Buffer;
  length = 0;

  constructor(private readonly initialBytes = 4096) {
    this.bytes = Buffer.allocUnsafe(initialBytes);
  }

  private room(extra: number): void {
    const needed = this.length + extra;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  byte(value: number): void {
    this.room(1);
    this.bytes[this.length++] = value;
  }

  /** An opcode and its one-byte argument. */
  pair(opcode: number, argument: number): void {
    this.room(2);
    this.bytes[this.length++] = opcode;
    this.bytes[this.length++] = argument;
  }

  /** An opcode and its four-byte, little-endian argument. */
  wide(opcode: number, argument: number): void {
    this.room(5);
    this.bytes[this.length++] = opcode;
    this.length = this.bytes.writeUInt32LE(argument, this.length);
  }

  append(source: Uint8Array, start = 0, end = source.length): void {
    const size = end - start;
    this.room(size);
    // Below some dozens of bytes a loop beats the call into native code.
    if (size < 32) {
      const { bytes } = this;
      let to = this.length;
      for (let at = start; at < end; at++) bytes[to++] = source[at] as number;
    } else {
      this.bytes.set(source.subarray(start, end), this.length);
    }
    this.length += size;
  }

  appendBuffer(source: ByteBuffer): void {
    this.append(source.bytes, 0, source.length);
  }

  /** What was written so far; valid until the next write. */
  view(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
    if (this.bytes.length > KEEP_BYTES) this.bytes = Buffer.allocUnsafe(this.initialBytes);
  }
}
