import { LEADING_COLUMNS } from '@freshet/contracts';
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
  private constructor(private readonly client: PoolClient) {}

  /**
   * Gives `work` a reader with one snapshot. The generation cannot be removed while it is at work.
   */
  static async with<T>(database: Database, work: (rows: PublishedRows) => Promise<T>): Promise<T> {
    return database.transaction(
      async (tx) => {
        await tx.query(`SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL extra_float_digits = 1; SET LOCAL idle_in_transaction_session_timeout = 0`);
        return work(new PublishedRows(tx.client));
      },
      { isolation: 'repeatable read' },
    );
  }

  async *read({ dataset, resource, rowsFrom }: RowsOf, { columns, chunksPerRead = 32 }: ReadOptions): AsyncGenerator<Buffer> {
    const table = generationTable(dataset, resource, rowsFrom);
    const lastChunk = await this.lastChunk(table);
    const list = quotedList([...LEADING_COLUMNS, ...columns]);
    for (let first = 0; first <= lastChunk; first += chunksPerRead) {
      const sql = `COPY (SELECT ${list} FROM ${quoteIdent(...table)} WHERE _chunk BETWEEN ${first} AND ${first + chunksPerRead - 1} ORDER BY _chunk, _row) TO STDOUT`;
      try {
        for await (const buffer of this.client.query(copyTo(sql))) yield buffer as Buffer;
      } catch (error) {
        throw toDependencyError(error);
      }
    }
  }

  /** −1 for a table without rows, or none at all. */
  private async lastChunk(table: TablePath): Promise<number> {
    const db = transactionOn(this.client);
    const [found] = await db.query<{ name: string | null }>('SELECT to_regclass($1)::text AS name', [quoteIdent(...table)]);
    if (!found?.name) return -1;
    const [row] = await db.query<{ last: number | null }>(`SELECT max(_chunk) AS last FROM ${quoteIdent(...table)}`);
    return row?.last ?? -1;
  }
}
