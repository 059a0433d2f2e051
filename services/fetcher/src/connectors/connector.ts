import type { TaskSpec } from '@freshet/contracts';
import type { Clock, DatasetDefinition, Logger, TaskManifest } from '@freshet/domain';
import type { HttpClient } from '@freshet/publisher';
import type { CutChunk } from '../cutters/cutter';

/**
 * Knows how to get the payload of a task from its publisher and to cut it. A connector keeps nothing between tasks and asks
 * nobody but the publisher.
 *
 * `fetch` is called once for each attempt. It resolves with the manifest of everything it gave to `task.emit`, after the last
 * chunk was accepted and the payload was proved whole; until then its chunks are provisional, and a later attempt replaces
 * them. It rejects with a `FreshetError` that names what was wrong, and at once when `task.signal` is aborted, with its reason.
 */
export interface Connector {
  fetch(task: ConnectorTask): Promise<TaskManifest>;
}

export interface ConnectorTask {
  readonly definition: DatasetDefinition;
  readonly spec: TaskSpec;
  /** For this task alone; closed by the caller. */
  readonly http: HttpClient;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Value of the credential that the definition names; null when it names none or nobody gave one. */
  readonly secret: string | null;
  readonly chunkBytes: number;
  readonly localFiles: boolean;
  /** Resolves when one request may be sent to a publisher with a rate limit; one permit a request, repeated ones too. */
  permit(): Promise<void>;
  /** Tells all fetchers that the publisher suspended us for `ms`. */
  coolDown(ms: number): Promise<void>;
  /** Resolves when there is room for more: that is the back-pressure. */
  emit(resource: string, chunk: CutChunk): Promise<void>;
  /** Kept up to date by the connector: what the coordinator is told with each renewal. */
  readonly progress: { bytesReceived: number; bytesExpected: number };
}
