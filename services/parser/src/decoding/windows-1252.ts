import { isAscii } from 'node:buffer';

/**
 * windows-1252 as the WHATWG Encoding Standard has it: ISO 8859-1 but for 0x80 to 0x9F, of which the five bytes that
 * windows-1252 leaves open become the control characters of the same number, so that no byte is ever lost.
 *
 * Written out because `TextDecoder('windows-1252')` is wrong for these bytes on Node 20 when given a whole buffer.
 */
const HIGH =
  '\u20AC\u0081\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u008D\u017D\u008F' +
  '\u0090\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u009D\u017E\u0178';

const C1 = /[\u0080-\u009F]/g;

export function decodeWindows1252(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  return isAscii(bytes) ? text : text.replace(C1, (character) => HIGH.charAt(character.charCodeAt(0) - 0x80));
}
