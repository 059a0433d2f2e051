import { randomUUID } from 'node:crypto';
import { HEADERS, TOPICS, encodeMessage } from '@freshet/contracts';
import { healthTick, type SeriesDefinition } from '@freshet/domain';
import type { Database } from '../base';
import { addToOutbox } from './outbox';
import { everStored } from './stored-series';
import { claimTick } from './ticks';

/**
 * Has the loader look at what is stored of a time series, over the definition's window before `due`: once for each due time, whoever
 * asks. Nothing is asked for while nothing was ever stored; the due time counts as dealt with all the same. Returns the window, or null.
 */
export async function requestHealthCheck(
  database: Database,
  { id, timeseries }: Pick<SeriesDefinition, 'id' | 'timeseries'>,
  due: Date,
): Promise<{ readonly from: Date; readonly to: Date } | null> {
  const { health } = timeseries;
  if (!health) return null;
  return database.transaction(async (tx) => {
    if (!(await claimTick(tx, healthTick(id), due)) || !(await everStored(tx, id))) return null;
    const step = timeseries.time.resolutionSeconds * 1000;
    const to = new Date(Math.floor(due.getTime() / step) * step);
    const from = new Date(to.getTime() - health.windowSeconds * 1000);
    const commandId = randomUUID();
    await addToOutbox(tx, {
      topic: TOPICS.loadCommanded,
      key: id,
      value: encodeMessage({
        type: 'check',
        commandId,
        dataset: id,
        runId: null,
        from: from.toISOString(),
        to: to.toISOString(),
      }),
      headers: { [HEADERS.correlationId]: commandId },
    });
    return { from, to };
  });
}
