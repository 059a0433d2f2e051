import { FreshetError, type CsvFormat } from '@freshet/domain';
import type { RecordReader } from './reader';

const LF = 10;
const CR = 13;
/** Values up to this length are looked through char by char; searching a string costs more than that to start. */
const SHORT = 20;

/**
 * RFC 4180, as csv readers in general and pandas have it: a quote opens a value only where the value starts; doubled inside, it
 * stands for itself; what follows a closing quote up to the delimiter belongs to the value. Records end at LF or CRLF. A lone
 * carriage return is a character. Empty lines are not records (the cutter counts by the same rules).
 */
export function createCsvReader(format: CsvFormat): RecordReader {
  const delimiter = format.delimiter.charCodeAt(0);
  const quote = format.quote.charCodeAt(0);
  const doubled = format.quote + format.quote;
  const values: string[] = [];

  /** Index of the quote that closes the value whose text starts at `from`. */
  const closing = (text: string, from: number): number => {
    const near = Math.min(text.length, from + SHORT);
    for (let at = from; at < near; at++) if (text.charCodeAt(at) === quote) return at;
    const found = text.indexOf(format.quote, near);
    if (found === -1) throw unclosedQuote(from - 1);
    return found;
  };

  /** Index of the delimiter or line feed that ends an unquoted value, or the end of the text. */
  const unquotedEnd = (text: string, from: number): number => {
    const length = text.length;
    let at = from;
    for (; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code === delimiter || code === LF) break;
    }
    return at;
  };

  /** End of an unquoted value, without the carriage return of a CRLF. */
  const trimmed = (text: string, from: number, end: number): number =>
    end > from && text.charCodeAt(end - 1) === CR && text.charCodeAt(end) !== delimiter ? end - 1 : end;

  return {
    read(text, onRecord) {
      const length = text.length;
      let at = 0;
      while (at < length) {
        const first = text.charCodeAt(at);
        if (first === LF) {
          at += 1;
          continue;
        }
        if (first === CR && (at + 1 === length || text.charCodeAt(at + 1) === LF)) {
          at += 2;
          continue;
        }
        const start = at;
        let end: number;
        let count = 0;
        for (;;) {
          if (text.charCodeAt(at) !== quote) {
            const stop = unquotedEnd(text, at);
            end = trimmed(text, at, stop);
            values[count++] = text.slice(at, end);
            at = stop;
          } else {
            let from = at + 1;
            let close = closing(text, from);
            let hasDoubled = false;
            while (text.charCodeAt(close + 1) === quote) {
              hasDoubled = true;
              close = closing(text, close + 2);
            }
            const inner = text.slice(from, close);
            let value = hasDoubled ? inner.replaceAll(doubled, format.quote) : inner;
            at = end = close + 1;
            const next = text.charCodeAt(at);
            if (next !== delimiter && next !== LF && at < length) {
              from = at;
              at = unquotedEnd(text, from);
              end = trimmed(text, from, at);
              if (end > from) value += text.slice(from, end);
            }
            values[count++] = value;
          }
          if (at < length && text.charCodeAt(at) === delimiter) {
            at += 1;
            continue;
          }
          at += 1;
          break;
        }
        if (values.length !== count) values.length = count;
        onRecord(values, start, end);
      }
    },
  };
}

function unclosedQuote(offset: number): FreshetError {
  return new FreshetError('unclosed_quote', {
    message: `a quote at character ${offset} of the chunk never closes`,
    nextStep: 'Look at the member at this place; the publisher wrote a quote that it did not close.',
    attributes: { offset },
  });
}
