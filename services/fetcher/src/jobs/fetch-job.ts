import type { FetchProgress, FetchRequested, Lease, TaskSpec, WorkerPort } from '@freshet/contracts';
import { systemClock, toFailure, type DatasetDefinition, type Logger, type TaskManifest } from '@freshet/domain';
import type { Messaging } from '@freshet/messaging';
import { HttpClient, retryAfterOf } from '@freshet/publisher';
import { failSpan, inSpan } from '@freshet/runtime';
import type { Connector } from '../connectors/connector';
import { countDownload } from '../metrics';
import type { FetcherOptions } from '../options';
import { ChunkPublisher } from './chunk-publisher';
import { Cancelled, LeaseLost, ShuttingDown, totalTimeout } from './endings';
import { LeaseKeeper } from './lease-keeper';
import { Permits } from './permits';
import { repeatWhileUnavailable } from './repeat';

export interface FetchJobParts {
  readonly worker: WorkerPort;
  readonly messaging: Messaging;
  readonly connector: Connector;
  readonly definition: DatasetDefinition;
  readonly request: FetchRequested;
  readonly spec: TaskSpec;
  readonly lease: Lease;
  readonly leaseMs: number;
  readonly claimedAt: number;
  readonly options: FetcherOptions;
  readonly logger: Logger;
  readonly peakRssBytes: () => number;
}

/** About 25 days; a timer that is given more fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export type JobEnding = 'completed' | 'failed' | 'released' | 'lost' | 'cancelled';

/** One attempt at one task, from the claimed lease to the last word to the coordinator. Never rejects. */
export class FetchJob {
  private readonly stopping = new AbortController();
  private readonly progress = { bytesReceived: 0, bytesExpected: 0 };
  private publisher: ChunkPublisher | null = null;
  private failedWith: string | null = null;

  constructor(private readonly parts: FetchJobParts) {}

  /** Ends the job at once; the lease is handed back. */
  stop(): void {
    this.stopping.abort(new ShuttingDown());
  }

  run(): Promise<JobEnding> {
    const { dataset, runId, taskId, attempt } = this.parts.request;
    return inSpan('task', { dataset, runId, taskId, attempt }, async (span) => {
      const startedAt = performance.now();
      const ending = await this.work();
      if (ending === 'failed' || ending === 'lost') failSpan(span, this.failedWith ?? ending);
      countDownload(dataset, ending, (performance.now() - startedAt) / 1000, this.progress.bytesReceived);
      return ending;
    });
  }

  private async work(): Promise<JobEnding> {
    const { worker, lease, leaseMs, claimedAt, logger } = this.parts;
    const keeper = new LeaseKeeper({ worker, lease, leaseMs, claimedAt, logger, progress: () => this.report() });
    try {
      const manifest = await inSpan('fetch', {}, () => this.fetch(keeper));
      const { held } = await this.tell(keeper, () => worker.complete(lease, manifest, this.report()));
      logger.info({ held, ...summary(manifest) }, held ? 'fetched' : 'fetched, but another attempt has the task');
      return held ? 'completed' : 'lost';
    } catch (error) {
      return await this.end(error, keeper).catch((last: unknown) => this.unheard(last));
    } finally {
      keeper.stop();
    }
  }

  private async fetch(keeper: LeaseKeeper): Promise<TaskManifest> {
    const { definition, spec, messaging, request, options, connector, logger } = this.parts;
    const { totalMs, growth } = definition.timeouts;
    const allowedMs = Math.min(LONGEST_TIMER_MS, totalMs * (1 + growth * (spec.tries - 1)));
    const overdue = new AbortController();
    const timer = setTimeout(() => overdue.abort(totalTimeout(allowedMs, spec.tries)), allowedMs);
    const signal = AbortSignal.any([this.stopping.signal, keeper.lost, overdue.signal]);
    const { allowPrivateHosts, userAgent, timeouts } = definition;
    const http = new HttpClient({ allowPrivateHosts, userAgent, timeouts });
    const { maxChunksInFlight: maxInFlight, maxMessageBytes, chunkBytes, localFiles } = options;
    const permits = new Permits({ ...this.parts, signal });
    const secret = options.secrets.get(definition.credential?.variable ?? '') ?? null;
    const publisher = new ChunkPublisher({ messaging, request, maxInFlight, maxMessageBytes, signal });
    this.publisher = publisher;
    try {
      const manifest = await connector.fetch({
        ...{ definition, spec, http, signal, logger, chunkBytes, localFiles, secret, clock: systemClock },
        permit: () => permits.take(),
        coolDown: (ms) => permits.coolDown(ms),
        emit: (resource, chunk) => publisher.publish(resource, chunk),
        progress: this.progress,
      });
      await publisher.drain();
      return manifest;
    } catch (error) {
      // Whatever broke because it was aborted, the reason is what happened.
      throw signal.aborted ? signal.reason : error;
    } finally {
      clearTimeout(timer);
      http.close();
    }
  }

  private async end(error: unknown, keeper: LeaseKeeper): Promise<JobEnding> {
    const { worker, lease, logger } = this.parts;
    if (error instanceof LeaseLost) {
      logger.warn({}, error.message);
      return 'lost';
    }
    if (error instanceof Cancelled || error instanceof ShuttingDown) {
      const { held } = await worker.release(lease);
      logger.info({ held }, `${error.message}, the lease was handed back`);
      return error instanceof Cancelled ? 'cancelled' : 'released';
    }
    const failure = toFailure(error);
    this.failedWith = failure.code;
    const { held } = await this.tell(keeper, () => worker.fail(lease, failure, retryAfterOf(failure)));
    const { code, kind, attributes } = failure;
    const stack = failure.code === 'internal' && error instanceof Error ? error.stack : undefined;
    logger.warn({ code, kind, attributes, held, stack }, failure.message);
    return 'failed';
  }

  /** A last word is repeated until it is heard or the lease has run out. On shutdown there is no time for that. */
  private tell<T>(keeper: LeaseKeeper, call: () => Promise<T>): Promise<T> {
    return repeatWhileUnavailable(call, { until: AbortSignal.any([keeper.lost, this.stopping.signal]) });
  }

  private unheard(error: unknown): JobEnding {
    const message = error instanceof Error ? error.message : String(error);
    this.parts.logger.warn(
      { error: message },
      'the coordinator could not be told how it ended; the lease will run out',
    );
    return 'lost';
  }

  private report(): FetchProgress {
    return { ...this.progress, chunksCut: this.publisher?.published ?? 0, peakRssBytes: this.parts.peakRssBytes() };
  }
}

const summary = ({ outcome, access, bytesReceived, resources, ignoredMembers }: TaskManifest): object => ({
  outcome,
  access: access.kind,
  bytesReceived,
  chunks: resources.reduce((sum, resource) => sum + resource.chunks, 0),
  records: resources.reduce((sum, resource) => sum + resource.records, 0),
  ignoredMembers,
});
