import { Inject, Injectable } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import type { ClaimAnswer, FetchProgress, Lease, PermitAnswer, WorkerPort } from '@freshet/contracts';
import {
  claimAttempt,
  completeAttempt,
  failAttempt,
  releaseAttempt,
  renewLease,
  requestCoolDown,
  requestPermit,
  type Database,
  type RateLimitOf,
} from '@freshet/database';
import type { Failure, TaskManifest } from '@freshet/domain';
import type { CoordinatorSettings } from '../settings';
import { DATABASE, SETTINGS } from '../tokens';

/** The worker's contract, straight on the database: what gRPC serves, and what a fetcher in the same process calls. */
@Injectable()
export class DirectWorkerPort implements WorkerPort {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(SETTINGS) private readonly settings: CoordinatorSettings,
  ) {}

  claim(taskId: string, attempt: number, worker: string): Promise<ClaimAnswer> {
    return claimAttempt(this.database, taskId, attempt, worker, this.settings.leaseMs);
  }

  renew(lease: Lease, progress: FetchProgress): Promise<{ held: boolean; leaseMs: number; cancelled: boolean }> {
    return renewLease(this.database, lease, progress, this.settings.leaseMs);
  }

  complete(lease: Lease, manifest: TaskManifest, progress: FetchProgress): Promise<{ held: boolean }> {
    return completeAttempt(this.database, lease, manifest, progress);
  }

  fail(lease: Lease, failure: Failure, retryAfterMs: number): Promise<{ held: boolean }> {
    return failAttempt(this.database, lease, failure, retryAfterMs);
  }

  release(lease: Lease): Promise<{ held: boolean }> {
    return releaseAttempt(this.database, lease);
  }

  permit(lease: Lease): Promise<PermitAnswer> {
    return requestPermit(this.database, lease, this.limitOf);
  }

  coolDown(lease: Lease, ms: number): Promise<void> {
    return requestCoolDown(this.database, lease, ms, this.limitOf);
  }

  private readonly limitOf: RateLimitOf = (dataset) => this.catalog.all().find(({ id }) => id === dataset)?.rateLimit;
}
