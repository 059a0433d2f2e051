import {
  credentials,
  loadPackageDefinition,
  Metadata,
  status,
  type Client,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import {
  WORKER_PROTO,
  type ClaimAnswer,
  type FetchProgress,
  type Lease,
  type PermitAnswer,
  type TaskSpec,
  type WorkerPort,
} from '@freshet/contracts';
import { FreshetError, type Failure, type TaskManifest } from '@freshet/domain';
import { z } from 'zod';

export interface GrpcWorkerPortOptions {
  /** `host:port` of the coordinator. */
  readonly target: string;
  readonly token: string;
  /** For one call. */
  readonly deadlineMs?: number;
}

const specSchema: z.ZodType<TaskSpec> = z.object({
  dataset: z.string(),
  contentVersion: z.string(),
  force: z.boolean(),
  file: z.string().nullable(),
  validators: z.object({ etag: z.string().optional(), lastModified: z.string().optional() }),
  tries: z.number().int().positive(),
  window: z.object({ from: z.iso.datetime(), to: z.iso.datetime() }).nullable().optional(),
  only: z.array(z.string()).optional(),
});

type Call = (
  request: object,
  metadata: Metadata,
  options: { deadline: number },
  done: (error: ServiceError | null, answer: never) => void,
) => void;

/** These say that the coordinator understood and refuses; every other status may pass. */
const REFUSED: ReadonlySet<status> = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.FAILED_PRECONDITION,
  status.UNIMPLEMENTED,
]);

/** The coordinator over gRPC (`freshet.worker.v1`), for a fetcher in a process of its own. */
export class GrpcWorkerPort implements WorkerPort {
  private readonly client: Client & Record<string, Call>;
  private readonly metadata = new Metadata();

  constructor(private readonly options: GrpcWorkerPortOptions) {
    const definition = loadSync(WORKER_PROTO.path, { longs: Number, defaults: true, enums: String });
    const Worker = WORKER_PROTO.package
      .split('.')
      .concat('Worker')
      .reduce<unknown>((tree, part) => (tree as Record<string, unknown>)[part], loadPackageDefinition(definition));
    this.client = new (Worker as ServiceClientConstructor)(options.target, credentials.createInsecure(), {
      'grpc.keepalive_time_ms': 30_000,
      'grpc.keepalive_timeout_ms': 10_000,
      'grpc.initial_reconnect_backoff_ms': 200,
      'grpc.max_reconnect_backoff_ms': 5_000,
    }) as unknown as Client & Record<string, Call>;
    this.metadata.set('authorization', `Bearer ${options.token}`);
  }

  async claim(taskId: string, attempt: number, worker: string): Promise<ClaimAnswer> {
    const answer = await this.call<{ granted: boolean; leaseToken: string; leaseMs: number; specJson: string }>(
      'claim',
      {
        ...{ taskId, attempt, worker },
      },
    );
    if (!answer.granted) return { granted: false };
    const spec = specSchema.safeParse(parseJson(answer.specJson));
    if (!spec.success) throw refused(this.options.target, `its task cannot be read: ${z.prettifyError(spec.error)}`);
    return { granted: true, token: answer.leaseToken, leaseMs: answer.leaseMs, spec: spec.data };
  }

  renew(lease: Lease, progress: FetchProgress): Promise<{ held: boolean; leaseMs: number; cancelled: boolean }> {
    return this.call('renew', { ...wire(lease), progress });
  }

  complete(lease: Lease, manifest: TaskManifest, progress: FetchProgress): Promise<{ held: boolean }> {
    return this.call('complete', { ...wire(lease), manifestJson: JSON.stringify(manifest), progress });
  }

  fail(lease: Lease, failure: Failure, retryAfterMs: number): Promise<{ held: boolean }> {
    return this.call('fail', {
      ...wire(lease),
      failureJson: JSON.stringify(failure),
      retryAfterMs: Math.round(retryAfterMs),
    });
  }

  release(lease: Lease): Promise<{ held: boolean }> {
    return this.call('release', wire(lease));
  }

  permit(lease: Lease): Promise<PermitAnswer> {
    return this.call('permit', wire(lease));
  }

  async coolDown(lease: Lease, ms: number): Promise<void> {
    await this.call('coolDown', { ...wire(lease), ms: Math.round(ms) });
  }

  /** Whether the coordinator has been reached and the connection stands, for health. */
  ready(): { ok: boolean; detail: string } {
    const state = ['idle', 'connecting', 'ready', 'transient failure', 'shut down'][
      this.client.getChannel().getConnectivityState(true)
    ];
    return { ok: state === 'ready', detail: `coordinator at ${this.options.target}: ${state ?? 'unknown'}` };
  }

  close(): void {
    this.client.close();
  }

  private call<Answer>(method: string, request: object): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + (this.options.deadlineMs ?? 10_000);
      const done = (error: ServiceError | null, answer: Answer): void =>
        error ? reject(this.failure(error)) : resolve(answer);
      this.client[method]?.call(this.client, request, this.metadata, { deadline }, done as never);
    });
  }

  private failure(error: ServiceError): FreshetError {
    const why = `${status[error.code] ?? 'UNKNOWN'}: ${error.details}`;
    if (REFUSED.has(error.code)) return refused(this.options.target, why, error);
    const denied = error.code === status.UNAUTHENTICATED || error.code === status.PERMISSION_DENIED;
    return new FreshetError('dependency_unavailable', {
      message: `the coordinator at ${this.options.target} does not answer (${why})`,
      nextStep: denied
        ? 'Give fetcher and coordinator the same FRESHET_WORKER_TOKEN.'
        : 'Check that the coordinator runs and that FRESHET_COORDINATOR_GRPC names it; the call is repeated.',
      attributes: { target: this.options.target, status: status[error.code] ?? 'UNKNOWN' },
      cause: error,
    });
  }
}

const wire = ({ taskId, attempt, token }: Lease): object => ({ taskId, attempt, leaseToken: token });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const refused = (target: string, why: string, cause?: unknown): FreshetError =>
  new FreshetError('internal', {
    message: `the coordinator at ${target} refuses the call (${why})`,
    nextStep: 'Run fetcher and coordinator in the same release; report it if that does not help.',
    attributes: { target },
    cause,
  });
