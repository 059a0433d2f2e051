import type { DatasetDefinition } from '@freshet/domain';
import type { Database } from '../../base';
import { runSeriesChecks, type CheckOutcome } from '../checks';
import { asSeries } from './merge';
import type { Window } from './held';
import { lockMerges } from './merge-staged';

/** All checks of a time series over a window of what is stored. Results belong to no run, and hold nothing back. */
export async function checkTimeSeries(
  database: Database,
  definition: DatasetDefinition,
  window: Window,
): Promise<readonly CheckOutcome[]> {
  const series = asSeries(definition);
  return database.transaction(async (tx) => {
    await lockMerges(tx, definition.id);
    return runSeriesChecks(tx, series, { ...window, runId: null });
  });
}
