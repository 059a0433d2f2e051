import type { Request, Response } from 'express';
import type { PageView } from '@freshet/contracts';
import { invalid } from '../../control/problem';
import { LIMITS } from '../../control/timeseries/requests';
import type { Column } from '../tables/column';
import { wantedFormat } from '../tables/formats';
import { encodePage, sendJson, sendTable } from '../tables/send';

/** Where rows of a list come from. */
export interface Rows<Row> {
  /** A page as a whole. */
  page(limit: number): Promise<PageView<Row>>;
  /** A page in pieces; gives the cursor of the next one. For lists that may be long. */
  pieces?(limit: number, take: (rows: readonly Row[]) => void): Promise<string | null>;
}

/** Answers a list in the format the caller wants, with where it goes on. @throws Problem */
export async function answerTable<Row>(
  request: Request,
  response: Response,
  query: { readonly limit?: number; readonly format?: string },
  { name, columns }: { readonly name: string; readonly columns: ReadonlyArray<Column<Row>> },
  rows: Rows<Row>,
): Promise<void> {
  const format = wantedFormat(request, query.format);
  const { fallback, max } = format === null ? LIMITS.json : LIMITS.file;
  const limit = query.limit ?? fallback;
  if (limit > max)
    throw invalid([
      `limit: a page of JSON has ${max} rows at most; csv, arrow and parquet have up to ${LIMITS.file.max}`,
    ]);
  if (format === null) return sendJson(request, response, await rows.page(limit));
  const read = async (take: (rows: readonly Row[]) => void): Promise<string | null> => {
    if (rows.pieces) return rows.pieces(limit, take);
    const { items, next } = await rows.page(Math.min(limit, LIMITS.json.max));
    take(items);
    return next;
  };
  sendTable(request, response, await encodePage(format, columns, read), name);
}
