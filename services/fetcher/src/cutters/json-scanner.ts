const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** What the bytes at hand are part of. */
export const ENVELOPE = 0;
/** Commas and white space between the elements of the array. */
export const BETWEEN = 1;
export const RECORD = 2;
export type Region = typeof ENVELOPE | typeof BETWEEN | typeof RECORD;

/** JSON's own white space, and what is below it and never stands outside a string. */
const isBlank = (byte: number): boolean => byte <= 0x20;

/**
 * Finds, in the bytes of a JSON document that arrive in pieces of any size, the elements of the array at `path` (the document
 * itself for an empty path). Looks at structure only: strings and their escapes, and how deep brackets are nested; whether an
 * element is proper JSON is for its reader to say. Only the first array at the path counts; a second one is envelope.
 */
export class JsonScanner {
  /** What the next byte is part of. */
  region: Region = ENVELOPE;
  found = false;
  private inString = false;
  private escaped = false;
  /** Open brackets: of the envelope, and of the record at hand. */
  private depth = 0;
  private recordDepth = 0;
  /** How many of the open brackets, from the outermost, lie on the path. */
  private onPath = 0;
  /** In an object on the path: whether the next string is a key, and the bytes of the last one. */
  private keyComes = false;
  private key: number[] = [];
  private collecting = false;

  constructor(private readonly path: readonly string[]) {}

  /** Whether the document stands complete: everything that was opened is closed. */
  get complete(): boolean {
    return this.depth <= 0 && !this.inString && this.region === ENVELOPE;
  }

  /**
   * Goes on from `from` until the region changes or the piece is used up, and gives the index reached: bytes before it are of
   * the region there was before the call. Region changes may leave the index where it is.
   */
  scan(piece: Buffer, from: number): number {
    if (this.region === ENVELOPE) return this.scanEnvelope(piece, from);
    return this.region === BETWEEN ? this.scanBetween(piece, from) : this.scanRecord(piece, from);
  }

  private scanEnvelope(piece: Buffer, from: number): number {
    for (let at = from; at < piece.length; at += 1) {
      const byte = piece[at] as number;
      if (this.inString) this.envelopeString(byte);
      else if (isBlank(byte)) continue;
      else if (byte === QUOTE) {
        this.inString = true;
        this.collecting = this.keyComes && this.depth === this.onPath;
        if (this.collecting) this.key = [];
      } else if (byte === COLON) {
        if (this.depth === this.onPath) this.keyComes = false;
      } else if (byte === COMMA) {
        if (this.depth === this.onPath) this.keyComes = true;
      } else if (byte === OPEN_LIST && this.atPathEnd()) {
        this.found = true;
        this.depth += 1;
        this.region = BETWEEN;
        return at + 1;
      } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        this.open(byte);
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        this.close();
      }
    }
    return piece.length;
  }

  private open(byte: number): void {
    const inside = this.depth === this.onPath && this.onPath < this.path.length && byte === OPEN_OBJECT;
    if (inside && (this.depth === 0 || this.keyIs(this.onPath - 1))) {
      this.onPath += 1;
      this.keyComes = true;
    }
    this.depth += 1;
  }

  private close(): void {
    if (this.depth === this.onPath && this.onPath > 0) this.onPath -= 1;
    this.depth -= 1;
  }

  /** Whether a value that begins here is the one the path leads to. */
  private atPathEnd(): boolean {
    if (this.found || this.depth !== this.onPath || this.onPath !== this.path.length) return false;
    return this.depth === 0 || this.keyIs(this.onPath - 1);
  }

  private keyIs(segment: number): boolean {
    const raw = Buffer.from(this.key).toString('utf8');
    if (raw === this.path[segment]) return true;
    return raw.includes('\\') && unescaped(raw) === this.path[segment];
  }

  private envelopeString(byte: number): void {
    if (this.escaped) this.escaped = false;
    else if (byte === BACKSLASH) this.escaped = true;
    else if (byte === QUOTE) {
      this.inString = false;
      this.collecting = false;
      return;
    }
    // A key on the path is short; one that is not needs no more than this to be told apart.
    if (this.collecting && this.key.length < MAX_KEY_BYTES) this.key.push(byte);
  }

  private scanBetween(piece: Buffer, from: number): number {
    for (let at = from; at < piece.length; at += 1) {
      const byte = piece[at] as number;
      if (isBlank(byte) || byte === COMMA) continue;
      if (byte === CLOSE_LIST) {
        this.region = ENVELOPE;
      } else {
        this.region = RECORD;
        this.recordDepth = 0;
      }
      return at;
    }
    return piece.length;
  }

  private scanRecord(piece: Buffer, from: number): number {
    for (let at = from; at < piece.length; at += 1) {
      const byte = piece[at] as number;
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (byte === BACKSLASH) this.escaped = true;
        else if (byte === QUOTE) {
          this.inString = false;
          if (this.recordDepth === 0) return this.recordEnd(at + 1);
        }
      } else if (byte === QUOTE) this.inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.recordDepth += 1;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        // The bracket that closes the array ends a bare value before it.
        if (this.recordDepth === 0) return this.recordEnd(at);
        this.recordDepth -= 1;
        if (this.recordDepth === 0) return this.recordEnd(at + 1);
      } else if (this.recordDepth === 0 && (byte === COMMA || isBlank(byte))) return this.recordEnd(at);
    }
    return piece.length;
  }

  private recordEnd(at: number): number {
    this.region = BETWEEN;
    return at;
  }
}

const MAX_KEY_BYTES = 4096;

function unescaped(raw: string): string | null {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return null;
  }
}
