import { types } from 'pg';

const INT8 = 20;
const DATE = 1082;
const TIMESTAMP = 1114;

/** A count or a generation number; values of data columns are read as text and never come here. */
function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} does not fit a JavaScript number; read it as text`);
  return value;
}

/**
 * How values of PostgreSQL become JavaScript: bigint as number, civil dates and times as the text they are (the driver would
 * move them into the process's time zone), numeric as text, timestamptz as Date.
 */
export const typeParsers = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): (value: never) => unknown {
    if (format !== 'binary') {
      if (oid === INT8) return wholeNumber;
      if (oid === DATE || oid === TIMESTAMP) return (text: string) => text;
    }
    return types.getTypeParser(oid, format as 'text') as (value: never) => unknown;
  },
};
