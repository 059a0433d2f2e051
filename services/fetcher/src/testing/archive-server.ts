import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ArchiveServer {
  readonly host: string;
  readonly requests: IncomingMessage[];
  /** What `/a.zip` answers. */
  answer: (response: ServerResponse, request: IncomingMessage) => void;
  close(): Promise<void>;
}

/** A publisher of one archive, for tests. */
export async function serveArchive(archive: Buffer): Promise<ArchiveServer> {
  const server = createServer((request, response) => {
    result.requests.push(request);
    result.answer(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const result: ArchiveServer = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    answer: (response) =>
      response.writeHead(200, { etag: '"1"', 'content-length': String(archive.length) }).end(archive),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return result;
}
