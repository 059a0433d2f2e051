const LF = 0x0a;
const CR = 0x0d;
const BLANK = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
/** Stands for a raw line break inside a string, where JSON has none: a reader refuses the record, and only this one. */
const SUBSTITUTE = 0x1a;

/** Puts a record on one line, in place: line breaks between values are white space and become blanks. */
export function toOneLine(record: Buffer): void {
  if (!record.includes(LF) && !record.includes(CR)) return;
  let inString = false;
  for (let at = 0; at < record.length; at += 1) {
    const byte = record[at] as number;
    if (byte === LF || byte === CR) record[at] = inString ? SUBSTITUTE : BLANK;
    else if (byte === QUOTE) inString = !inString;
    else if (inString && byte === BACKSLASH) at += 1;
  }
}

/**
 * Calls `onKey` with each key of the outermost object of a record, as it stands between its quotes, and with the index at which
 * its value begins (white space possible). Nothing for a record that is no object.
 */
export function scanKeys(record: Buffer, onKey: (start: number, end: number, value: number) => void): void {
  let depth = 0;
  for (let at = 0; at < record.length; at += 1) {
    const byte = record[at] as number;
    if (byte === QUOTE) {
      const end = stringEnd(record, at + 1);
      if (depth === 1) {
        let next = end + 1;
        while ((record[next] ?? COLON) <= BLANK) next += 1;
        if (record[0] === 0x7b && record[next] === COLON) onKey(at + 1, end, next + 1);
      }
      at = end;
    } else if (byte === 0x7b || byte === 0x5b) depth += 1;
    else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
}

/** Index of the quote that ends a string whose text begins at `from`. */
function stringEnd(record: Buffer, from: number): number {
  let at = from;
  for (; at < record.length; at += 1) {
    const byte = record[at];
    if (byte === QUOTE) break;
    if (byte === BACKSLASH) at += 1;
  }
  return at;
}

/** What the text between two quotes means; as it stands where that is nothing. */
export function textBetween(record: Buffer, start: number, end: number): string {
  const raw = record.toString('utf8', start, end);
  if (!raw.includes('\\')) return raw;
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}

/** The text that begins at `at`, after white space; null for a value that is no text. */
export function stringAt(record: Buffer, at: number): string | null {
  let start = at;
  while ((record[start] ?? QUOTE) <= BLANK) start += 1;
  return record[start] === QUOTE ? textBetween(record, start + 1, stringEnd(record, start + 1)) : null;
}
