import type { IncomingMessage } from 'node:http';
import { FreshetError, systemClock, type Clock, type Timeouts } from '@freshet/domain';
import axios, { AxiosHeaders, type AxiosInstance } from 'axios';
import { httpFailure, networkFailure } from './failures';
import { createGuardedAgents, type GuardedAgents, type GuardOptions } from './guarded-agents';
import { parseRetryAfter } from './retry-after';

export interface HttpClientOptions {
  readonly allowPrivateHosts?: readonly string[];
  readonly userAgent?: string;
  readonly timeouts: Pick<Timeouts, 'connectMs' | 'stallMs'>;
  readonly maxRedirects?: number;
  readonly clock?: Clock;
  readonly resolve?: GuardOptions['resolve'];
}

export interface HttpRequest {
  readonly url: string;
  readonly method?: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  /** Headers for the host that is asked and nobody else: they do not follow a redirect to another origin. */
  readonly secretHeaders?: Readonly<Record<string, string>>;
  /** Aborting it ends the request and its body with `signal.reason`. */
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; the first value where a name is repeated. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where the answer came from, after redirects; may carry secrets, unlike `safeUrl(url)`. */
  readonly url: string;
  readonly redirects: number;
  /**
   * The body as it comes, pulled piece by piece: nothing is read ahead beyond one socket buffer. Must be read to its end, or
   * the response closed; otherwise the connection stays open.
   * @throws FreshetError `stalled`, `connection_lost`, and the reason of the request's signal
   */
  readonly body: AsyncGenerator<Buffer, void, undefined>;
  /** Gives the body up, read or not. */
  close(): void;
}

export const USER_AGENT = 'Freshet/0.1 (keeps public data fresh)';
const MAX_REDIRECTS = 5;
const MAX_HEADER_BYTES = 32 * 1024;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Reaches one publisher: axios over agents that only connect to public addresses, redirects followed here so that each hop is
 * checked again, bodies as streams, every failure with a name. Statuses are given back as they are; `assertOk` judges them.
 * Proxies of the environment are not used: the address guard would look at the proxy instead of the publisher.
 */
export class HttpClient {
  private readonly agents: GuardedAgents;
  private readonly axios: AxiosInstance;
  private readonly clock: Clock;

  constructor(private readonly options: HttpClientOptions) {
    this.clock = options.clock ?? systemClock;
    this.agents = createGuardedAgents({
      allowPrivateHosts: options.allowPrivateHosts ?? [],
      connectMs: options.timeouts.connectMs,
      resolve: options.resolve,
    });
    this.axios = axios.create({
      adapter: 'http',
      httpAgent: this.agents.http,
      httpsAgent: this.agents.https,
      proxy: false,
      maxRedirects: 0,
      decompress: false,
      responseType: 'stream',
      maxContentLength: -1,
      validateStatus: () => true,
    });
  }

  /** @throws FreshetError with one of the codes of reaching a publisher; never for a status. */
  async request(request: HttpRequest): Promise<HttpResponse> {
    const limit = this.options.maxRedirects ?? MAX_REDIRECTS;
    let url = checkedUrl(request.url, request.url);
    const { origin } = url;
    for (let redirects = 0; ; redirects += 1) {
      const secretHeaders = url.origin === origin ? request.secretHeaders : {};
      const message = await this.send(url, { ...request, secretHeaders });
      const headers = headersOf(message);
      const status = message.statusCode ?? 0;
      const location = headers.location;
      if (!REDIRECTS.has(status) || location === undefined) {
        const body = this.body(message, url, request.signal);
        return { status, headers, url: url.toString(), redirects, body, close: () => void message.destroy() };
      }
      message.destroy();
      if (redirects >= limit)
        throw httpFailure('too_many_redirects', `more than ${limit} redirects`, request.url, { limit });
      const next = checkedUrl(URL.canParse(location, url.href) ? new URL(location, url).href : location, request.url);
      if (url.protocol === 'https:' && next.protocol === 'http:') {
        throw httpFailure('tls_failed', `${url.host} redirects to an address without TLS`, next);
      }
      url = next;
    }
  }

