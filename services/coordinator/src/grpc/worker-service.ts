import { Inject, Injectable } from '@nestjs/common';
import type { Metadata, UntypedServiceImplementation } from '@grpc/grpc-js';
import { failureSchema, type ClaimAnswer } from '@freshet/contracts';
import type { Logger, TaskManifest } from '@freshet/domain';
import { LOGGER } from '@freshet/runtime';
import { z } from 'zod';
import { Problem } from '../control/problem';
import { anySecret } from '../control/tokens';
import { parse } from '../http/zod.pipe';
import type { CoordinatorSettings } from '../settings';
import { SETTINGS } from '../tokens';
import { DirectWorkerPort } from '../worker/direct-worker-port';
import { manifestSchema } from '../worker/manifest-schema';
import { authorizationOf, unary } from './status';

const count = z.number().int().nonnegative();
const progressSchema = z.object({ bytesReceived: count, bytesExpected: count, chunksCut: count, peakRssBytes: count });
const claimSchema = z.object({ taskId: z.guid(), attempt: count, worker: z.string().max(200) });
const leaseSchema = z
  .object({ taskId: z.guid(), attempt: count, leaseToken: z.guid() })
  .transform(({ taskId, attempt, leaseToken }) => ({ taskId, attempt, token: leaseToken }));

interface WithLease {
  readonly taskId: string;
  readonly attempt: number;
  readonly leaseToken: string;
}

/** `freshet.worker.v1`: the worker's contract for fetchers of other processes, under a token of its own. */
@Injectable()
export class WorkerService {
  constructor(
    @Inject(DirectWorkerPort) private readonly worker: DirectWorkerPort,
    @Inject(SETTINGS) private readonly settings: CoordinatorSettings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  methods(): UntypedServiceImplementation {
    const method = <Request, Response>(work: (request: Request) => Promise<Response>) =>
      unary<Request, Response>(this.logger, (metadata) => this.admit(metadata), work);
    const lease = (request: WithLease) => parse(leaseSchema, request);
    return {
      claim: method(async (request: unknown) => {
        const { taskId, attempt, worker } = parse(claimSchema, request);
        return toClaimResponse(await this.worker.claim(taskId, attempt, worker));
      }),
      renew: method((request: WithLease & { progress: unknown }) =>
        this.worker.renew(lease(request), progressOf(request.progress)),
      ),
      complete: method((request: WithLease & { manifestJson: string; progress: unknown }) =>
        this.worker.complete(
          lease(request),
          parse<TaskManifest>(manifestSchema, json(request.manifestJson, 'manifest_json'), 'manifest_json'),
          progressOf(request.progress),
        ),
      ),
      fail: method((request: WithLease & { failureJson: string; retryAfterMs: number }) =>
        this.worker.fail(
          lease(request),
          parse(failureSchema, json(request.failureJson, 'failure_json'), 'failure_json'),
          parse(count, request.retryAfterMs, 'retry_after_ms'),
        ),
      ),
      release: method((request: WithLease) => this.worker.release(lease(request))),
      permit: method((request: WithLease) => this.worker.permit(lease(request))),
      coolDown: method(async (request: WithLease & { ms: number }) => {
        await this.worker.coolDown(lease(request), parse(count, request.ms, 'ms'));
        return {};
      }),
    };
  }

  private admit(metadata: Metadata): void {
    if (anySecret(this.settings.workerTokens, authorizationOf(metadata))) return;
    throw new Problem('unauthenticated', {
      error: 'the worker token is needed in the metadata "authorization"',
      nextStep: 'Give fetcher and coordinator the same FRESHET_WORKER_TOKEN.',
    });
  }
}

const progressOf = (progress: unknown) =>
  parse(progressSchema, progress ?? { bytesReceived: 0, bytesExpected: 0, chunksCut: 0, peakRssBytes: 0 }, 'progress');

const toClaimResponse = (answer: ClaimAnswer) =>
  answer.granted
    ? { granted: true, leaseToken: answer.token, leaseMs: answer.leaseMs, specJson: JSON.stringify(answer.spec) }
    : { granted: false, leaseToken: '', leaseMs: 0, specJson: '' };

function json(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem('invalid', { error: `${name} is not JSON` });
  }
}
