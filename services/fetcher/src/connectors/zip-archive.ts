import {
  FreshetError,
  type DatasetDefinition,
  type ResourceDefinition,
  type ResourceManifest,
  type TaskManifest,
} from '@freshet/domain';
import { cutterOf } from '../cutters/registry';
import { memberKey } from '../zip/entry-name';
import { unsafeEntry, tooLarge } from '../zip/failures';
import { readArchive, type ArchiveEntry } from '../zip/read-archive';
import type { Connector, ConnectorTask } from './connector';
import { failureOfFile } from './file-failure';
import { openPayload, type Payload } from './payload';

/**
 * One archive with a member for each resource, matched by file name without folders and without case. The archive streams
 * through and is never stored. Delivery: chunks are emitted while it is still arriving; the manifest comes only after its end
 * was found whole, every checksum right and every required member there.
 */
export const zipArchive: Connector = {
  async fetch(task) {
    const { file } = task.spec;
    if (file === null) return fetchArchive(task);
    return fetchArchive(task).catch((error: unknown) => Promise.reject(failureOfFile(error, file)));
  },
};

async function fetchArchive(task: ConnectorTask): Promise<TaskManifest> {
  const payload = await openPayload(task);
  try {
    return payload.outcome === 'not_modified' ? notModified(payload) : await readMembers(task, payload);
  } finally {
    payload.close();
  }
}

const notModified = ({ access, validators }: Payload): TaskManifest => ({
  outcome: 'not_modified',
  access,
  validators,
  bytesReceived: 0,
  resources: [],
  ignoredMembers: [],
});

async function readMembers(task: ConnectorTask, payload: Payload): Promise<TaskManifest> {
  const { definition, progress } = task;
  const limits = definition.archive;
  if (payload.totalBytes > limits.maxCompressedBytes) throw tooLarge(payload.totalBytes, limits.maxCompressedBytes);
  progress.bytesExpected = payload.totalBytes;
  const wanted = new Map(definition.resources.map((resource) => [resource.member.toLowerCase(), resource]));
  const found = new Map<string, ResourceManifest>();
  const ignoredMembers: string[] = [];
  for await (const entry of readArchive(counted(payload, progress), { limits })) {
    if (entry.folder) continue;
    const resource = wanted.get(memberKey(entry.name));
    if (!resource) ignoredMembers.push(entry.name);
    else if (found.has(resource.name))
      throw unsafeEntry(`two entries could be ${resource.member}`, { entry: entry.name });
    else found.set(resource.name, await cutMember(task, resource, entry));
  }
  const resources = present(definition, found, ignoredMembers);
  const { access, validators } = payload;
  return { outcome: 'fetched', access, validators, bytesReceived: payload.receivedBytes(), resources, ignoredMembers };
}

async function* counted(payload: Payload, progress: ConnectorTask['progress']): AsyncGenerator<Buffer> {
  for await (const piece of payload.body) {
    progress.bytesReceived = payload.receivedBytes();
    yield piece;
  }
}

async function cutMember(
  task: ConnectorTask,
  resource: ResourceDefinition,
  entry: ArchiveEntry,
): Promise<ResourceManifest> {
  const cutter = cutterOf(resource, task.chunkBytes);
  for await (const piece of entry.content) {
    for (const chunk of cutter.push(piece)) await task.emit(resource.name, chunk);
  }
  for (const chunk of cutter.end()) await task.emit(resource.name, chunk);
  const totals = cutter.totals();
  if (totals.records === 0 && resource.required) throw empty(resource);
  return { resource: resource.name, ...totals, header: [...totals.header] };
}

/** Manifests in the order of the definition. @throws FreshetError `resource_missing` */
function present(
  definition: DatasetDefinition,
  found: ReadonlyMap<string, ResourceManifest>,
  others: readonly string[],
): ResourceManifest[] {
  const missing = definition.resources.filter((resource) => resource.required && !found.has(resource.name));
  if (missing.length > 0) {
    const names = missing.map((resource) => resource.member).join(', ');
    throw new FreshetError('resource_missing', {
      message: `the archive has no ${names}${others.length > 0 ? `; it has ${others.slice(0, 10).join(', ')}` : ''}`,
      nextStep:
        'If the publisher renamed or retired it, correct `member` (or `required`) of the resource in the definition.',
      attributes: { missing: names, others: others.slice(0, 10).join(', ') },
    });
  }
  return definition.resources.flatMap((resource) => found.get(resource.name) ?? []);
}

const empty = (resource: ResourceDefinition): FreshetError =>
  new FreshetError('resource_empty', {
    message: `${resource.member} has no records`,
    nextStep:
      'Look at the publisher’s page: an empty table is kept from replacing a full one. If it is right, set `required: false`.',
    attributes: { resource: resource.name, member: resource.member },
  });
