import { Inject, Injectable } from '@nestjs/common';
import type { Metadata, ServerWritableStream, UntypedServiceImplementation } from '@grpc/grpc-js';
import { isEnded, type Logger } from '@freshet/domain';
import { LOGGER } from '@freshet/runtime';
import { z } from 'zod';
import { Problem } from '../control/problem';
import { RefreshService } from '../control/refreshes';
import { listRunsSchema, runIdSchema, startRefreshSchema } from '../control/requests';
import { authenticate, demandRole, type Role } from '../control/tokens';
import { ViewService } from '../control/views';
import { parse } from '../http/zod.pipe';
import type { CoordinatorSettings } from '../settings';
import { SETTINGS } from '../tokens';
import { toDataset, toRun, type RunMessage } from './messages';
import { authorizationOf, toServiceError, unary } from './status';

const WATCH_EVERY_MS = 500;

interface StartRequest {
  readonly datasets: readonly string[];
  readonly force: boolean;
  readonly idempotencyKey: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly only: readonly string[];
}

interface RunRequest {
  readonly runId: string;
}

/** `freshet.control.v1`: the same use cases as HTTP, under the same tokens. */
@Injectable()
export class ControlService {
  constructor(
    @Inject(RefreshService) private readonly refreshes: RefreshService,
    @Inject(ViewService) private readonly views: ViewService,
    @Inject(SETTINGS) private readonly settings: CoordinatorSettings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  methods(): UntypedServiceImplementation {
    const method = <Request, Response>(role: Role, work: (request: Request) => Promise<Response>) =>
      unary<Request, Response>(this.logger, (metadata) => this.admit(metadata, role), work);
    const run =
      (work: (id: string) => Promise<Parameters<typeof toRun>[0]>) =>
      async ({ runId }: RunRequest) =>
        toRun(await work(parse(runIdSchema, runId, 'run_id')));
    return {
      listDatasets: method('reader', async () => ({ datasets: (await this.views.datasets()).map(toDataset) })),
      startRefresh: method(
        'operator',
        async ({ datasets, force, idempotencyKey, file, from, to, only }: StartRequest) => {
          const body = parse(startRefreshSchema, {
            datasets,
            force,
            ...(idempotencyKey ? { idempotencyKey } : {}),
            ...(file ? { file } : {}),
            ...(from ? { from } : {}),
            ...(to ? { to } : {}),
            ...(only.length > 0 ? { only } : {}),
          });
          return { runs: (await this.refreshes.start(body)).map(toRun) };
        },
      ),
      getRun: method(
        'reader',
        run((id) => this.refreshes.view(id)),
      ),
      listRuns: method('reader', async ({ dataset, limit }: { dataset: string; limit: number }) => {
        const filter = parse(listRunsSchema, { ...(dataset ? { dataset } : {}), ...(limit ? { limit } : {}) });
        return { runs: (await this.views.runs(filter)).map(toRun) };
      }),
      cancelRun: method(
        'operator',
        run((id) => this.refreshes.cancel(id)),
      ),
      retryRun: method(
        'operator',
        run((id) => this.refreshes.retry(id)),
      ),
      rollback: method('operator', async ({ dataset, to }: { dataset: string; to: number }) => {
        const target = parse(z.number().int().nonnegative(), to, 'to');
        const { from, to: reached } = await this.views.rollback(dataset, target === 0 ? null : target);
        return { from, to: reached };
      }),
      watchRun: (call: ServerWritableStream<RunRequest, RunMessage>) => void this.watch(call),
    };
  }

  private admit(metadata: Metadata, role: Role): void {
    const { tokens } = this.settings;
    const principal = authenticate(tokens, authorizationOf(metadata));
    if (!principal)
      throw new Problem('unauthenticated', {
        error: 'a bearer token is needed in the metadata "authorization"',
        nextStep: 'Send authorization: Bearer <token>.',
      });
    demandRole(principal, role);
  }

  /** One message whenever the run has moved; ends with the run, or when the caller goes away. */
  private async watch(call: ServerWritableStream<RunRequest, RunMessage>): Promise<void> {
    const gone = new AbortController();
    call.once('cancelled', () => gone.abort());
    try {
      this.admit(call.metadata, 'reader');
      const id = parse(runIdSchema, call.request.runId, 'run_id');
      let said = '';
      while (!gone.signal.aborted) {
        const view = await this.refreshes.view(id);
        const message = toRun(view);
        const text = JSON.stringify(message);
        if (text !== said && !call.write(message)) await untilDrained(call, gone.signal);
        said = text;
        if (isEnded(view.state)) break;
        await pause(WATCH_EVERY_MS, gone.signal);
      }
      call.end();
    } catch (error) {
      // How grpc-js takes a status for a stream.
      call.emit('error', toServiceError(error, this.logger));
    }
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });

const untilDrained = (call: ServerWritableStream<RunRequest, RunMessage>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    call.once('drain', resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
