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
  /** When the publisher last confirmed the content; of a time series, until when it has data plus what the publisher normally needs. */
  readonly confirmedAt: string;
  readonly maxAgeSeconds: number;
  /** Of a time series: until when all of its respondents have data; null while there is none. */
  readonly dataUntil?: string | null;
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
  /** Of a time series. */
  dataUntil: Date | null,
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
      message: messageFor(definition, history, telling, consecutiveFailures, dataUntil),
      nextStep: nextStepFor(definition, telling),
      runId: telling.run?.id ?? null,
      failure: failure && { code: failure.code, message: failure.message },
      consecutiveFailures,
      confirmedAt: history.confirmedAt.toISOString(),
      maxAgeSeconds: definition.maxAgeSeconds,
      ...(definition.timeseries ? { dataUntil: dataUntil?.toISOString() ?? null } : {}),
    },
  });
}

function messageFor(
  definition: DatasetDefinition,
  history: AlertHistory,
  { kind, run }: Telling,
  failures: number,
  dataUntil: Date | null,
): string {
  const { id } = definition;
  if (kind === 'recovered') {
    const told = [...new Set(history.told.map((earlier) => earlier.kind))].join(' and ');
    return `${id} is fresh again${dataUntil ? `, with data until ${minute(dataUntil)}` : ''}, after ${told}`;
  }
  if (kind === 'stale') return staleMessage(definition, history, dataUntil);
  const times = failures === 1 ? 'failed' : `failed ${failures} times in a row`;
  return `refreshing ${id} ${times}: ${run?.failure?.message ?? 'no reason was recorded'}`;
}

function staleMessage(
  { id, maxAgeSeconds, timeseries }: DatasetDefinition,
  { confirmedAt }: AlertHistory,
  dataUntil: Date | null,
): string {
  const confirmed = `${id} was last confirmed at ${confirmedAt.toISOString()}, more than ${hours(maxAgeSeconds)} ago`;
  if (!timeseries) return confirmed;
  if (!dataUntil) return `${id} has no data yet, more than ${hours(maxAgeSeconds)} after it was first asked for`;
  const { lagSeconds } = timeseries;
  // A confirmation is never later than the moment of looking: then nobody looked since, and the publisher is not late.
  if (confirmedAt.getTime() < dataUntil.getTime() + lagSeconds * 1000)
    return `${confirmed}; it has data until ${minute(dataUntil)}`;
  return `${id} has data until ${minute(dataUntil)}, more than ${hours(maxAgeSeconds + lagSeconds)} ago: ${hours(maxAgeSeconds)} past the ${hours(lagSeconds)} that its publisher normally needs`;
}

const hours = (seconds: number): string => `${Math.round(seconds / 360) / 10} h`;
/** `2026-11-20 09:00 UTC` */
const minute = (instant: Date): string => `${instant.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

function nextStepFor({ id }: DatasetDefinition, { kind, run }: Telling): string | null {
  if (kind === 'recovered') return null;
  if (kind === 'stale')
    return `See why with "freshet runs --dataset ${id}", or start one: freshet refresh ${id} --wait`;
  return run?.failure?.nextStep ?? `See why with "freshet runs --dataset ${id}".`;
}
