/**
 * Layouts of civil dates and times as publishers write them, such as `M/D/YYYY` and `M/D/YYYY h:mm:ss A`.
 *
 * Tokens: `YYYY` · `M` `D` `h` `H` without a leading zero · `MM` `DD` `hh` `HH` `mm` `ss` two digits · `A` AM or PM.
 * Signs and the `T` of ISO 8601 stand for themselves. There is no zone: what is published is kept as civil time.
 */
const TOKENS = ['YYYY', 'MM', 'M', 'DD', 'D', 'hh', 'h', 'HH', 'H', 'mm', 'ss', 'A'] as const;
type Token = (typeof TOKENS)[number];
type Part = { readonly token: Token } | { readonly literal: string };

export interface CivilTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

export interface DateLayout {
  readonly layout: string;
  readonly hasTime: boolean;
  /**
   * Reads `text` into `into`: 0 when it is not of this layout or no such day or time exists, 1 when it is, 2 when it is and
   * `render` gives exactly `text` back. Lenient where it loses nothing: a leading zero for `M`, lower case for `A`.
   */
  parse(text: string, into: CivilTime): 0 | 1 | 2;
  render(time: CivilTime): string;
}

/** @throws RangeError saying what is wrong with the layout. */
export function compileDateLayout(layout: string): DateLayout {
  const parts = splitLayout(layout);
  const tokens = new Set(parts.flatMap((part) => ('token' in part ? [part.token] : [])));
  const has = (...wanted: Token[]): boolean => wanted.some((token) => tokens.has(token));
  const hasTime = has('h', 'hh', 'H', 'HH');
  if (!has('YYYY') || !has('M', 'MM') || !has('D', 'DD'))
    throw new RangeError('a layout needs YYYY, M or MM, and D or DD');
  if (has('h', 'hh') !== has('A')) throw new RangeError('h and A belong together; use H for a clock of 24 hours');
  if ((has('mm') && !hasTime) || (has('ss') && !has('mm')) || (has('h', 'hh') && !has('mm')))
    throw new RangeError('a time needs hours, and minutes before seconds');
  const codes = Int32Array.from(parts, encode);
  const lengthOf = (part: Part, most: boolean): number =>
    'literal' in part ? 1 : part.token === 'A' ? 2 : most ? Math.max(2, part.token.length) : part.token.length;
  const shortest = parts.reduce((sum, part) => sum + lengthOf(part, false), 0);
  const longest = parts.reduce((sum, part) => sum + lengthOf(part, true), 0);
  return {
    layout,
    hasTime,
    parse: (text, into) => (text.length < shortest || text.length > longest ? 0 : parseParts(codes, text, into)),
    render: (time) => parts.map((part) => ('token' in part ? renderToken(part.token, time) : part.literal)).join(''),
  };
}

function splitLayout(layout: string): readonly Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < layout.length;) {
    const token = TOKENS.find((candidate) => layout.startsWith(candidate, at));
    const next = token ?? layout.charAt(at);
    // The T between date and time (ISO 8601) is the one letter that stands for itself.
    if (!token && /[A-SU-Za-z0-9]/.test(next)) {
      throw new RangeError(`"${next}" is no part of a layout; known are ${TOKENS.join(', ')} and signs between them`);
    }
    if (token && parts.some((part) => 'token' in part && part.token === token))
      throw new RangeError(`${token} stands there twice`);
    parts.push(token ? { token } : { literal: next });
    at += next.length;
  }
  return parts;
}

/** A part as one number, so that reading a date touches no objects: a token is `TOKEN` plus its place in `TOKENS`. */
const TOKEN = 0x10000;
const encode = (part: Part): number =>
  'token' in part ? TOKEN + TOKENS.indexOf(part.token) : part.literal.charCodeAt(0);

const UNIT = TOKENS.map((token) => (token === 'A' ? 'A' : token === 'YYYY' ? 'Y' : token.charAt(0)).charCodeAt(0));
const LEAST = TOKENS.map((token) => token.length);
const MOST = TOKENS.map((token) => Math.max(2, token.length));
/** Letters of `UNIT`. */
const YEAR = 89;
const MONTH = 77;
const DAY = 68;
const MINUTE = 109;
const SECOND = 115;
const HALF = 65;

