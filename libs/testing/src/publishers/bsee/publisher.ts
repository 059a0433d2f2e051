import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { archiveOf, BSEE_ARCHIVES } from './archives';
import type { ArchiveOptions, ArchiveVersion, MemberTruth } from './archive-store';
import { ArchiveStore, buildTime } from './archive-store';
import { selfSigned } from './certificate';
import type { BseeFault } from './faults';
import type { BseeDataset } from './member';
import type { PortalState } from './portal';
import { portalPage, WRONG_PATH_PAGE } from './portal';
import type { HeaderOptions, Sent } from './respond';
import { answerArchive, answerWithoutArchive } from './respond';

export interface BseePublisherOptions extends Partial<ArchiveOptions>, Partial<HeaderOptions> {
  /** 0 or nothing: a free one. */
  readonly port?: number;
  /** 127.0.0.1 unless told otherwise. */
  readonly host?: string;
  /** Serve over https with a certificate that nobody vouches for. */
  readonly tls?: boolean;
}

export interface FaultOptions {
  /** How many GETs of the archive meet the fault; all of them unless told otherwise. */
  readonly requests?: number;
}

/** One request as the publisher saw it; `status` and `bytes` are final once `ended` is true. */
export interface LoggedRequest {
  readonly at: Date;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly dataset: BseeDataset | null;
  readonly fault: BseeFault['kind'] | null;
  readonly status: number;
  /** Body bytes handed to the socket. */
  readonly bytes: number;
  readonly ended: boolean;
}

type LogEntry = { -readonly [K in keyof LoggedRequest]: LoggedRequest[K] };

interface DatasetState {
  vintage: number;
  build: number;
  fault: BseeFault | undefined;
  left: number;
}

/** A BSEE that runs on this machine: portal page, three archives, and whatever can go wrong with them. */
export class BseePublisher {
  private readonly store: ArchiveStore;
  private readonly states = new Map<BseeDataset, DatasetState>();
  private readonly log: LogEntry[] = [];
  private readonly headers: HeaderOptions;
  private portal: PortalState = {};
  private server: Server | undefined;
  private tlsServer: Server | undefined;

  private constructor(private readonly options: BseePublisherOptions) {
    this.store = new ArchiveStore({ seed: 1, scale: 'tiny', ...options });
    this.headers = {
      etag: options.etag ?? 'none',
      lastModified: options.lastModified ?? true,
      ranges: options.ranges ?? true,
      bytesPerSecond: options.bytesPerSecond,
    };
    for (const { dataset } of BSEE_ARCHIVES)
      this.states.set(dataset, { vintage: 0, build: 0, fault: undefined, left: Infinity });
  }

  static async start(options: BseePublisherOptions): Promise<BseePublisher> {
    const publisher = new BseePublisher(options);
    const host = options.host ?? '127.0.0.1';
    const listener: RequestListener = (request, response) => void publisher.handle(request, response);
    const certificate = selfSigned();
    publisher.server = options.tls ? createTlsServer(certificate, listener) : createServer(listener);
    publisher.tlsServer = createTlsServer(certificate, listener);
    await Promise.all([
      once(publisher.server.listen(options.port ?? 0, host), 'listening'),
      once(publisher.tlsServer.listen(0, host), 'listening'),
    ]);
    return publisher;
  }

  /** Without a slash at the end. */
  get url(): string {
    return `${this.options.tls ? 'https' : 'http'}://${this.hostOf(this.server)}`;
  }

  get portalUrl(): string {
    return `${this.url}/Main/RawData.aspx`;
  }

  /** Where the same site answers behind a certificate that nobody vouches for. */
  get tlsUrl(): string {
    return `https://${this.hostOf(this.tlsServer)}`;
  }

  /** `host:port` of both, for a definition's `allowPrivateHosts`. */
  get hosts(): readonly string[] {
    return [this.hostOf(this.server), this.hostOf(this.tlsServer)];
  }

  archiveUrl(dataset: BseeDataset): string {
    return `${this.url}${archiveOf(dataset).path}`;
  }

  /** Every request since the start or the last `forget()`, oldest first. */
  get requests(): readonly LoggedRequest[] {
    return this.log;
  }

  forget(): void {
    this.log.length = 0;
  }

  /** Switches a fault on, or all faults of the dataset off. */
  set(dataset: BseeDataset, fault: BseeFault | null, { requests = Infinity }: FaultOptions = {}): void {
    Object.assign(this.state(dataset), { fault: fault ?? undefined, left: requests });
  }

  setPortal(state: PortalState): void {
    this.portal = state;
  }

