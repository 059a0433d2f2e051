import { createHash } from 'node:crypto';
import type { AlertHistory } from '@freshet/database';
import type { DatasetDefinition } from '@freshet/domain';
import { CloudEvent } from 'cloudevents';
import type { Telling } from './rule';

/** `data` of the CloudEvents that are sent; instants are RFC 3339 in UTC. */
export interface AlertData {
  readonly dataset: string;
  readonly title: string;
  /** One sentence for a person. */
  readonly message: string;
  readonly nextStep: string | null;
  readonly runId: string | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly consecutiveFailures: number;
  /** When the publisher last confirmed the content. */
  readonly confirmedAt: string;
  readonly maxAgeSeconds: number;
}

/** A UUID made of a name: the same condition always gives the same id (in the manner of RFC 9562, version 8). */
export function notificationId(dataset: string, { kind, condition }: Pick<Telling, 'kind' | 'condition'>): string {
  const bytes = createHash('sha256')
    .update(JSON.stringify([dataset, kind, condition]))
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** CloudEvents 1.0: `type` is `freshet.dataset.<kind>.v1`, `subject` the dataset. */
export function alertEvent(
  definition: DatasetDefinition,
  history: AlertHistory,
  telling: Telling,
  consecutiveFailures: number,
  source: string,
  now: Date,
): CloudEvent<AlertData> {
  const failure = telling.kind === 'failed' ? (telling.run?.failure ?? null) : null;
  return new CloudEvent<AlertData>({
    id: notificationId(definition.id, telling),
    source,
    type: `freshet.dataset.${telling.kind}.v1`,
    subject: definition.id,
    time: now.toISOString(),
    datacontenttype: 'application/json',
    data: {
      dataset: definition.id,
      title: definition.title,
      message: messageFor(definition, history, telling, consecutiveFailures),
      nextStep: nextStepFor(definition, telling),
      runId: telling.run?.id ?? null,
      failure: failure && { code: failure.code, message: failure.message },
      consecutiveFailures,
      confirmedAt: history.confirmedAt.toISOString(),
      maxAgeSeconds: definition.maxAgeSeconds,
    },
  });
}

function messageFor(
  { id, maxAgeSeconds }: DatasetDefinition,
  { confirmedAt, told }: AlertHistory,
  { kind, run }: Telling,
  failures: number,
): string {
  if (kind === 'recovered')
    return `${id} is fresh again, after ${[...new Set(told.map((earlier) => earlier.kind))].join(' and ')}`;
  if (kind === 'stale')
    return `${id} was last confirmed at ${confirmedAt.toISOString()}, more than ${Math.round(maxAgeSeconds / 3600)} h ago`;
  const times = failures === 1 ? 'failed' : `failed ${failures} times in a row`;
  return `refreshing ${id} ${times}: ${run?.failure?.message ?? 'no reason was recorded'}`;
}

function nextStepFor({ id }: DatasetDefinition, { kind, run }: Telling): string | null {
  if (kind === 'recovered') return null;
  if (kind === 'stale')
    return `See why with "freshet runs --dataset ${id}", or start one: freshet refresh ${id} --wait`;
  return run?.failure?.nextStep ?? `See why with "freshet runs --dataset ${id}".`;
}
