import type { Failure, TaskManifest, Validators } from '@freshet/domain';

/** What a fetcher is told when it takes a lease. */
export interface TaskSpec {
  readonly dataset: string;
  readonly contentVersion: string;
  /** Skip the conditional request and publish even if nothing changed. */
  readonly force: boolean;
  /** A local archive to read instead of the publisher (standalone only). */
  readonly file: string | null;
  /** Validators of the generation this fetch is compared with; empty when there is none with this definition. */
  readonly validators: Validators;
  /** Attempts that count, this one included; timeouts grow with it. */
  readonly tries: number;
  /** What to ask for, of interval starts, half-open, RFC 3339; null for datasets without intervals. */
  readonly window?: { readonly from: string; readonly to: string } | null;
  /** Codes to ask for; all of the definition when empty or absent. */
  readonly only?: readonly string[];
}

export interface FetchProgress {
  readonly bytesReceived: number;
  /** 0 when the publisher did not say. */
  readonly bytesExpected: number;
  readonly chunksCut: number;
  readonly peakRssBytes: number;
}

export interface Lease {
  readonly taskId: string;
  readonly attempt: number;
  readonly token: string;
}

export type ClaimAnswer =
  | { readonly granted: true; readonly token: string; readonly leaseMs: number; readonly spec: TaskSpec }
  | { readonly granted: false };

/** Granted: wait `waitMs`, then send one request. Not granted: ask again after `waitMs`. */
export interface PermitAnswer {
  readonly granted: boolean;
  readonly waitMs: number;
}

/**
 * The coordinator, as a fetcher sees it. Over gRPC in the cluster, a direct call in standalone; both follow this contract.
 * Each method may throw `dependency_unavailable`; the caller repeats until its lease, by its own clock, has run out.
 */
export interface WorkerPort {
  claim(taskId: string, attempt: number, worker: string): Promise<ClaimAnswer>;
  renew(lease: Lease, progress: FetchProgress): Promise<{ held: boolean; leaseMs: number; cancelled: boolean }>;
  complete(lease: Lease, manifest: TaskManifest, progress: FetchProgress): Promise<{ held: boolean }>;
  fail(lease: Lease, failure: Failure, retryAfterMs: number): Promise<{ held: boolean }>;
  release(lease: Lease): Promise<{ held: boolean }>;
  /** Asks for leave to send one request to the publisher. No permit, no request; repeated requests need one too. */
  permit(lease: Lease): Promise<PermitAnswer>;
  /** The publisher suspended us: nobody gets a permit of its key for `ms`. */
  coolDown(lease: Lease, ms: number): Promise<void>;
}
