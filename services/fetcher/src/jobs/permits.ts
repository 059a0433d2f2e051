import { setTimeout as wait } from 'node:timers/promises';
import type { Lease, WorkerPort } from '@freshet/contracts';
import type { DatasetDefinition, Logger } from '@freshet/domain';
import { repeatWhileUnavailable } from './repeat';

export interface PermitsOptions {
  readonly worker: WorkerPort;
  readonly lease: Lease;
  readonly definition: Pick<DatasetDefinition, 'rateLimit'>;
  readonly logger: Logger;
  /** Ends the waiting, with its reason. */
  readonly signal: AbortSignal;
}

/** Between two questions at least, whatever the answer: a coordinator that says 0 is not to be asked in a circle. */
const SHORTEST_WAIT_MS = 20;

/**
 * Leave to send requests, from the coordinator, which counts those of all fetchers together. It may take minutes; the lease is
 * renewed meanwhile by who keeps it. Nothing is asked where the definition has no rate limit.
 */
export class Permits {
  constructor(private readonly options: PermitsOptions) {}

  /** Resolves when one request may be sent. @throws the reason of the signal */
  async take(): Promise<void> {
    const { worker, lease, definition, logger, signal } = this.options;
    if (!definition.rateLimit) return signal.throwIfAborted();
    for (let asked = 1; ; asked += 1) {
      signal.throwIfAborted();
      const { granted, waitMs } = await repeatWhileUnavailable(() => worker.permit(lease), { until: signal });
      if (!granted && asked === 1) logger.info({ waitMs }, 'waiting for leave to ask the publisher');
      await this.pause(granted ? waitMs : Math.max(SHORTEST_WAIT_MS, waitMs));
      if (granted) return;
    }
  }

  /** Nobody asks the publisher for so long. */
  async coolDown(ms: number): Promise<void> {
    const { worker, lease, definition, logger, signal } = this.options;
    if (!definition.rateLimit || ms <= 0) return;
    logger.warn({ ms }, 'the publisher suspended us, nobody asks it for a while');
    await repeatWhileUnavailable(() => worker.coolDown(lease, ms), { until: signal });
  }

  private async pause(ms: number): Promise<void> {
    const { signal } = this.options;
    if (ms > 0) await wait(ms, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }
}
