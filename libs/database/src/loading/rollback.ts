import { FreshetError } from '@freshet/domain';
import type { Database } from '../base';
import { refuseTimeSeries } from './generations';
import { movePointers } from './pointers';

export interface Rollback {
  readonly from: number;
  readonly to: number;
  /** False when `to` is the newest generation, which ends an earlier rollback. */
  readonly pinned: boolean;
}

/**
 * Points readers at another published generation, by default the one before the current, and holds the dataset there until new
 * content arrives or a refresh is forced: an unchanged answer of the publisher leaves it alone.
 *
 * @throws FreshetError `not_found` when there is no such generation, or its rows are gone
 */
export async function rollback(database: Database, dataset: string, to?: number): Promise<Rollback> {
  return database.transaction(async (tx) => {
    const [state] = await tx.query<{ current: number | null; head: number | null }>(
      'SELECT current_generation AS current, head_generation AS head FROM freshet.dataset WHERE id = $1 FOR NO KEY UPDATE',
      [dataset],
    );
    if (!state || state.current === null) {
      await refuseTimeSeries(tx, dataset);
      throw notFound(dataset, 'nothing is published');
    }
    const [target] = await tx.query<{ number: number }>(
      `SELECT number FROM freshet.generation WHERE dataset = $1 AND state = 'published' AND ${to === undefined ? 'number < $2' : 'number = $2'} ORDER BY number DESC LIMIT 1`,
      [dataset, to ?? state.current],
    );
    if (!target)
      throw notFound(
        dataset,
        to === undefined ? `no generation before ${state.current} is kept` : `generation ${to} is not kept`,
      );
    await movePointers(tx, dataset, target.number);
    const pinned = target.number !== state.head;
    await tx.execute('UPDATE freshet.dataset SET current_generation = $2, pinned = $3 WHERE id = $1', [
      dataset,
      target.number,
      pinned,
    ]);
    return { from: state.current, to: target.number, pinned };
  });
}

const notFound = (dataset: string, why: string): FreshetError =>
  new FreshetError('not_found', {
    message: `${dataset} cannot be rolled back: ${why}`,
    nextStep: `Choose one of the generations of: freshet generations ${dataset}.`,
    attributes: { dataset },
  });
