/**
 * How the exporter writes a value. Text here is a "byte string": one character per byte of the file, so that 0x96 stands
 * for the windows-1252 en dash; `Buffer.from(text, 'latin1')` gives the bytes.
 */
import type { Rng } from './random';

/** Text and numbers are quoted, null is `""`. */
export const quoted = (value: string | number | null): string => (value === null ? '""' : `"${value}"`);

/** Free text may hold quotes, which are doubled. */
export const freeText = (value: string): string =>
  value.includes('"') ? `"${value.replaceAll('"', '""')}"` : `"${value}"`;

const DAY_MS = 86_400_000;
const days: string[] = [];

/** `M/D/YYYY` of a day counted from 1 January 1947, the oldest date in the real data. */
export function date(day: number): string {
  const known = days[day];
  if (known !== undefined) return known;
  const at = new Date(Date.UTC(1947, 0, 1) + day * DAY_MS);
  return (days[day] = `${at.getUTCMonth() + 1}/${at.getUTCDate()}/${at.getUTCFullYear()}`);
}

export const dayOf = (year: number, month = 1, dayOfMonth = 1): number =>
  Math.round((Date.UTC(year, month - 1, dayOfMonth) - Date.UTC(1947, 0, 1)) / DAY_MS);

/** `M/D/YYYY h:mm:ss AM/PM`; the exporter leaves the time out at midnight. */
export function dateTime(day: number, secondOfDay: number): string {
  if (secondOfDay === 0) return date(day);
  const hour = Math.floor(secondOfDay / 3600);
  const two = (n: number): string => (n < 10 ? `0${n}` : `${n}`);
  const minute = two(Math.floor(secondOfDay / 60) % 60);
  return `${date(day)} ${hour % 12 === 0 ? 12 : hour % 12}:${minute}:${two(secondOfDay % 60)} ${hour < 12 ? 'AM' : 'PM'}`;
}

/** A date with a time in about 60 % of the rows, as approval stamps have it. */
export const mixedDate = (rng: Rng, day: number): string =>
  rng.chance(0.4) ? date(day) : dateTime(day, rng.int(1, 86_399));

const pad = (n: number, width: number, fill = '0'): string => String(n).padStart(width, fill);
export { pad };
