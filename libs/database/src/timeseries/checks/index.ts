import type { CheckResultView } from '@freshet/contracts';
import type { DatasetDefinition } from '@freshet/domain';
import type { Transaction } from '../../base';

/** What the checks look at: interval starts, half-open, of some series. */
export interface CheckScope {
  readonly from: Date;
  readonly to: Date;
  /** Null for the health check, as the run is. */
  readonly mergeId: number | null;
  readonly runId: string | null;
  readonly seriesIds: readonly number[];
}

export type CheckOutcome = Pick<CheckResultView, 'name' | 'kind' | 'severity' | 'evaluated' | 'failed' | 'examples'> & {
  /** Of severity `hold`, and failed: the run must not be published. */
  readonly held: boolean;
};

/** Runs the checks of the definition over the window and stores what they found. */
export async function runSeriesChecks(
  _tx: Transaction,
  _definition: Pick<DatasetDefinition, 'id' | 'timeseries'>,
  _scope: CheckScope,
): Promise<readonly CheckOutcome[]> {
  return [];
}
