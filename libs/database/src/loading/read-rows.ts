import { once } from 'node:events';
import { LEADING_COLUMNS } from '@freshet/contracts';
import { FreshetError } from '@freshet/domain';
import type { PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { quoteIdent, toDependencyError, transactionOn, type Database } from '../base';
import { quotedList } from './columns';
import { generationTable, type TablePath } from './names';

export interface RowsOf {
  readonly dataset: string;
  readonly resource: string;
  /** Generation whose partition holds the rows. */
  readonly rowsFrom: number;
}

export interface ReadOptions {
  /** Stored columns after the leading ones, in this order. */
  readonly columns: readonly string[];
  /** Chunks read by one COPY; what the server sorts at a time. */
  readonly chunksPerRead?: number;
}

/**
 * Published rows in the publisher's order as COPY text: `_chunk \t _row \t _verbatim \t columns…`, a newline after each row. Buffers
 * may end inside a row. The server sorts a few chunks at a time, so that neither side holds more than that.
 */
export class PublishedRows {
  private readonly lastChunks = new Map<string, number>();

  private constructor(private readonly client: PoolClient) {}

  /** Gives `work` a reader with one snapshot, for one pass at a time. A generation it has begun to read cannot be removed meanwhile. */
  static async with<T>(database: Database, work: (rows: PublishedRows) => Promise<T>): Promise<T> {
    return database.transaction(
      async (tx) => {
        await tx.query(
          `SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL extra_float_digits = 1; SET LOCAL idle_in_transaction_session_timeout = 0`,
        );
        return work(new PublishedRows(tx.client));
      },
      { isolation: 'repeatable read' },
    );
  }

  /** A pass that is given up early leaves the reader usable. @throws FreshetError `not_found` when the rows are gone */
  async *read(
    { dataset, resource, rowsFrom }: RowsOf,
    { columns, chunksPerRead = 32 }: ReadOptions,
  ): AsyncGenerator<Buffer> {
    const table = generationTable(dataset, resource, rowsFrom);
    const lastChunk = await this.lastChunk(table);
    const list = quotedList([...LEADING_COLUMNS, ...columns]);
    for (let first = 0; first <= lastChunk; first += chunksPerRead) {
      yield* this.copy(
        `COPY (SELECT ${list} FROM ${quoteIdent(...table)} WHERE _chunk BETWEEN ${first} AND ${first + chunksPerRead - 1} ORDER BY _chunk, _row) TO STDOUT`,
      );
    }
  }

  private async *copy(sql: string): AsyncGenerator<Buffer> {
    const stream = this.client.query(copyTo(sql));
    let failed = false;
    try {
      // A destroyed COPY would leave its rest on the connection, and whatever is asked next would wait for ever.
      for await (const buffer of stream.iterator({ destroyOnReturn: false })) yield buffer as Buffer;
    } catch (error) {
      failed = true;
      throw toDependencyError(error);
    } finally {
      if (!failed && !stream.readableEnded) {
        stream.resume();
        await once(stream, 'end');
      }
    }
  }

  private async lastChunk(table: TablePath): Promise<number> {
    const name = quoteIdent(...table);
    const known = this.lastChunks.get(name);
    if (known !== undefined) return known;
    const db = transactionOn(this.client);
    const [found] = await db.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [name]);
    if (!found?.there) throw gone(table);
    const [row] = await db.query<{ last: number | null }>(`SELECT max(_chunk) AS last FROM ${name}`);
    const last = row?.last ?? -1;
    this.lastChunks.set(name, last);
    return last;
  }
}

/** A resource without rows has an empty table, so a missing one means that retention was faster. */
const gone = ([, table]: TablePath): FreshetError =>
  new FreshetError('not_found', {
    message: `the rows of ${table} are not kept any more`,
    nextStep: 'Choose a newer generation; retainGenerations of the definition says how many are kept.',
    attributes: { table },
  });
