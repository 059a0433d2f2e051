import { isAscii } from 'node:buffer';

/** The byte order mark is a character of the record it stands in: the cutter has taken the one at the start of a member. */
const options = { fatal: true, ignoreBOM: true };

/** Null when `bytes` are not UTF-8. */
export function decodeUtf8(bytes: Buffer): string | null {
  if (isAscii(bytes)) return bytes.toString('latin1');
  try {
    return new TextDecoder('utf-8', options).decode(bytes);
  } catch {
    return null;
  }
}

/** One value out of a chunk that was read byte by byte (as ISO 8859-1) because part of it is not UTF-8; null for that part. */
export const redecodeUtf8 = (latin1: string): string | null => decodeUtf8(Buffer.from(latin1, 'latin1'));

/** For showing a record that cannot be decoded: what is readable, and U+FFFD for the rest. */
export const readableUtf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8');
