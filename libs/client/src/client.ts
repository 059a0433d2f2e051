import { randomUUID } from 'node:crypto';
import type {
  BackfillPlanView,
  BackfillView,
  CheckResultView,
  DatasetView,
  DeadLetterView,
  DiffView,
  DoctorView,
  ExportRequestedView,
  GapView,
  GenerationView,
  HealthCheckRequestedView,
  LineageView,
  ObservationView,
  PageView,
  QuarantineView,
  ReplayView,
  RollbackView,
  RunView,
  SeriesView,
  StartBackfillBody,
  StartRefreshBody,
} from '@freshet/contracts';
import {
  FILE_TYPES,
  observationParameters,
  pagesOf,
  type ChecksQuery,
  type FileFormat,
  type FilePage,
  type GapsQuery,
  type ObservationsQuery,
  type SeriesQuery,
} from './timeseries';
import { Transport, sleep, type Call, type TransportOptions } from './transport';
import { AWAITED_BACKFILL, AWAITED_RUN, waitFor, type WaitOptions } from './wait';

/** The runtime's own bound on waiting for an answer is 300 s. */
const LONGEST_ANSWER_MS = 290_000;

/**
 * The control API of a Freshet coordinator.
 *
 * Every method rejects with `ApiError` (it answered with an error), `UnreachableError` (nobody answered) or
 * `NotFreshetError` (something else answered). Methods that only read, and starting a refresh (it carries an idempotency
 * key), are repeated when no answer came; the others only when the connection was refused.
 */
export class FreshetClient {
  private readonly transport: Transport;
  private readonly pause: NonNullable<TransportOptions['sleep']>;

  constructor(options: TransportOptions) {
    this.transport = new Transport(options);
    this.pause = options.sleep ?? sleep;
  }

  get baseUrl(): string {
    return this.transport.baseUrl;
  }

  /** Every dataset of the catalog with its freshness and last run. */
  datasets(): Promise<readonly DatasetView[]> {
    return this.get('datasets');
  }

  dataset(id: string): Promise<DatasetView> {
    return this.get(`datasets/${encodeURIComponent(id)}`);
  }

  /** Starts one run a dataset. The same `idempotencyKey` twice gives the runs of the first call; one is made when absent. */
  async startRefresh(body: StartRefreshBody): Promise<readonly RunView[]> {
    const keyed = { idempotencyKey: randomUUID(), ...body };
    return (await this.post<{ runs: readonly RunView[] }>('refreshes', keyed, { idempotent: true })).runs;
  }

  /** Newest first. */
  runs(filter: { readonly dataset?: string; readonly limit?: number } = {}): Promise<readonly RunView[]> {
    return this.get('runs', filter);
  }

  run(id: string, signal?: AbortSignal): Promise<RunView> {
    return this.get(`runs/${encodeURIComponent(id)}`, {}, signal);
  }

  /** Asks a run to stop; it may still end otherwise when it was about to publish. */
  cancel(id: string): Promise<RunView> {
    return this.post(`runs/${encodeURIComponent(id)}/cancel`, undefined, { idempotent: true });
  }

  /** A new run with the parameters of an ended one. */
  retry(id: string): Promise<RunView> {
    return this.post(`runs/${encodeURIComponent(id)}/retry`);
  }

  /** Newest first. */
  generations(dataset: string): Promise<readonly GenerationView[]> {
    return this.get(`datasets/${encodeURIComponent(dataset)}/generations`);
  }

  /** Moves readers to generation `to`, or to the one before the current. */
  rollback(dataset: string, to?: number): Promise<RollbackView> {
    return this.post(`datasets/${encodeURIComponent(dataset)}/rollback`, to === undefined ? {} : { to }, {
      idempotent: to !== undefined,
    });
  }

  /**
   * What changed between two generations; without numbers, the current one against the one before. The database compares while
   * this waits, so it is waited for longer, and not asked twice.
   */
  diff(dataset: string, from?: number, to?: number): Promise<DiffView> {
    const path = `datasets/${encodeURIComponent(dataset)}/diff`;
    const call = { method: 'GET', path, query: { from, to }, idempotent: false, timeoutMs: LONGEST_ANSWER_MS } as const;
    return this.transport.call(call);
  }

  /** Refused rows, newest first; `after` is the id to go on from. */
  quarantine(
    dataset: string,
    page: { readonly limit?: number; readonly after?: string } = {},
  ): Promise<readonly QuarantineView[]> {
    return this.get(`datasets/${encodeURIComponent(dataset)}/quarantine`, page);
  }

  deadLetters(limit?: number): Promise<readonly DeadLetterView[]> {
    return this.get('dead-letters', { limit });
  }

