import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { BodyStyle, EiaDialect, Row } from './body';
import { rowOf } from './body';
import type { Lags } from './clock';
import { PublicationClock, USUAL_LAGS } from './clock';
import { HTML_PAGE, Refusal, REFUSALS } from './errors';
import { FaultSwitches } from './fault-switches';
import type { EiaAnomaly, EiaAnomalyKind, EiaFault, EiaFaultKind, EiaGap, EiaRevision, EiaSelection } from './faults';
import { Handler } from './handler';
import type { EiaLimit, LimitViolation } from './limit';
import { RateCounter } from './limit';
import { hourOf } from './period';
import { PROFILES } from './profiles';
import { select } from './query';
import type { Asked, EiaRequest, RequestLog } from './request';
import { readRequest } from './request';
import type { EiaRoute } from './routes';
import { EIA_ROUTES, ROUTES } from './routes';
import { concerns, matches, Script } from './script';
import { HISTORY_BEGINS, type Series } from './series';
import type { Answer } from './send';
import { json, send } from './send';
import { Table } from './table';

export interface EiaPublisherOptions {
  /** Of all values; 1 unless told otherwise. */
  readonly seed?: number;
  /** Every answer waits so long; 0 unless told otherwise. */
  readonly latencyMs?: number;
  /** `new` unless told otherwise. */
  readonly dialect?: EiaDialect;
  /** Whether a key of the query comes back in the body; in the old dialect unless told otherwise. */
  readonly echoKey?: boolean;
  /** Keys that are let in. Null or nothing: any key, or none. */
  readonly keys?: readonly string[] | null;
  /** What a key may do; nothing: all it wants. */
  readonly limit?: EiaLimit;
  /** The publication clock: what is published depends on it. The machine's unless told otherwise. */
  readonly now?: () => Date;
  /** Hours from an interval's end to the time by which its row is out, by kind. */
  readonly lagHours?: Partial<Lags>;
  /** How much earlier than the lag a row may come, so that the newest hours have holes; 3 unless told otherwise. */
  readonly raggedHours?: number;
  /** The real rows of July 2022 in place of the curves' where there are some; `only`: and nothing else. */
  readonly replay?: boolean | 'only';
  /** 0 or nothing: a free one. */
  readonly port?: number;
  /** 127.0.0.1 unless told otherwise. */
  readonly host?: string;
}

/** An EIA API v2 (hourly grid data) that runs on this machine, and whatever can go wrong with it. */
export class EiaPublisher {
  /** Whose definitions lead here. */
  readonly source = 'eia';
  /** May be changed at any time. */
  dialect: EiaDialect;
  latencyMs: number;

  private readonly log: RequestLog[] = [];
  private readonly tooMany: LimitViolation[] = [];
  private readonly counter: RateCounter;
  private readonly faults = new FaultSwitches();
  private readonly script = new Script(firstFuelOf);
  private readonly table: Table;
  private readonly now: () => Date;
  private server: Server | undefined;

  private constructor(private readonly options: EiaPublisherOptions) {
    this.dialect = options.dialect ?? 'new';
    this.latencyMs = options.latencyMs ?? 0;
    this.now = options.now ?? (() => new Date());
    this.counter = new RateCounter(options.limit ?? {});
    const seed = options.seed ?? 1;
    const clock = new PublicationClock({
      seed,
      now: this.now,
      lagHours: { ...USUAL_LAGS, ...options.lagHours },
      raggedHours: options.raggedHours ?? 3,
    });
    this.table = new Table(seed, clock, this.script, options.replay ?? false);
  }

  static async start(options: EiaPublisherOptions): Promise<EiaPublisher> {
    const publisher = new EiaPublisher(options);
    publisher.server = createServer((request, response) => void publisher.handle(request, response));
    await once(publisher.server.listen(options.port ?? 0, options.host ?? '127.0.0.1'), 'listening');
    return publisher;
  }

  /** Without a slash at the end: what stands for `https://api.eia.gov`. */
  get url(): string {
    return `http://${this.hosts[0]}`;
  }

  /** `host:port`, for a definition's `allowPrivateHosts`. */
  get hosts(): readonly string[] {
    const { address, port } = this.server?.address() as AddressInfo;
    return [`${address === '0.0.0.0' ? '127.0.0.1' : address}:${port}`];
  }

  dataUrl(route: EiaRoute): string {
    return `${this.url}/v2/electricity/rto/${route}/data/`;
  }

  /** Every request since the start or the last `forget()`, oldest first. */
  get requests(): readonly EiaRequest[] {
    return this.log;
  }

  /** Requests over the limit since the start or the last `forget()`. */
  get violations(): readonly LimitViolation[] {
    return this.tooMany;
  }

  /** Empties both logs. What counts towards the limit goes on counting. */
  forget(): void {
    this.log.length = 0;
    this.tooMany.length = 0;
  }

  /** Switches a fault on; several may be on, the oldest that applies is met. */
  fault(fault: EiaFault): void {
    this.faults.on(fault, performance.now());
  }

  clearFaults(kind?: EiaFaultKind): void {
    this.faults.off(kind);
  }

  /** Publishes odd data. @throws when it means no series */
  anomaly(anomaly: EiaAnomaly): void {
    const meant =
      anomaly.kind === 'unknown-fuel'
        ? PROFILES.has(anomaly.respondent ?? '')
        : this.allSeries().some((series) => concerns(anomaly, series));
    if (!meant) throw new Error(`the anomaly ${anomaly.kind} is of no series`);
    this.script.anomaly(anomaly);
  }

