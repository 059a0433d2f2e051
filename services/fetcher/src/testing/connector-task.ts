import type { DatasetDefinition, Logger } from '@freshet/domain';
import { HttpClient } from '@freshet/publisher';
import type { ConnectorTask } from '../connectors/connector';
import type { CutChunk } from '../cutters/cutter';
import { spec } from './parts';

export interface Watched {
  readonly task: ConnectorTask;
  readonly emitted: Array<{ resource: string; chunk: CutChunk }>;
  /** What was logged, fields and sentences. */
  readonly logged: string[];
  readonly coolDowns: number[];
  readonly permits: () => number;
  /** Everything emitted, line by line. */
  readonly lines: () => string[];
}

const open: HttpClient[] = [];

/** A task for a connector, and all it does with it. */
export function connectorTask(definition: DatasetDefinition, over: Partial<ConnectorTask> = {}): Watched {
  const { allowPrivateHosts, timeouts } = definition;
  const http = new HttpClient({ allowPrivateHosts, timeouts });
  open.push(http);
  const emitted: Watched['emitted'] = [];
  const logged: string[] = [];
  const coolDowns: number[] = [];
  let permits = 0;
  const log = (fields: object, message: string): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const logger: Logger = { debug: log, info: log, warn: log, error: log, child: () => logger };
  const task: ConnectorTask = {
    definition,
    spec: spec({ dataset: definition.id }),
    http,
    signal: new AbortController().signal,
    logger,
    clock: { now: () => new Date('2026-11-20T13:00:00Z') },
    secret: null,
    permit: async () => void (permits += 1),
    coolDown: async (ms) => void coolDowns.push(ms),
    chunkBytes: 4096,
    localFiles: true,
    emit: async (resource, chunk) => void emitted.push({ resource, chunk }),
    progress: { bytesReceived: 0, bytesExpected: 0 },
    ...over,
  };
  const lines = (): string[] => emitted.flatMap(({ chunk }) => chunk.body.toString('utf8').split('\n').slice(0, -1));
  return { task, emitted, logged, coolDowns, permits: () => permits, lines };
}

/** Ends the connections of all tasks made so far. */
export function closeConnections(): void {
  for (const http of open.splice(0)) http.close();
}
