import type { Rng } from './random';
import { ODDITIES, SENTENCES } from './vocabulary';

/** Every byte from 0x80 up that windows-1252 assigns: one record of each free text holds them all. */
export const HIGH_BYTES = Array.from({ length: 128 }, (_, i) => i + 128)
  .filter((byte) => ![0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(byte))
  .map((byte) => String.fromCharCode(byte))
  .join('');

const sentence = (rng: Rng): string => {
  const parts = rng.pick(SENTENCES).split('#');
  let text = parts[0] as string;
  for (let i = 1; i < parts.length; i++) text += String(rng.int(1, 30_000)) + (parts[i] as string);
  return text;
};

/**
 * A report in paragraphs, as people typed it: CRLF between most paragraphs, bare LF between some, tabs, inch marks, blanks at
 * the end. `size` is the usual number of sentences; about one in two hundred is eight times as long (over 5,000 bytes).
 */
export function report(rng: Rng, size: number): string {
  const sentences = rng.int(1, size * 2) * (rng.chance(0.005) ? 8 : 1);
  const newline = rng.chance(0.75) ? '\r\n' : '\n';
  let text = `${rng.int(1, 12)}/${rng.int(1, 28)}/${rng.int(10, 26)} - `;
  for (let i = 0; i < sentences; i++) {
    text += sentence(rng);
    const next = rng.next();
    if (next % 5 === 0) text += `${newline}${newline}${rng.int(1, 12)}/${rng.int(1, 28)}/${rng.int(10, 26)} - `;
    else text += ' ';
    if (next % 41 === 0) text += `${rng.pick(ODDITIES)} `;
  }
  return text;
}

/** Fixed records of a free text column, so that even the smallest archive holds every trap. */
export const TRAPS: ReadonlyMap<number, string> = new Map([
  [1, 'First line\r\nsecond line\r\n\r\nthird after a blank one'],
  [2, 'bare LF here\nand here\n'],
  [3, `all of windows-1252: ${HIGH_BYTES}`],
  [4, '9-5/8" casing, "quoted" words, a comma, and a quote at the end"'],
  [5, '"'],
  [6, 'tab\tseparated\tcells \xa0 '],
  [7, 'N/A'],
  [8, 'x'.repeat(100) + ODDITIES.join(' | ')],
  [9, ' leading and trailing blanks  '],
  [10, '12345'],
]);