  /** New data: some rows changed, some gone, some new. Gives the number of the vintage. */
  revise(dataset: BseeDataset, vintage?: number): number {
    const state = this.state(dataset);
    state.vintage = vintage ?? state.vintage + 1;
    return state.vintage;
  }

  /** The nightly export: the same data in an archive with other bytes and a later Last-Modified. */
  rebuild(dataset: BseeDataset): void {
    this.state(dataset).build++;
  }

  /** Makes the archives now, so that the first download does not wait for them. */
  async prepare(datasets: readonly BseeDataset[] = BSEE_ARCHIVES.map(({ dataset }) => dataset)): Promise<void> {
    for (const dataset of datasets) await this.store.archive(dataset, this.state(dataset));
  }

  /** What the members hold today (with the fault that is switched on, where it is one of content). */
  truth(dataset: BseeDataset): Promise<MemberTruth[]> {
    return this.store.truth(dataset, this.state(dataset));
  }

  async close(): Promise<void> {
    await Promise.all([this.server, this.tlsServer].map((server) => server && stop(server)));
    await this.store.close();
  }

  private hostOf(server: Server | undefined): string {
    const { address, port } = server?.address() as AddressInfo;
    return `${address === '0.0.0.0' ? '127.0.0.1' : address}:${port}`;
  }

  private state(dataset: BseeDataset): DatasetState {
    const state = this.states.get(dataset);
    if (!state) throw new Error(`the simulator has no dataset "${dataset}"`);
    return state;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://simulator').pathname;
    const dataset = BSEE_ARCHIVES.find((archive) => archive.path === path)?.dataset ?? null;
    const fault = dataset ? this.faultFor(dataset, request.method ?? 'GET') : undefined;
    const sent: LogEntry = {
      at: new Date(),
      method: request.method ?? 'GET',
      path,
      headers: request.headers,
      dataset,
      fault: fault?.kind ?? null,
      status: 0,
      bytes: 0,
      ended: false,
    };
    this.log.push(sent);
    response.on('close', () => (sent.ended = true));
    response.on('error', () => undefined);
    try {
      if (dataset) await this.serveArchive(dataset, fault, request, response, sent);
      else this.servePage(path, request, response, sent);
    } catch (error) {
      // A fault of the simulator itself must not look like one of the publisher.
      process.emitWarning(`BSEE simulator: ${error instanceof Error ? error.message : String(error)}`);
      response.destroy();
    }
  }

  private faultFor(dataset: BseeDataset, method: string): BseeFault | undefined {
    const state = this.state(dataset);
    if (!state.fault || state.left <= 0) return undefined;
    if (method === 'GET') state.left--;
    return state.fault;
  }

  private async serveArchive(
    dataset: BseeDataset,
    fault: BseeFault | undefined,
    request: IncomingMessage,
    response: ServerResponse,
    sent: Sent,
  ): Promise<void> {
    if (answerWithoutArchive(fault, request, response, sent, this.tlsUrl)) return;
    const state = this.state(dataset);
    const version: ArchiveVersion = { vintage: state.vintage, build: state.build, fault };
    const file = await this.store.archive(dataset, version);
    const at = buildTime(version);
    // 4:30 Central is 10:30 UTC in winter.
    const lastModified = new Date(Date.UTC(at.year, at.month - 1, at.day, at.hour + 6, at.minute, at.second));
    const tag = createHash('sha1')
      .update(JSON.stringify([dataset, version, file.length]))
      .digest('hex')
      .slice(0, 16);
    if (fault?.kind === 'changed-mid-resume' && request.method === 'GET') state.build++;
    await answerArchive(request, response, { file, lastModified, tag, headers: this.headers, fault }, sent);
  }

  private servePage(path: string, request: IncomingMessage, response: ServerResponse, sent: Sent): void {
    const isPortal = path === '/Main/RawData.aspx';
    const stampOf = buildTime(this.state('bsee.well'));
    const stamp = `${stampOf.month}/${stampOf.day}/${stampOf.year} ${stampOf.hour}:${stampOf.minute}:${stampOf.second} AM`;
    const body = isPortal && !this.portal.html404 ? portalPage(stamp, this.portal) : WRONG_PATH_PAGE;
    sent.status = isPortal ? (this.portal.status ?? 200) : 200;
    sent.bytes = Buffer.byteLength(body);
    response.writeHead(sent.status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'private' });
    response.end(request.method === 'HEAD' ? undefined : body);
  }
}

/**
 * Starts a BSEE on this machine; seed 1, scale `tiny`, `Last-Modified` and `Content-Length` but no ETag, ranges on, a free
 * port of 127.0.0.1, unless told otherwise. The same options give the same bytes, always.
 */
export const startBseePublisher = (options: BseePublisherOptions = {}): Promise<BseePublisher> =>
  BseePublisher.start(options);

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
