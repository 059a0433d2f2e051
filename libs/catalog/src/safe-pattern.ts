/**
 * Patterns of checks run against every value of a column inside a consumer's handler, so one that backtracks without bound
 * would stop the validator for everybody. A pattern is accepted only where its worst case stays small:
 * - at most 200 characters, no lookaround, no back reference;
 * - a repeated group holds neither a repetition nor an alternative (no `(a+)+`, no `(a|aa)*`: exponential);
 * - at most 3 open repetitions (`*`, `+`, `{n,}`, `{n,m}`) and at most 10 optional parts (`?`).
 * The validator matches at most `PATTERN_VALUE_LIMIT` characters, which bounds three repetitions to a few million steps.
 */
export const PATTERN_LENGTH_LIMIT = 200;
export const PATTERN_VALUE_LIMIT = 256;
const OPEN_LIMIT = 3;
const OPTIONAL_LIMIT = 10;

/** Why `pattern` may not be used, or null when it may. */
export function unsafePattern(pattern: string): string | null {
  if (pattern.length > PATTERN_LENGTH_LIMIT) return `longer than ${PATTERN_LENGTH_LIMIT} characters`;
  try {
    new RegExp(pattern, 'u');
  } catch (error) {
    return error instanceof Error ? error.message : 'not a regular expression';
  }
  return new Walk(pattern).verdict();
}

/** One pass over a pattern that is known to be well-formed. */
class Walk {
  private open = 0;
  private optional = 0;
  /** For each group being read, whether it holds something that may not be repeated. */
  private readonly groups: boolean[] = [];
  private lastGroupVaries = false;

  constructor(private readonly pattern: string) {}

  verdict(): string | null {
    let afterGroup = false;
    for (let at = 0; at < this.pattern.length;) {
      const rest = this.pattern.slice(at);
      const refused = /^\(\?(?!:)/.test(rest)
        ? 'lookaround and named groups are not allowed'
        : /^\\[1-9k]/.test(rest)
          ? 'back references are not allowed'
          : null;
      if (refused) return refused;
      const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(rest);
      if (quantifier) {
        const mistake = this.quantify(quantifier[0], afterGroup);
        if (mistake) return mistake;
        at += quantifier[0].length;
        continue;
      }
      const atom = /^(?:\\u\{[^}]*\}|\\[pP]\{[^}]*\}|\\.|\[(?:\\.|[^\]\\])*\]|\(\?:|.)/su.exec(rest)?.[0] ?? rest;
      afterGroup = atom === ')';
      if (atom === '(' || atom === '(?:') this.groups.push(false);
      else if (atom === ')') this.closeGroup();
      else if (atom === '|') this.markVarying();
      at += atom.length;
    }
    return null;
  }

  private quantify(quantifier: string, afterGroup: boolean): string | null {
    const [, low = '', high = ''] = /^\{(\d+),?(\d*)\}/.exec(quantifier) ?? [];
    const fixed = quantifier.startsWith('{') && !quantifier.includes(',');
    if (afterGroup && this.lastGroupVaries && !quantifier.startsWith('?')) {
      return 'a repeated group may not hold a repetition or an alternative';
    }
    if (fixed) return null;
    this.markVarying();
    const optional = quantifier.startsWith('?') || (high !== '' && Number(high) - Number(low) <= 1);
    if (optional) this.optional += 1;
    else this.open += 1;
    if (this.open > OPEN_LIMIT) return `more than ${OPEN_LIMIT} open repetitions`;
    return this.optional > OPTIONAL_LIMIT ? `more than ${OPTIONAL_LIMIT} optional parts` : null;
  }

  private closeGroup(): void {
    this.lastGroupVaries = this.groups.pop() ?? false;
    if (this.lastGroupVaries) this.markVarying();
  }

  private markVarying(): void {
    if (this.groups.length > 0) this.groups[this.groups.length - 1] = true;
  }
}