  clearAnomalies(kind?: EiaAnomalyKind): void {
    this.script.clearAnomalies(kind);
  }

  /**
   * Publishes another value of one hour.
   *
   * @throws when the selection means no series or more than one
   */
  revise(revision: EiaRevision): void {
    const meant = this.meant(revision);
    if (meant.length !== 1) throw new Error(`a revision is of one series; this one means ${meant.length}`);
    this.script.revise(revision);
  }

  /** Takes rows away; without `route` and `type` of everything the respondent reports. @throws when it means no series */
  gap(gap: EiaGap): void {
    if (this.meant(gap).length === 0) throw new Error('the gap is of no series');
    this.script.gap(gap);
  }

  /** Gives them back: all gaps that the selection covers, or their hours from `from` to `to`. */
  fillGap(filled: EiaSelection & { readonly from?: string; readonly to?: string }): void {
    this.script.fillGap(filled);
  }

  /** No faults, no anomalies, no gaps, no revisions. */
  reset(): void {
    this.faults.off();
    this.script.clear();
  }

  /**
   * The rows it would publish now, with values as texts, ordered by the whole key.
   *
   * @param facets codes by facet; nothing selects everything
   * @param from stamp; @param to stamp; both included
   */
  truth(
    route: EiaRoute,
    facets: Readonly<Record<string, string | readonly string[]>>,
    from: string,
    to: string,
  ): Row[] {
    const view = this.table.at(this.now());
    const { rows } = select(view, {
      route,
      facets: Object.fromEntries(Object.entries(facets).map(([name, codes]) => [name, [codes].flat()])),
      from: Math.max(hourOf(from), HISTORY_BEGINS),
      to: Math.min(hourOf(to), view.horizon),
      sort: ['period', ...ROUTES[route].facets.map(({ id }) => id)].map((column) => ({ column, direction: 'asc' })),
      offset: 0,
      length: Infinity,
    });
    return rows.map((ref) => rowOf(view, ref));
  }

  async stop(): Promise<void> {
    const { server } = this;
    if (!server) return;
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  private allSeries(): Series[] {
    return EIA_ROUTES.flatMap((route) => this.table.seriesOf(route));
  }

  private meant(selection: EiaSelection): Series[] {
    return this.allSeries().filter((series) => matches(selection, series));
  }

  private get style(): BodyStyle {
    return { dialect: this.dialect, echoKey: this.options.echoKey ?? this.dialect === 'old' };
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const began = performance.now();
    const asked = readRequest(request);
    const sent: RequestLog = {
      at: new Date(),
      method: request.method ?? 'GET',
      path: asked.path,
      params: asked.params,
      style: asked.style,
      key: asked.key === undefined ? null : createHash('sha256').update(asked.key).digest('hex').slice(0, 12),
      route: null,
      status: 0,
      rows: 0,
      total: null,
      bytes: 0,
      ms: 0,
      fault: null,
      ended: false,
    };
    this.log.push(sent);
    response.on('error', () => undefined);
    response.on('close', () => {
      sent.ms = performance.now() - began;
      sent.ended = true;
    });
    try {
      const over = this.overLimit(sent, began);
      if (this.latencyMs > 0) await pause(this.latencyMs);
      if (over) {
        sent.status = over.status;
        sent.bytes = await send(response, over, undefined);
        return;
      }
      const { answer, fault } = this.answer(asked, sent);
      sent.status = answer.status;
      sent.bytes = await send(response, answer, fault);
    } catch (error) {
      // A fault of the simulator itself must not look like one of the publisher.
      process.emitWarning(`EIA simulator: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      response.destroy();
    }
  }

  /** Every third answer over the limit is a page of HTML, as clients report. */
  private overLimit(sent: RequestLog, atMs: number): Answer | undefined {
    const key = sent.key ?? 'none';
    const violation = this.counter.count(key, atMs);
    if (!violation) return undefined;
    this.tooMany.push({ at: sent.at, key, ...violation });
    if (this.tooMany.length % 3 === 0) return { status: 429, type: 'text/html', body: HTML_PAGE('Too Many Requests') };
    const refusal = REFUSALS.overLimit(429);
    return json(refusal.status, refusal.body);
  }

  private answer(asked: Asked, sent: RequestLog): { answer: Answer; fault?: EiaFault } {
    try {
      const { keys } = this.options;
      if (keys && asked.key === undefined) throw REFUSALS.keyMissing();
      if (keys && !keys.includes(asked.key as string)) throw REFUSALS.keyInvalid();
      const handler = new Handler(this.table.at(this.now()), this.style, this.faults, this.log.length);
      return handler.answer(asked, sent);
    } catch (error) {
      if (error instanceof Refusal) return { answer: json(error.status, error.body) };
      throw error;
    }
  }
}

/**
 * Starts an EIA on this machine: seed 1, the new dialect, any key or none, no limit, the machine's clock, a free port of
 * 127.0.0.1, unless told otherwise. The same options and clock give the same rows, always.
 */
export const startEiaPublisher = (options: EiaPublisherOptions = {}): Promise<EiaPublisher> =>
  EiaPublisher.start(options);

function firstFuelOf(respondent: string): string | undefined {
  const fuels = PROFILES.get(respondent)?.fuels.map(([code]) => code) ?? [];
  return fuels.includes('COL') ? 'COL' : fuels[0];
}
