/** Views as `control.proto` carries them: proto3 has no null, so absent text is empty and an absent number 0. */
import type { DatasetView, RunView } from '@freshet/contracts';
import type { Failure } from '@freshet/domain';

export const toDataset = (view: DatasetView) => ({
  id: view.id,
  title: view.title,
  freshness: view.freshness,
  generation: view.generation ?? 0,
  pinned: view.pinned,
  confirmedAt: view.confirmedAt ?? '',
  lastRunState: view.lastRun?.state ?? '',
});

export const toRun = (view: RunView) => ({
  id: view.id,
  dataset: view.dataset,
  state: view.state,
  trigger: view.trigger,
  requestedAt: view.requestedAt,
  endedAt: view.endedAt ?? '',
  generation: view.generation ?? 0,
  attempt: view.attempt,
  progress: view.progress,
  failure: view.failure ? toFailureMessage(view.failure) : null,
  resources: view.resources.map(({ resource, rows, refused, bytes }) => ({ resource, rows, refused, bytes })),
  access: view.access && { ...view.access, stamp: view.access.stamp ?? '', skipped: [...view.access.skipped] },
  notes: [...(view.notes ?? [])],
  files: view.files.map(({ path, bytes, warning, writtenAt }) => ({
    path,
    bytes,
    warning: warning ?? '',
    writtenAt: writtenAt ?? '',
  })),
  window: view.window ?? null,
  only: [...(view.only ?? [])],
  priority: view.priority ?? 'normal',
  requests: view.requests ? { ...view.requests, warnings: [...view.requests.warnings] } : null,
});

const toFailureMessage = ({ code, kind, message, nextStep, attributes }: Failure) => ({
  code,
  kind,
  message,
  nextStep,
  attributes: Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, value === null ? '' : String(value)]),
  ),
});

export type RunMessage = ReturnType<typeof toRun>;
