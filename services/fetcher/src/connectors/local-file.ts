import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { FreshetError } from '@freshet/domain';
import type { ConnectorTask } from './connector';

export interface LocalFile {
  readonly bytes: number;
  readonly modifiedAt: Date;
  readonly body: AsyncGenerator<Buffer, void, undefined>;
  receivedBytes(): number;
  close(): void;
}

/**
 * A file that somebody named instead of the publisher.
 * @throws FreshetError `file_unreadable`, also while it is read
 */
export async function openLocalFile({ localFiles, signal }: ConnectorTask, path: string): Promise<LocalFile> {
  if (!localFiles) {
    throw unreadable(
      path,
      'this fetcher does not read local files',
      'Local files can be given to a standalone Freshet only.',
    );
  }
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(path, error.code === 'ENOENT' ? 'there is no such file' : error.message, undefined, error);
  });
  if (!found.isFile()) throw unreadable(path, 'it is not a file');
  const stream = createReadStream(path, { highWaterMark: 256 * 1024, signal });
  let received = 0;
  async function* read(): AsyncGenerator<Buffer, void, undefined> {
    try {
      for await (const piece of stream as AsyncIterable<Buffer>) {
        received += piece.length;
        yield piece;
      }
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw unreadable(path, error instanceof Error ? error.message : String(error), undefined, error);
    }
  }
  return {
    bytes: found.size,
    modifiedAt: found.mtime,
    body: read(),
    receivedBytes: () => received,
    close: () => void stream.destroy(),
  };
}

const unreadable = (path: string, why: string, nextStep?: string, cause?: unknown): FreshetError =>
  new FreshetError('file_unreadable', {
    message: `${path} cannot be read: ${why}`,
    nextStep: nextStep ?? 'Check the path and its permissions; it is read by the process that fetches.',
    attributes: { path },
    cause,
  });
