import type { ByteBuffer } from './byte-buffer';
import { get, put } from './pickle-ops';

/** Memo slots of one column. */
export const TEXT_SLOTS = 1024;
const LONGEST = 64;

const SEEN = 1;
const REMEMBERED = 2;

/**
 * Lets values that repeat within a column refer to one object, as pandas does: smaller files, and much less memory for the
 * reader. A value is remembered when it is met a second time, in a slot its hash chooses; a slot is taken over by the next
 * value that hashes there, so writer and reader keep a fixed number of values whatever the row count.
 */
export class RepeatedTexts {
  private readonly state = new Uint8Array(TEXT_SLOTS);
  private readonly lengths = new Uint8Array(TEXT_SLOTS);
  private readonly contents = new Uint8Array(TEXT_SLOTS * LONGEST);

  constructor(private readonly firstSlot: number) {}

  /** Writes a reference when the value is remembered and returns true; otherwise `writeText` is called, and the value noted. */
  write(
    out: ByteBuffer,
    bytes: Uint8Array,
    start: number,
    end: number,
    writeText: (out: ByteBuffer, bytes: Uint8Array, start: number, end: number) => void,
  ): void {
    const length = end - start;
    if (length < 2 || length > LONGEST) {
      writeText(out, bytes, start, end);
      return;
    }
    let hash = 0x811c9dc5 ^ length;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
    const slot = (hash ^ (hash >>> 15)) & (TEXT_SLOTS - 1);
    if (!this.holds(slot, bytes, start, length)) {
      this.take(slot, bytes, start, end);
      writeText(out, bytes, start, end);
    } else if (this.state[slot] === REMEMBERED) {
      get(out, this.firstSlot + slot);
    } else {
      writeText(out, bytes, start, end);
      put(out, this.firstSlot + slot);
      this.state[slot] = REMEMBERED;
    }
  }

  private holds(slot: number, bytes: Uint8Array, start: number, length: number): boolean {
    if (this.lengths[slot] !== length || this.state[slot] === 0) return false;
    const { contents } = this;
    const base = slot * LONGEST;
    for (let at = 0; at < length; at++) if (contents[base + at] !== bytes[start + at]) return false;
    return true;
  }

  private take(slot: number, bytes: Uint8Array, start: number, end: number): void {
    const { contents } = this;
    let to = slot * LONGEST;
    for (let at = start; at < end; at++) contents[to++] = bytes[at] as number;
    this.lengths[slot] = end - start;
    this.state[slot] = SEEN;
  }
}
