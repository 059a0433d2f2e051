import type { Request, Response } from 'express';
import type { PageView } from '@freshet/contracts';
import type { Column } from './column';
import type { TableFormat } from './format';

/** Where the next page of an answer without a JSON body is: the cursor alone, beside the `Link` of RFC 8288. */
export const NEXT_CURSOR = 'Freshet-Next-Cursor';

/** A page as it is sent. */
export interface EncodedPage {
  readonly format: TableFormat;
  readonly body: readonly Uint8Array[];
  readonly next: string | null;
}

/** Encodes rows as they come; of them only what the format makes of them is held. */
export async function encodePage<Row>(
  format: TableFormat,
  columns: ReadonlyArray<Column<Row>>,
  read: (take: (rows: readonly Row[]) => void) => Promise<string | null>,
): Promise<EncodedPage> {
  const encoder = await format.open(columns);
  const next = await read((rows) => encoder.add(rows));
  return { format, body: encoder.finish(), next };
}

export function sendJson<Row>(request: Request, response: Response, page: PageView<Row>): void {
  headers(request, response, page.next);
  response.json(page);
}

/** `name` is that of the file a browser would store. */
export function sendTable(request: Request, response: Response, page: EncodedPage, name: string): void {
  headers(request, response, page.next);
  response.setHeader('Content-Type', page.format.contentType);
  response.setHeader('Content-Disposition', `attachment; filename="${name}.${page.format.name}"`);
  response.setHeader(
    'Content-Length',
    page.body.reduce((sum, part) => sum + part.byteLength, 0),
  );
  for (const part of page.body) response.write(part);
  response.end();
}

function headers(request: Request, response: Response, next: string | null): void {
  response.vary('Accept');
  if (next === null) return;
  const query = new URLSearchParams(request.originalUrl.split('?')[1] ?? '');
  query.set('cursor', next);
  // Relative to the request, so that it is right behind any proxy.
  response.setHeader('Link', `<?${query.toString()}>; rel="next"`);
  response.setHeader(NEXT_CURSOR, next);
}
