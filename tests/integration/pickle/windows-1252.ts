const HIGH = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** Every byte that is a character in Python's cp1252; 81, 8D, 8F, 90 and 9D are none there. */
export const CP1252_LETTERS = [...Array(256).keys()]
  .filter((byte) => byte >= 32 && ![0x7f, 0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(byte))
  .map((byte) => (byte >= 0x80 && byte < 0xa0 ? HIGH[byte - 0x80] : String.fromCharCode(byte)) ?? '')
  .join('');

export function encodeWindows1252(text: string): Buffer {
  return Buffer.from(
    [...text].map((letter) => {
      const high = HIGH.indexOf(letter);
      const byte = high >= 0 ? high + 0x80 : letter.charCodeAt(0);
      if (byte > 255) throw new Error(`no windows-1252 character: ${letter}`);
      return byte;
    }),
  );
}

/** A member as the exporter writes it: everything quoted, CRLF. */
export const rawCsv = (header: readonly string[], records: ReadonlyArray<readonly string[]>): string =>
  [header, ...records]
    .map((record) => record.map((text) => `"${text.replaceAll('"', '""')}"`).join(',') + '\r\n')
    .join('');
