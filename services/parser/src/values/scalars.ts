import { EXACT, INEXACT, MISTYPED, type Converter } from './converter';

const ZERO = 48;
const NINE = 57;
const MINUS = 45;
const DOT = 46;

export const convertText: Converter = (text, into) => {
  into.value = text;
  into.outcome = EXACT;
};

/** Text that PostgreSQL prints the same: an optional minus, digits without a needless zero, and (for decimals) a fraction. */
function isCanonical(text: string, maxDigits: number, fraction: boolean): boolean {
  const length = text.length;
  const start = text.charCodeAt(0) === MINUS ? 1 : 0;
  const first = text.charCodeAt(start);
  let at = start;
  let zero = true;
  let code = first;
  for (; code >= ZERO && code <= NINE; code = text.charCodeAt(++at)) if (code !== ZERO) zero = false;
  const digits = at - start;
  if (digits === 0 || digits > maxDigits || (first === ZERO && digits > 1)) return false;
  if (at < length) {
    if (!fraction || code !== DOT) return false;
    const point = at;
    for (code = text.charCodeAt(++at); code >= ZERO && code <= NINE; code = text.charCodeAt(++at))
      if (code !== ZERO) zero = false;
    if (at !== length || at - point < 2 || at - point > MAX_SCALE) return false;
  }
  return start === 0 || !zero;
}

/** Far below what `numeric` takes; a longer number is a mistake in the data. */
const MAX_DIGITS = 300;
const MAX_SCALE = 300;

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
/** Blanks around, a plus, leading zeros, and a fraction of zeros do not change which integer it is. */
const INTEGER = /^ *([+-]?)0*([0-9]{1,19})(?:\.0*)? *$/;

export const convertInteger: Converter = (text, into) => {
  if (isCanonical(text, 18, false)) {
    into.value = text;
    into.outcome = EXACT;
    return;
  }
  const [, sign, digits] = text.length > MAX_DIGITS ? [] : (INTEGER.exec(text) ?? []);
  const value = digits === undefined ? null : BigInt(sign === '-' ? `-${digits}` : digits);
  if (value === null || value < INT64_MIN || value > INT64_MAX) {
    into.outcome = MISTYPED;
    return;
  }
  into.value = value.toString();
  into.outcome = into.value === text ? EXACT : INEXACT;
};

const DECIMAL = /^ *([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,3}))? *$/;

export const convertDecimal: Converter = (text, into) => {
  if (isCanonical(text, MAX_DIGITS, true)) {
    into.value = text;
    into.outcome = EXACT;
    return;
  }
  const value = text.length > 2 * MAX_DIGITS ? null : plainDecimal(text);
  into.value = value;
  into.outcome = value === null ? MISTYPED : INEXACT;
};

/** `-.50` as `-0.50`, `5.` as `5`, `1e3` as `1e3` (PostgreSQL reads it); null for what is no number. */
function plainDecimal(text: string): string | null {
  const [, sign, whole = '', fraction = '', exponent] = DECIMAL.exec(text) ?? [];
  if (sign === undefined || (whole === '' && fraction === '')) return null;
  const digits = whole.replace(/^0+(?=.)/, '') || '0';
  const number = fraction === '' ? digits : `${digits}.${fraction}`;
  const negative = sign === '-' && /[1-9]/.test(number);
  return `${negative ? '-' : ''}${number}${exponent === undefined ? '' : `e${Number(exponent)}`}`;
}

const TRUE: ReadonlySet<string> = new Set(['true', 't', 'yes', 'y', '1']);
const FALSE: ReadonlySet<string> = new Set(['false', 'f', 'no', 'n', '0']);

export const convertBoolean: Converter = (text, into) => {
  const word = text.toLowerCase();
  const value = TRUE.has(word) ? 'true' : FALSE.has(word) ? 'false' : null;
  into.value = value;
  into.outcome = value === null ? MISTYPED : value === text ? EXACT : INEXACT;
};
