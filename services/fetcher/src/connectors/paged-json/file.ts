import { FreshetError, type PagedJson, type ResourceDefinition, type TaskManifest } from '@freshet/domain';
import { type AnswerFacts, countAt, refusalOf, type Scrubber, unexpected, warningsAt } from '@freshet/publisher';
import type { ConnectorTask } from '../connector';
import { openLocalFile } from '../local-file';
import { Collected } from './collected';
import { readDocument } from './document';

export interface JsonFileOptions {
  readonly task: ConnectorTask;
  readonly paging: PagedJson;
  readonly resource: ResourceDefinition;
  readonly scrubber: Scrubber;
  readonly path: string;
}

/**
 * An answer of the publisher that somebody kept as a file: read like a page that is the whole answer. It counts as given when
 * the file was last written, so that it never stands on top of what was published since; and for the values that are in it.
 */
export async function fetchJsonFile(options: JsonFileOptions): Promise<TaskManifest> {
  const { task, paging, resource, scrubber, path } = options;
  const { definition, spec, clock, progress } = task;
  const file = await openLocalFile(task, path);
  progress.bytesExpected = file.bytes;
  try {
    const document = await readDocument(file.body, {
      ...{ paging, resource, scrubber, chunkBytes: task.chunkBytes, firstChunk: 0 },
      onBytes: (count) => void (progress.bytesReceived += count),
    });
    const facts: AnswerFacts = {
      ...{ url: path, shown: path, status: 200, contentType: '', retryAfterMs: null, coolDownMs: 0 },
      credential: definition.credential,
    };
    if (document.kind === 'other') throw unexpected(document.head, facts);
    const { envelope, found, bytes, sha256, records } = document;
    const refusal = refusalOf(envelope, facts);
    if (refusal) throw refusal;
    if (!found) throw notAnAnswer(path, paging);
    const total = countAt(envelope, paging.total) ?? records;
    if (total !== records) throw partial(path, records, total);
    const collected = new Collected(task, resource);
    const at = new Date(Math.min(file.modifiedAt.getTime(), clock.now().getTime())).toISOString();
    const warnings = warningsAt(envelope, paging.warnings);
    await collected.add(document, { url: path, at, ms: 0, status: 0, bytes, sha256, records, warnings });
    return {
      outcome: 'fetched',
      access: { kind: 'file', url: path, skipped: [] },
      validators: {},
      bytesReceived: file.receivedBytes(),
      resources: [collected.manifest(path)],
      ignoredMembers: [],
      requests: collected.requests,
      ...(spec.window ? { window: spec.window } : {}),
      selected: [...collected.values].sort(),
    };
  } finally {
    file.close();
  }
}

const notAnAnswer = (path: string, paging: PagedJson): FreshetError =>
  new FreshetError('payload_unknown', {
    message: `${path} has no list at ${paging.records.join('.')}`,
    nextStep: 'Name a file that holds an answer of this dataset’s API as it was received.',
    attributes: { path },
  });

const partial = (path: string, records: number, total: number): FreshetError =>
  new FreshetError('payload_incomplete', {
    message: `${path} holds ${records} of ${total} records`,
    nextStep: 'It is one page of several: ask the API for less at once, so that one answer holds all, and keep that.',
    attributes: { path, records, total },
  });
