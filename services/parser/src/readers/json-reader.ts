import type { JsonFormat } from '@freshet/domain';
import { LosslessNumber, parse, stringify } from 'lossless-json';
import type { RecordReader } from './reader';

/** A record with as many values as this is refused as ragged, whatever its header. */
const NONE: readonly string[] = [];

/**
 * One JSON object a line. Values keep their digits as published: a number is its text, a text itself, `null` and a key that is
 * not there an empty value, a list or an object its JSON text. Keys are taken in the order of `header`; the column that
 * `format.record` names gets the line itself. A line that is no JSON object has no values: it is refused, and only it.
 */
export function createJsonReader(format: JsonFormat, header: readonly string[]): RecordReader {
  const values: string[] = header.map(() => '');
  return {
    read(text, onRecord) {
      for (let start = 0; start < text.length;) {
        const newline = text.indexOf('\n', start);
        const end = newline === -1 ? text.length : newline;
        if (end > start) {
          const line = text.slice(start, end);
          const record = objectOf(line);
          if (record === null) onRecord(NONE, start, end);
          else {
            for (let index = 0; index < header.length; index++) {
              const name = header[index] as string;
              values[index] = name === format.record ? line : textOf(record, name);
            }
            onRecord(values, start, end);
          }
        }
        start = end + 1;
      }
    },
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** Null for what is no JSON object; one that has a key twice, with different values, is none either. */
function objectOf(line: string): Fields | null {
  try {
    const value = parse(line);
    const isObject = value !== null && typeof value === 'object' && !Array.isArray(value);
    return isObject && !(value instanceof LosslessNumber) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

function textOf(record: Fields, name: string): string {
  const value = Object.hasOwn(record, name) ? record[name] : null;
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (value instanceof LosslessNumber) return value.value;
  return stringify(value) ?? '';
}