function parseParts(codes: Int32Array, text: string, into: CivilTime): 0 | 1 | 2 {
  let at = 0;
  let exact = true;
  let half = 0;
  into.hour = into.minute = into.second = 0;
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index] as number;
    if (code < TOKEN) {
      if (text.charCodeAt(at) !== code) return 0;
      at += 1;
      continue;
    }
    const unit = UNIT[code - TOKEN] as number;
    if (unit === HALF) {
      half = text.charCodeAt(at) & ~32;
      if ((half !== 65 && half !== 80) || (text.charCodeAt(at + 1) & ~32) !== 77) return 0;
      if (text.charCodeAt(at) !== half || text.charCodeAt(at + 1) !== 77) exact = false;
      at += 2;
      continue;
    }
    const least = LEAST[code - TOKEN] as number;
    const most = at + (MOST[code - TOKEN] as number);
    const start = at;
    let value = 0;
    for (; at < most; at++) {
      const digitCode = text.charCodeAt(at);
      if (!(digitCode >= 48 && digitCode <= 57)) break;
      value = value * 10 + (digitCode - 48);
    }
    if (at - start < least) return 0;
    if (least === 1 && at - start === 2 && value < 10) exact = false;
    if (unit === YEAR) into.year = value;
    else if (unit === MONTH) into.month = value;
    else if (unit === DAY) into.day = value;
    else if (unit === MINUTE) into.minute = value;
    else if (unit === SECOND) into.second = value;
    else into.hour = value;
  }
  if (at !== text.length) return 0;
  if (half !== 0) {
    if (into.hour < 1 || into.hour > 12) return 0;
    into.hour = (into.hour % 12) + (half === 80 ? 12 : 0);
  }
  if (!exists(into)) return 0;
  return exact ? 2 : 1;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/** Whether there is such a day of the Gregorian calendar, year 1 to 9999, and such a time; there is no second 60. */
function exists({ year, month, day, hour, minute, second }: CivilTime): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const days = month === 2 && isLeap(year) ? 29 : (DAYS[month - 1] ?? 0);
  return day <= days && hour < 24 && minute < 60 && second < 60;
}

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));

function renderToken(token: Token, time: CivilTime): string {
  switch (token) {
    case 'YYYY':
      return String(time.year).padStart(4, '0');
    case 'M':
      return String(time.month);
    case 'MM':
      return two(time.month);
    case 'D':
      return String(time.day);
    case 'DD':
      return two(time.day);
    case 'h':
      return String(time.hour % 12 || 12);
    case 'hh':
      return two(time.hour % 12 || 12);
    case 'H':
      return String(time.hour);
    case 'HH':
      return two(time.hour);
    case 'mm':
      return two(time.minute);
    case 'ss':
      return two(time.second);
    case 'A':
      return time.hour < 12 ? 'AM' : 'PM';
  }
}

export const civilMidnight = (time: CivilTime): boolean => time.hour === 0 && time.minute === 0 && time.second === 0;

const digit = (value: number, place: number): number => 48 + (Math.trunc(value / place) % 10);

/** `YYYY-MM-DD`, as PostgreSQL prints a date (DateStyle ISO). Char by char: this runs on every date of a file. */
export function isoDate({ year, month, day }: CivilTime): string {
  return String.fromCharCode(
    digit(year, 1000),
    digit(year, 100),
    digit(year, 10),
    digit(year, 1),
    45,
    digit(month, 10),
    digit(month, 1),
    45,
    digit(day, 10),
    digit(day, 1),
  );
}

/** `YYYY-MM-DD HH:MM:SS`, as PostgreSQL prints a timestamp (DateStyle ISO). */
export function isoDateTime({ year, month, day, hour, minute, second }: CivilTime): string {
  return String.fromCharCode(
    digit(year, 1000),
    digit(year, 100),
    digit(year, 10),
    digit(year, 1),
    45,
    digit(month, 10),
    digit(month, 1),
    45,
    digit(day, 10),
    digit(day, 1),
    32,
    digit(hour, 10),
    digit(hour, 1),
    58,
    digit(minute, 10),
    digit(minute, 1),
    58,
    digit(second, 10),
    digit(second, 1),
  );
}

/**
 * The layout a value is published in: without a time where it is midnight and such a layout exists, otherwise the first one
 * with a time. A `date` column is rendered with the first layout without a time.
 */
export function canonicalLayout(layouts: readonly DateLayout[], midnight: boolean): DateLayout {
  const wanted = layouts.find((candidate) => candidate.hasTime !== midnight) ?? layouts[0];
  if (!wanted) throw new RangeError('a resource with dates needs at least one date format');
  return wanted;
}
