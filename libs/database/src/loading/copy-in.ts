import { once } from 'node:events';
import { FreshetError } from '@freshet/domain';
import { LEADING_COLUMNS, splitLine, type RefusedRecord, type StoredColumn } from '@freshet/contracts';
import { from as copyFrom } from 'pg-copy-streams';
import { codeOf, quoteIdent, type Transaction } from '../base';
import { quotedList } from './columns';
import type { TablePath } from './names';

/** Data exceptions and values out of bounds: the row is to blame, not the server and not the statement. */
const ROW_FAULTS = /^(22|23)|^54000$/;
/** The line itself is not COPY text of these columns: its producer is to blame. */
const BAD_COPY_FORMAT = '22P04';

export interface CopyIn {
  readonly table: TablePath;
  readonly columns: readonly StoredColumn[];
  readonly body: Buffer;
}

export interface CopiedIn {
  readonly rows: number;
  /** Rows the database would not take, each found by halving inside savepoints. */
  readonly refused: readonly RefusedRecord[];
}

/** COPY of a batch's lines into a table. @throws FreshetError `message_invalid` when the lines are not COPY text of the columns */
export async function copyIn(tx: Transaction, request: CopyIn): Promise<CopiedIn> {
  if (request.body.length === 0) return { rows: 0, refused: [] };
  const sql = `COPY ${quoteIdent(...request.table)} (${quotedList([...LEADING_COLUMNS, ...request.columns.map(({ name }) => name)])}) FROM STDIN`;
  const refused: RefusedRecord[] = [];
  const load = async (lines: Buffer): Promise<number> => {
    await tx.client.query('SAVEPOINT lines');
    try {
      const rows = await copyLines(tx, sql, lines);
      await tx.client.query('RELEASE SAVEPOINT lines');
      return rows;
    } catch (error) {
      const code = codeOf(error);
      if (code === undefined || !ROW_FAULTS.test(code)) throw error;
      await tx.client.query('ROLLBACK TO SAVEPOINT lines');
      if (code === BAD_COPY_FORMAT) throw notCopyText(error);
      const halves = halve(lines);
      if (halves) return (await load(halves[0])) + (await load(halves[1]));
      refused.push(refusal(lines, request.columns, error));
      return 0;
    }
  };
  return { rows: await load(request.body), refused };
}

async function copyLines(tx: Transaction, sql: string, lines: Buffer): Promise<number> {
  const stream = tx.client.query(copyFrom(sql));
  const finished = once(stream, 'finish');
  stream.end(lines);
  await finished;
  return stream.rowCount ?? 0;
}

/** Two halves on a line boundary, null for a single line. A newline inside a value is escaped, so every newline ends a line. */
function halve(lines: Buffer): readonly [Buffer, Buffer] | null {
  const last = lines.length - 1;
  const middle = lines.length >> 1;
  let cut = lines.indexOf(10, middle);
  if (cut === -1 || cut >= last) cut = lines.lastIndexOf(10, middle - 1);
  if (cut === -1 || cut >= last) return null;
  return [lines.subarray(0, cut + 1), lines.subarray(cut + 1)];
}

function refusal(line: Buffer, columns: readonly StoredColumn[], error: unknown): RefusedRecord {
  const [, row, verbatimText, ...values] = splitLine(line.toString('utf8').replace(/\n$/, ''));
  const verbatim = parseVerbatim(verbatimText);
  const { message, where, column } = error as { message: string; where?: string; column?: string };
  const stored = column ?? /, column ([^:]+):/.exec(where ?? '')?.[1];
  return {
    row: Number(row),
    reason: 'database_refused',
    column: columns.find(({ name }) => name === stored)?.published ?? null,
    // What PostgreSQL quotes after the colon is the value, which may be personal.
    detail: `${codeOf(error) ?? ''} ${message.replace(/: ".*$/s, '')}`.trim(),
    record: columns.map(({ name }, index) => csvField(verbatim[name] ?? values[index] ?? null)).join(','),
  };
}

function parseVerbatim(text: string | null | undefined): Readonly<Record<string, string>> {
  try {
    return text ? (JSON.parse(text) as Record<string, string>) : {};
  } catch {
    return {};
  }
}

const csvField = (value: string | null): string => (value === null ? '' : `"${value.replaceAll('"', '""')}"`);

const notCopyText = (cause: unknown): FreshetError =>
  new FreshetError('message_invalid', {
    message: 'the body of a batch is not COPY text of its columns',
    nextStep: 'Look at the dead letter; parser and loader are probably of different versions.',
    cause,
  });
