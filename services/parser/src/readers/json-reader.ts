import { FreshetError, type JsonFormat } from '@freshet/domain';
import { LosslessNumber, parse } from 'lossless-json';
import type { RecordReader } from './reader';

/**
 * One JSON object a line. Values keep their digits as published: a number is its text, a text itself, `null` and a key that is
 * not there an empty value, a list or an object its JSON text. Keys are taken in the order of `header`; the column that
 * `format.record` names gets the line itself.
 */
export function createJsonReader(format: JsonFormat, header: readonly string[]): RecordReader {
  const values: string[] = [];
  return {
    read(text, onRecord) {
      for (let start = 0; start < text.length;) {
        const newline = text.indexOf('\n', start);
        const end = newline === -1 ? text.length : newline;
        if (end > start) {
          const line = text.slice(start, end);
          const record = objectOf(line, start);
          for (const [index, name] of header.entries())
            values[index] = name === format.record ? line : textOf(record[name]);
          onRecord(values, start, end);
        }
        start = end + 1;
      }
    },
  };
}

function objectOf(line: string, offset: number): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parse(line);
  } catch (cause) {
    throw notAnObject(offset, cause);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw notAnObject(offset);
  return value as Readonly<Record<string, unknown>>;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (value instanceof LosslessNumber) return value.value;
  return typeof value === 'boolean' ? String(value) : JSON.stringify(value);
}

const notAnObject = (offset: number, cause?: unknown): FreshetError =>
  new FreshetError('record_ragged', {
    message: `what stands at character ${offset} of a chunk is no JSON object`,
    nextStep: 'Look at the answer of the publisher: its records must be JSON objects.',
    attributes: { offset },
    cause,
  });
