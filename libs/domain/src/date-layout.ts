/**
 * Layouts of civil dates and times as publishers write them, such as `M/D/YYYY` and `M/D/YYYY h:mm:ss A`.
 *
 * Tokens: `YYYY` · `M` `D` `h` `H` without a leading zero · `MM` `DD` `hh` `HH` `mm` `ss` two digits · `A` AM or PM.
 * Everything else stands for itself. There is no zone: what is published is kept as civil time.
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
  if (hasTime !== has('mm') || (has('ss') && !hasTime)) throw new RangeError('a time needs hours and minutes');
  return {
    layout,
    hasTime,
    parse: (text, into) => parseParts(parts, text, into),
    render: (time) => parts.map((part) => ('token' in part ? renderToken(part.token, time) : part.literal)).join(''),
  };
}

function splitLayout(layout: string): readonly Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < layout.length;) {
    const token = TOKENS.find((candidate) => layout.startsWith(candidate, at));
    const next = token ?? layout.charAt(at);
    if (!token && /[A-Za-z0-9]/.test(next)) {
      throw new RangeError(`"${next}" is no part of a layout; known are ${TOKENS.join(', ')} and signs between them`);
    }
    if (token && parts.some((part) => 'token' in part && part.token === token))
      throw new RangeError(`${token} stands there twice`);
    parts.push(token ? { token } : { literal: next });
    at += next.length;
  }
  return parts;
}

function parseParts(parts: readonly Part[], text: string, into: CivilTime): 0 | 1 | 2 {
  let at = 0;
  let exact = true;
  let afternoon: boolean | null = null;
  into.hour = into.minute = into.second = 0;
  for (const part of parts) {
    if ('literal' in part) {
      if (text.charCodeAt(at) !== part.literal.charCodeAt(0)) return 0;
      at += 1;
      continue;
    }
    if (part.token === 'A') {
      const upper = text.charCodeAt(at) & ~32;
      if ((upper !== 65 && upper !== 80) || (text.charCodeAt(at + 1) & ~32) !== 77) return 0;
      if (text.charCodeAt(at) !== upper || text.charCodeAt(at + 1) !== 77) exact = false;
      afternoon = upper === 80;
      at += 2;
      continue;
    }
    const width = part.token === 'YYYY' ? 4 : 2;
    const start = at;
    let value = 0;
    for (let code = text.charCodeAt(at); at - start < width && code >= 48 && code <= 57; code = text.charCodeAt(++at)) {
      value = value * 10 + (code - 48);
    }
    const digits = at - start;
    if (digits === 0 || (part.token.length > 1 && digits < width)) return 0;
    if (part.token.length === 1 && digits === 2 && value < 10) exact = false;
    setToken(part.token, value, into);
  }
  if (at !== text.length) return 0;
  if (afternoon !== null) {
    if (into.hour < 1 || into.hour > 12) return 0;
    into.hour = (into.hour % 12) + (afternoon ? 12 : 0);
  }
  if (!exists(into)) return 0;
  return exact ? 2 : 1;
}

function setToken(token: Token, value: number, into: CivilTime): void {
  if (token === 'YYYY') into.year = value;
  else if (token === 'M' || token === 'MM') into.month = value;
  else if (token === 'D' || token === 'DD') into.day = value;
  else if (token === 'mm') into.minute = value;
  else if (token === 'ss') into.second = value;
  else into.hour = value;
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

/** `YYYY-MM-DD`, as PostgreSQL prints a date (DateStyle ISO). */
export const isoDate = (time: CivilTime): string =>
  `${String(time.year).padStart(4, '0')}-${two(time.month)}-${two(time.day)}`;

/** `YYYY-MM-DD HH:MM:SS`, as PostgreSQL prints a timestamp (DateStyle ISO). */
export const isoDateTime = (time: CivilTime): string =>
  `${isoDate(time)} ${two(time.hour)}:${two(time.minute)}:${two(time.second)}`;

/**
 * The layout a value is published in: without a time where it is midnight and such a layout exists, otherwise the first one
 * with a time. A `date` column is rendered with the first layout without a time.
 */
export function canonicalLayout(layouts: readonly DateLayout[], midnight: boolean): DateLayout {
  const wanted = layouts.find((candidate) => candidate.hasTime !== midnight) ?? layouts[0];
  if (!wanted) throw new RangeError('a resource with dates needs at least one date format');
  return wanted;
}
