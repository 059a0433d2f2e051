const NEWLINE = 0x0a;
const TAB = 0x09;
const BACKSLASH = 0x5c;
const LETTER_N = 0x4e;

/**
 * Lines and fields of COPY text out of buffers that end anywhere. The fields of the current line lie in `bytes` between
 * `starts[i]` and `ends[i]`, still escaped, and are valid until the next call. Memory: one line and one buffer.
 */
export class CopyLines {
  bytes: Buffer = Buffer.alloc(0);
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  fields = 0;
  /** Bytes of the current line. */
  length = 0;
  private at = 0;
  private incomplete: Buffer[] = [];

  feed(buffer: Buffer): void {
    const rest = this.at < this.bytes.length ? [this.bytes.subarray(this.at)] : [];
    this.incomplete.push(...rest);
    this.at = 0;
    if (this.incomplete.length === 0) {
      this.bytes = buffer;
    } else if (buffer.includes(NEWLINE)) {
      this.bytes = Buffer.concat([...this.incomplete, buffer]);
      this.incomplete = [];
    } else {
      // A line longer than a buffer is joined once, when its end has come, not once a buffer.
      this.incomplete.push(buffer);
      this.bytes = Buffer.alloc(0);
    }
  }

  /** Steps to the next complete line; false when more input is needed. */
  next(): boolean {
    const { bytes } = this;
    const end = bytes.indexOf(NEWLINE, this.at);
    if (end < 0) return false;
    let field = 0;
    let start = this.at;
    for (let at = start; at < end; at++) {
      if (bytes[at] !== TAB) continue;
      this.setField(field++, start, at);
      start = at + 1;
    }
    this.setField(field++, start, end);
    this.fields = field;
    this.length = end - this.at;
    this.at = end + 1;
    return true;
  }

  /** Whether the input ended inside a line. */
  get truncated(): boolean {
    return this.at < this.bytes.length || this.incomplete.length > 0;
  }

  private setField(field: number, start: number, end: number): void {
    if (field === this.starts.length) {
      this.starts = grown(this.starts);
      this.ends = grown(this.ends);
    }
    this.starts[field] = start;
    this.ends[field] = end;
  }
}

function grown(offsets: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(offsets.length * 2);
  larger.set(offsets);
  return larger;
}

/** Whether the field is `\N`. */
export const isNullField = (bytes: Buffer, start: number, end: number): boolean =>
  end - start === 2 && bytes[start] === BACKSLASH && bytes[start + 1] === LETTER_N;

export function hasEscape(bytes: Buffer, start: number, end: number): boolean {
  if (end - start > 64) return bytes.subarray(start, end).includes(BACKSLASH);
  for (let at = start; at < end; at++) if (bytes[at] === BACKSLASH) return true;
  return false;
}
