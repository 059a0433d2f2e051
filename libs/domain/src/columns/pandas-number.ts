/**
 * How pandas reads a number in a text: the rules of the C engine of `read_csv` as of pandas 2.3, which 3.0 shares but for
 * the cases listed in docs/reference/bin-files.md. All of it works on char codes: it runs on every value of a file.
 */
const SPACE = 32;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;

/** Blank as C's `isspace` knows it; a no-break space is not blank. */
const isSpace = (code: number): boolean => code === SPACE || (code >= 9 && code <= 13);
const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;

const LONGEST_NULL_WORD = 8;
const NULL_WORDS: ReadonlySet<string> = new Set([
  '',
  '#N/A',
  '#N/A N/A',
  '#NA',
  '-1.#IND',
  '-1.#QNAN',
  '-NaN',
  '-nan',
  '1.#IND',
  '1.#QNAN',
  '<NA>',
  'N/A',
  'NA',
  'NULL',
  'NaN',
  'None',
  'n/a',
  'nan',
  'null',
]);
const mayStartNullWord = (code: number): boolean =>
  code === 78 /* N */ ||
  code === 110 /* n */ ||
  code === MINUS ||
  code === 35 /* # */ ||
  code === 49 /* 1 */ ||
  code === 60; /* < */

/** Whether pandas takes this text for a null; quotes make no difference. */
export function isPandasNull(text: string): boolean {
  if (text.length === 0) return true;
  return text.length <= LONGEST_NULL_WORD && mayStartNullWord(text.charCodeAt(0)) && NULL_WORDS.has(text);
}

const INT64_MAX = '9223372036854775807';
const INT64_MIN = '9223372036854775808';
const UINT64_MAX = '18446744073709551615';

export type IntegerReading = 'ok' | 'invalid' | 'overflow';
export interface IntegerScan {
  readonly int64: IntegerReading;
  readonly uint64: IntegerReading;
  readonly negative: boolean;
  /** Above the largest int64. */
  readonly large: boolean;
}

const NOT_AN_INTEGER: IntegerScan = { int64: 'invalid', uint64: 'invalid', negative: false, large: false };
/** The unsigned reader stops at the sign and finds no fault with what follows it. */
const NOT_A_NEGATIVE_INTEGER: IntegerScan = { int64: 'invalid', uint64: 'ok', negative: true, large: false };

const exceeds = (digits: string, limit: string): boolean =>
  digits.length > limit.length || (digits.length === limit.length && digits > limit);

/** How the signed and the unsigned integer reader take a text. An overflow is noticed before characters that do not belong there. */
export function scanInteger(text: string): IntegerScan {
  const length = text.length;
  let at = 0;
  while (at < length && isSpace(text.charCodeAt(at))) at++;
  const negative = text.charCodeAt(at) === MINUS;
  if (negative || text.charCodeAt(at) === PLUS) at++;
  const none = negative ? NOT_A_NEGATIVE_INTEGER : NOT_AN_INTEGER;
  if (!isDigit(text.charCodeAt(at))) return none;
  while (text.charCodeAt(at) === ZERO) at++;
  const start = at;
  while (at < length && isDigit(text.charCodeAt(at))) at++;
  const end = at;
  while (at < length && isSpace(text.charCodeAt(at))) at++;
  const whole = at === length;
  if (end - start < INT64_MAX.length) return whole ? { int64: 'ok', uint64: 'ok', negative, large: false } : none;
  return scanLongInteger(text.slice(start, end), negative, whole);
}

function scanLongInteger(digits: string, negative: boolean, whole: boolean): IntegerScan {
  const fits: IntegerReading = whole ? 'ok' : 'invalid';
  const int64 = exceeds(digits, negative ? INT64_MIN : INT64_MAX) ? 'overflow' : fits;
  if (negative) return { int64, uint64: 'ok', negative, large: false };
  return {
    int64,
    uint64: exceeds(digits, UINT64_MAX) ? 'overflow' : fits,
    negative,
    large: exceeds(digits, INT64_MAX),
  };
}

const POWERS_OF_TEN: readonly number[] = Array.from({ length: 309 }, (_, exponent) => Number(`1e${exponent}`));
const powerOfTen = (exponent: number): number => POWERS_OF_TEN[exponent] ?? Number.NaN;
const MAX_DIGITS = 17;
const MAX_EXPONENT_DIGITS = 9;
const INFINITY_WORD = /^([+-]?)inf(inity)?$/i;

/**
 * A text as pandas' default float reader (`float_precision=None`, "high") takes it, to the last bit: the first 17 digits,
 * leading zeros counted, are accumulated in a double and scaled once. Undefined where it is no float, or too large for one.
 */
export function parsePandasFloat(text: string): number | undefined {
  const length = text.length;
  let at = 0;
  while (at < length && isSpace(text.charCodeAt(at))) at++;
  const negative = text.charCodeAt(at) === MINUS;
  if (negative || text.charCodeAt(at) === PLUS) at++;

  let mantissa = 0;
  let digits = 0;
  let exponent = 0;
  let code = text.charCodeAt(at);
  for (; isDigit(code); code = text.charCodeAt(++at)) {
    if (digits < MAX_DIGITS) {
      mantissa = mantissa * 10 + (code - ZERO);
      digits++;
    } else exponent++;
  }
  if (code === DOT) {
    code = text.charCodeAt(++at);
    for (; digits < MAX_DIGITS && isDigit(code); code = text.charCodeAt(++at)) {
      mantissa = mantissa * 10 + (code - ZERO);
      digits++;
      exponent--;
    }
    while (isDigit(code)) code = text.charCodeAt(++at);
  }
  if (digits === 0) return infinityWord(text);

  if (code === 69 || code === 101) {
    code = text.charCodeAt(++at);
    const negativeExponent = code === MINUS;
    if (negativeExponent || code === PLUS) code = text.charCodeAt(++at);
    const start = at;
    let value = 0;
    for (; isDigit(code); code = text.charCodeAt(++at)) value = value * 10 + (code - ZERO);
    if (at === start || at - start > MAX_EXPONENT_DIGITS) return undefined;
    exponent += negativeExponent ? -value : value;
  }
  while (at < length && isSpace(text.charCodeAt(at))) at++;
  if (at !== length || exponent > 308) return undefined;
  const scaled = scale(mantissa, exponent);
  if (scaled === Number.POSITIVE_INFINITY) return undefined;
  return negative ? -scaled : scaled;
}

function scale(mantissa: number, exponent: number): number {
  if (exponent > 0) return mantissa * powerOfTen(exponent);
  if (exponent >= -308) return mantissa / powerOfTen(-exponent);
  return exponent < -616 ? 0 : mantissa / powerOfTen(-308 - exponent) / powerOfTen(308);
}

function infinityWord(text: string): number | undefined {
  if (text.length > 9) return undefined;
  const word = INFINITY_WORD.exec(text);
  if (!word) return undefined;
  return word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** `true` and `false` in any case; undefined for anything else. */
export function parsePandasBoolean(text: string): boolean | undefined {
  if (text.length !== 4 && text.length !== 5) return undefined;
  const lower = text.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : undefined;
}

/** Whether a text is nothing but 1 to 18 digits: the commonest number by far, and within int64 whatever they are. */
export function isPlainDigits(text: string): boolean {
  const length = text.length;
  if (length === 0 || length > 18) return false;
  for (let at = 0; at < length; at++) if (!isDigit(text.charCodeAt(at))) return false;
  return true;
}
