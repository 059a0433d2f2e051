import { randomUUID } from 'node:crypto';
import { runId, taskId, type DatasetDefinition, type TimeRange } from '@freshet/domain';
import type { Database } from '../base';
import { wake } from './outbox';
import {
  BACKFILL_PRIORITY,
  Refused,
  activeRunsOf,
  findRun,
  insertRun,
  lockTriggers,
  parametersOf,
  refusal,
  type TriggerResult,
} from './planned-run';

export interface BackfillRunRequest {
  readonly definition: Pick<DatasetDefinition, 'id' | 'contentVersion'>;
  readonly window: TimeRange;
  readonly only: readonly string[];
  /** The same one twice gives the run of the first call. */
  readonly idempotencyKey: string;
  /** Backfill runs of the dataset that may be active at a time, this one included. */
  readonly maxInFlight?: number;
}

const MOST_IN_FLIGHT = 2;

/**
 * Plans a run that fills a window of history. Refused while a normal run of the dataset is active, or as many others of its kind as
 * may be: `running` is then the one in the way.
 */
export async function startBackfillRun(database: Database, request: BackfillRunRequest): Promise<TriggerResult> {
  const { definition, window, only, idempotencyKey, maxInFlight = MOST_IN_FLIGHT } = request;
  try {
    return await database.transaction(async (tx) => {
      await lockTriggers(tx, definition.id);
      const existing = await findRun(tx, idempotencyKey);
      if (existing) return { accepted: true, runs: [existing] };
      const active = await activeRunsOf(tx, definition.id);
      const normal = active.find(({ priority }) => priority >= 0);
      const inTheWay = normal ?? (active.length >= maxInFlight ? active[0] : undefined);
      if (inTheWay) throw new Refused(definition.id, inTheWay.id);
      const run = {
        runId: runId(randomUUID()),
        taskId: taskId(randomUUID()),
        dataset: definition.id,
        trigger: 'backfill',
        idempotencyKey,
        force: false,
        file: null,
        contentVersion: definition.contentVersion,
        priority: BACKFILL_PRIORITY,
      } as const;
      await insertRun(tx, run, parametersOf(window, only));
      await wake(tx);
      return { accepted: true, runs: [run.runId] };
    });
  } catch (error) {
    return refusal(error);
  }
}
