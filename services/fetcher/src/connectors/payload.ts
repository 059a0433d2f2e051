import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { FreshetError, type AccessReport, type Validators } from '@freshet/domain';
import { assertZip, CLASSIFY_BYTES, openAccess, peek } from '@freshet/publisher';
import type { ConnectorTask } from './connector';

export interface Payload {
  readonly outcome: 'body' | 'not_modified';
  readonly access: AccessReport;
  readonly validators: Validators;
  /** 0 when the publisher does not say. */
  readonly totalBytes: number;
  readonly body: AsyncIterable<Buffer>;
  receivedBytes(): number;
  /** Ends the body, whatever waits for it. */
  close(): void;
}

/** The payload of a task: from its publisher, conditionally where that makes sense, or from a local file. */
export function openPayload(task: ConnectorTask): Promise<Payload> {
  return task.spec.file === null ? fromPublisher(task) : fromFile(task, task.spec.file);
}

async function fromPublisher({ definition, spec, http, signal, logger }: ConnectorTask): Promise<Payload> {
  const { report, download, body } = await openAccess(http, definition.access, {
    signal,
    validators: spec.force ? {} : spec.validators,
    onResume: ({ receivedBytes, failure }) =>
      logger.warn({ receivedBytes, code: failure.code }, 'the connection was lost, going on where it stopped'),
  });
  return {
    outcome: download.outcome,
    access: report,
    validators: download.validators,
    totalBytes: download.totalBytes ?? 0,
    body,
    receivedBytes: () => download.receivedBytes(),
    close: () => download.close(),
  };
}

async function fromFile({ localFiles, signal }: ConnectorTask, path: string): Promise<Payload> {
  if (!localFiles) {
    throw unreadable(
      path,
      'this fetcher does not read local files',
      'Local archives can be given to a standalone Freshet only.',
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
  const { head, body } = await peek(read(), CLASSIFY_BYTES);
  assertZip(head, path);
  return {
    outcome: 'body',
    access: { kind: 'file', url: path, skipped: [] },
    validators: {},
    totalBytes: found.size,
    body,
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