  /** Throws the failure that a status means; 2xx and 304 pass. */
  assertOk(response: Pick<HttpResponse, 'status' | 'headers' | 'url'>): void {
    const { status, headers, url } = response;
    if ((status >= 200 && status < 300) || status === 304) return;
    const retryAfterMs = parseRetryAfter(headers['retry-after'], this.clock.now());
    const attributes = { status, ...(retryAfterMs === null ? {} : { retryAfterMs }) };
    if (status === 429) throw httpFailure('rate_limited', 'the publisher asks to slow down', url, attributes);
    if (status === 404 || status === 410)
      throw httpFailure('not_found', `the publisher answers ${status}`, url, attributes);
    if (status === 408 || status >= 500)
      throw httpFailure('http_server_error', `the publisher answers ${status}`, url, attributes);
    throw httpFailure('http_client_error', `the publisher answers ${status}`, url, attributes);
  }

  close(): void {
    this.agents.destroy();
  }

  private async send(url: URL, request: HttpRequest): Promise<IncomingMessage> {
    request.signal?.throwIfAborted();
    const silence = new AbortController();
    const { connectMs, stallMs } = this.options.timeouts;
    const timer = setTimeout(() => silence.abort(stalled(url, stallMs)), connectMs + stallMs);
    const signal = request.signal ? AbortSignal.any([request.signal, silence.signal]) : silence.signal;
    try {
      const response = await this.axios.request<IncomingMessage>({
        url: url.toString(),
        method: request.method ?? 'GET',
        maxHeaderSize: MAX_HEADER_BYTES,
        headers: new AxiosHeaders({
          'User-Agent': this.options.userAgent ?? USER_AGENT,
          Accept: '*/*',
          'Accept-Encoding': 'identity',
          ...request.headers,
          ...request.secretHeaders,
        }),
        signal,
      } as Parameters<AxiosInstance['request']>[0]);
      return response.data;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw networkFailure(error, url);
    } finally {
      clearTimeout(timer);
    }
  }

  private async *body(
    message: IncomingMessage,
    url: URL,
    signal?: AbortSignal,
  ): AsyncGenerator<Buffer, void, undefined> {
    const { stallMs } = this.options.timeouts;
    const stop = (): void => void message.destroy(signal?.reason instanceof Error ? signal.reason : undefined);
    signal?.addEventListener('abort', stop, { once: true });
    // Errors between two reads are met at the next read.
    message.on('error', () => undefined);
    const pieces = message[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    try {
      for (;;) {
        signal?.throwIfAborted();
        // The clock of a stall runs only while we wait: a slow consumer is not a silent publisher.
        const timer = setTimeout(() => message.destroy(stalled(url, stallMs)), stallMs);
        const next = await pieces.next().finally(() => clearTimeout(timer));
        if (next.done === true) return;
        yield next.value;
      }
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw networkFailure(error, url);
    } finally {
      signal?.removeEventListener('abort', stop);
      message.destroy();
    }
  }
}

const stalled = (url: URL, stallMs: number): FreshetError =>
  httpFailure('stalled', `the publisher was silent for ${stallMs} ms`, url, { stallMs });

function checkedUrl(url: string, asked: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed && (parsed.protocol === 'http:' || parsed.protocol === 'https:')) return parsed;
  throw httpFailure(
    'http_client_error',
    `only http and https addresses are fetched, not ${parsed?.protocol ?? 'this'}`,
    asked,
  );
}

function headersOf(message: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) headers[name] = first;
  }
  return headers;
}

/** Reads a small body whole. @throws FreshetError `payload_too_large` beyond `maxBytes` */
export async function readAll(response: HttpResponse, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response.body) {
    bytes += piece.length;
    if (bytes > maxBytes) {
      throw httpFailure('payload_too_large', `the answer has more than ${maxBytes} bytes`, response.url, { maxBytes });
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces, bytes);
}
