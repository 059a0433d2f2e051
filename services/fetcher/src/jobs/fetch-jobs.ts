import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import {
  decodeMessage,
  encodeMessage,
  fetchRequestedSchema,
  ProcessPeaks,
  TOPICS,
  type WorkerPort,
} from '@freshet/contracts';
import type { Logger } from '@freshet/domain';
import { MESSAGING, type InboundMessage, type Messaging } from '@freshet/messaging';
import { INSTANCE, LOGGER, peakRssBytes, type InstanceInfo } from '@freshet/runtime';
import { assertConnectors, CONNECTORS } from '../connectors/registry';
import type { FetcherOptions } from '../options';
import { FETCHER_OPTIONS, WORKER_PORT } from '../tokens';
import { ShuttingDown } from './endings';
import { FetchJob } from './fetch-job';
import { Slots } from './slots';

/**
 * Takes tasks up. A message is done once its task is claimed (or is somebody else's): from then on the lease stands for it, and
 * the download goes on by itself, so that no consumer session depends on how long it takes.
 */
@Injectable()
export class FetchJobs implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly slots: Slots;
  private readonly running = new Map<FetchJob, Promise<void>>();
  private readonly stopping = new AbortController();
  private readonly peaks: ProcessPeaks;

  constructor(
    @Inject(WORKER_PORT) private readonly worker: WorkerPort,
    @Inject(MESSAGING) private readonly messaging: Messaging,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(FETCHER_OPTIONS) private readonly options: FetcherOptions,
    @Inject(INSTANCE) private readonly instance: InstanceInfo,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.slots = new Slots(options.maxDownloads);
    this.peaks = new ProcessPeaks(instance, peakRssBytes);
  }

  /** @throws FreshetError `definition_invalid` when a definition asks for what this fetcher does not have */
  onApplicationBootstrap(): void {
    assertConnectors(this.catalog.all());
  }

  /** Resolves once the task is claimed, or found to be taken, over or gone. */
  async handle(message: InboundMessage): Promise<void> {
    const { meta: request } = decodeMessage(fetchRequestedSchema, message.value);
    const definition = this.catalog.getVersion(request.dataset, request.contentVersion);
    const { runId, taskId, attempt, dataset } = request;
    const logger = this.logger.child({ runId, taskId, attempt, dataset });
    const release = await this.slots.take(AbortSignal.any([message.signal, this.stopping.signal]));
    try {
      const claimedAt = performance.now();
      const answer = await this.worker.claim(taskId, attempt, this.instance.instance);
      if (!answer.granted) {
        logger.info({}, 'the attempt is not to be had: taken, over or replaced');
        return release();
      }
      const { token, leaseMs, spec } = answer;
      const { worker, messaging, options } = this;
      const job = new FetchJob({
        ...{ worker, messaging, options, definition, request, spec, logger, peakRssBytes, leaseMs, claimedAt },
        connector: CONNECTORS[definition.connector],
        lease: { taskId, attempt, token },
      });
      this.start(job, runId, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Hands every lease back and takes up nothing more. To be called while messages can still be published. */
  async stop(): Promise<void> {
    this.stopping.abort(new ShuttingDown());
    for (const job of this.running.keys()) job.stop();
    await Promise.all(this.running.values());
  }

  onModuleDestroy(): Promise<void> {
    return this.stop();
  }

  /** For health and tests. */
  get downloads(): number {
    return this.running.size;
  }

  private start(job: FetchJob, runId: string, release: () => void): void {
    const ended = job.run().then(async () => {
      this.running.delete(job);
      release();
      await this.tellPeak(runId);
    });
    this.running.set(job, ended);
    if (this.stopping.signal.aborted) job.stop();
  }

  /** A report that is lost costs nothing. */
  private async tellPeak(runId: string): Promise<void> {
    const peak = this.peaks.after(runId);
    if (!peak || this.stopping.signal.aborted) return;
    await this.messaging
      .publish({ topic: TOPICS.runEvents, key: runId, value: encodeMessage(peak) })
      .catch(() => undefined);
  }
}
