import type { AccessReport, Validators } from '@freshet/domain';
import { assertZip, CLASSIFY_BYTES, openAccess, peek } from '@freshet/publisher';
import type { ConnectorTask } from './connector';
import { openLocalFile } from './local-file';

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

async function fromFile(task: ConnectorTask, path: string): Promise<Payload> {
  const file = await openLocalFile(task, path);
  const { head, body } = await peek(file.body, CLASSIFY_BYTES);
  assertZip(head, path);
  return {
    outcome: 'body',
    access: { kind: 'file', url: path, skipped: [] },
    validators: {},
    totalBytes: file.bytes,
    body,
    receivedBytes: () => file.receivedBytes(),
    close: () => file.close(),
  };
}