  /** Replays an undeliverable message as a new attempt of its run. */
  replayDeadLetter(id: string): Promise<ReplayView> {
    return this.post(`dead-letters/${encodeURIComponent(id)}/replay`);
  }

  /** Writes the files of the published generation again. */
  exportDataset(dataset: string): Promise<ExportRequestedView> {
    return this.post(`datasets/${encodeURIComponent(dataset)}/export`);
  }

  /** The time series that are stored, by dataset and name. */
  series(query: SeriesQuery = {}): Promise<PageView<SeriesView>> {
    return this.get('series', { ...query });
  }

  /** By series and time; a page of it. `observationPages` gives all of them. */
  observations(query: ObservationsQuery): Promise<PageView<ObservationView>> {
    return this.get('observations', observationParameters(query));
  }

  /** All observations of the query, a page at a time. */
  observationPages(query: ObservationsQuery): AsyncGenerator<readonly ObservationView[]> {
    return pagesOf((page) => this.observations(page), query);
  }

  /** A page as a file for analysis; such a page holds many more rows. */
  async observationFile(query: ObservationsQuery, format: FileFormat): Promise<FilePage> {
    const { bytes, headers } = await this.transport.bytes({
      method: 'GET',
      path: 'observations',
      query: observationParameters(query),
      accept: FILE_TYPES[format],
      idempotent: true,
      timeoutMs: LONGEST_ANSWER_MS,
    });
    return { bytes, next: headers.get('freshet-next-cursor') };
  }

  /** Results of checks on time series, newest first. */
  checks(query: ChecksQuery = {}): Promise<PageView<CheckResultView>> {
    return this.get('checks', { ...query });
  }

  /** Where the value of a series at a time came from. */
  lineage(query: { readonly series: string; readonly time: string; readonly dataset?: string }): Promise<LineageView> {
    return this.get('lineage', query);
  }

  /** What a dataset misses, oldest first. `from` looks before the first stored interval of a series too. */
  gaps(query: GapsQuery): Promise<readonly GapView[]> {
    return this.get('gaps', { ...query });
  }

  /** What `startBackfill` would do. Changes nothing. */
  planBackfill(dataset: string, body: StartBackfillBody): Promise<BackfillPlanView> {
    const path = `datasets/${encodeURIComponent(dataset)}/backfills`;
    return this.post(path, { ...body, dryRun: true }, { idempotent: true });
  }

  /** Fills an interval. The same `idempotencyKey` twice is one backfill; one is made when absent. */
  startBackfill(dataset: string, body: StartBackfillBody): Promise<BackfillView> {
    const keyed = { idempotencyKey: randomUUID(), ...body };
    return this.post(`datasets/${encodeURIComponent(dataset)}/backfills`, keyed, { idempotent: true });
  }

  /** Newest first, without their partitions. */
  backfills(filter: { readonly dataset?: string; readonly limit?: number } = {}): Promise<readonly BackfillView[]> {
    return this.get('backfills', filter);
  }

  /** One backfill with its partitions. */
  backfill(id: string, signal?: AbortSignal): Promise<BackfillView> {
    return this.get(`backfills/${encodeURIComponent(id)}`, {}, signal);
  }

  /** Drops what waits of a backfill, and cancels what is under way; what is stored stays. */
  cancelBackfill(id: string): Promise<BackfillView> {
    return this.post(`backfills/${encodeURIComponent(id)}/cancel`, undefined, { idempotent: true });
  }

  /** Runs all checks of a time series over its last days; the results are with `checks`, without a run. */
  healthCheck(dataset: string): Promise<HealthCheckRequestedView> {
    return this.post(`datasets/${encodeURIComponent(dataset)}/health-check`);
  }

  doctor(): Promise<DoctorView> {
    return this.get('doctor');
  }

  /** Resolves with the ended run. See `WaitOptions`; rejects with the signal's reason when aborted. */
  waitForRun(id: string, options: WaitOptions = {}): Promise<RunView> {
    return waitFor((signal) => this.run(id, signal), AWAITED_RUN, this.pause, options);
  }

  /** Resolves with the ended backfill, otherwise like `waitForRun`. */
  waitForBackfill(id: string, options: WaitOptions<BackfillView> = {}): Promise<BackfillView> {
    return waitFor((signal) => this.backfill(id, signal), AWAITED_BACKFILL, this.pause, options);
  }

  private get<T>(path: string, query?: Call['query'], signal?: AbortSignal): Promise<T> {
    return this.transport.call({ method: 'GET', path, query, signal, idempotent: true });
  }

  private post<T>(
    path: string,
    body?: unknown,
    options: { readonly idempotent: boolean } = { idempotent: false },
  ): Promise<T> {
    return this.transport.call({ method: 'POST', path, body, ...options });
  }
}
