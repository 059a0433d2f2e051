import { setTimeout as wait } from 'node:timers/promises';
import { FreshetError, toFailure, type FailureCode, type Validators } from '@freshet/domain';
import type { HttpClient, HttpResponse } from './client';
import { httpFailure } from './failures';
import { conditionalHeaders, contentLength, parseContentRange, strongValidator, validatorsOf } from './validators';

export interface DownloadRequest {
  readonly url: string;
  readonly signal?: AbortSignal;
  /** Asks for the body only if it is not the one these belong to. */
  readonly validators?: Validators;
  /** Connections in all after the first; default 5. */
  readonly maxResumes?: number;
  /** Before the first resume; doubles with each, up to 2 s. Default 250 ms. */
  readonly resumeDelayMs?: number;
  /** Told when a connection is about to be resumed. */
  readonly onResume?: (at: { readonly receivedBytes: number; readonly failure: FreshetError }) => void;
}

export interface Download {
  readonly outcome: 'body' | 'not_modified';
  /** Where it came from, after redirects. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly validators: Validators;
  /** Null when the publisher does not say. */
  readonly totalBytes: number | null;
  /** Bytes of the body received so far. */
  receivedBytes(): number;
  /** One body, over as many connections as it takes; empty when not modified. */
  readonly body: AsyncGenerator<Buffer, void, undefined>;
  close(): void;
}

const MAX_RESUME_DELAY_MS = 2_000;

const RESUMABLE: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'connection_lost',
  'stalled',
  'dns_failed',
  'connect_failed',
  'connect_timeout',
  'http_server_error',
]);

/**
 * Downloads a body that survives lost connections: it goes on with `Range` and `If-Range` where it stopped, if the publisher
 * gave a strong validator, and accepts a part only when `206`, `Content-Range`, total and validators say it is the rest of the
 * same bytes. A bounded number of times; two connections in a row without a byte end it.
 *
 * @throws FreshetError what a status means, at once; while reading `connection_lost`, `stalled`, `upstream_changed`
 */
export async function download(http: HttpClient, request: DownloadRequest): Promise<Download> {
  const validators = request.validators ?? {};
  const first = await http.request({
    url: request.url,
    signal: request.signal,
    headers: conditionalHeaders(validators),
  });
  try {
    http.assertOk(first);
    return new ResumingDownload(http, request, first);
  } catch (error) {
    first.close();
    throw error;
  }
}

class ResumingDownload implements Download {
  readonly outcome: Download['outcome'];
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly validators: Validators;
  readonly totalBytes: number | null;
  readonly body: AsyncGenerator<Buffer, void, undefined>;
  private readonly strong: string | null;
  private received = 0;
  private closed = false;

  constructor(
    private readonly http: HttpClient,
    private readonly request: DownloadRequest,
    private response: HttpResponse,
  ) {
    const { status, headers, url } = response;
    const conditional = Object.keys(conditionalHeaders(request.validators ?? {})).length > 0;
    if (status !== 200 && !(status === 304 && conditional)) {
      throw httpFailure('http_client_error', `the publisher answers ${status} to a plain request`, url, { status });
    }
    const coding = headers['content-encoding'] ?? 'identity';
    if (coding !== 'identity') {
      throw httpFailure(
        'http_client_error',
        `the publisher sends it with content coding ${coding}, which was not asked for`,
        url,
      );
    }
    this.outcome = status === 304 ? 'not_modified' : 'body';
    this.url = url;
    this.headers = headers;
    this.validators = status === 304 ? { ...request.validators, ...validatorsOf(headers) } : validatorsOf(headers);
    this.totalBytes = status === 304 ? null : contentLength(headers);
    this.strong = strongValidator(headers);
    this.body = this.read();
  }

  receivedBytes(): number {
    return this.received;
  }

  close(): void {
    this.closed = true;
    this.response.close();
  }

  private async *read(): AsyncGenerator<Buffer, void, undefined> {
    if (this.outcome === 'not_modified') return this.response.close();
    let resumes = 0;
    let fruitless = 0;
    for (;;) {
      const before = this.received;
      try {
        if (resumes > 0) await this.resume();
        yield* this.current();
        return;
      } catch (error) {
        this.response.close();
        fruitless = this.received === before ? fruitless + 1 : 0;
        const limit = this.request.maxResumes ?? 5;
        if (!this.mayResume(error) || resumes >= limit || fruitless >= 2) throw error;
        resumes += 1;
        this.request.onResume?.({ receivedBytes: this.received, failure: error });
        await this.pause(resumes);
      }
    }
  }

  private async *current(): AsyncGenerator<Buffer, void, undefined> {
    for await (const piece of this.response.body) {
      this.received += piece.length;
      yield piece;
    }
    if (this.totalBytes !== null && this.received !== this.totalBytes) {
      throw httpFailure('connection_lost', `${this.received} bytes came, ${this.totalBytes} were announced`, this.url, {
        receivedBytes: this.received,
        totalBytes: this.totalBytes,
      });
    }
  }

  private mayResume(error: unknown): error is FreshetError {
    if (this.closed || this.strong === null || this.request.signal?.aborted === true) return false;
    return error instanceof FreshetError && !(error instanceof Final) && RESUMABLE.has(error.code);
  }

  private async pause(resumes: number): Promise<void> {
    const delay = Math.min(MAX_RESUME_DELAY_MS, (this.request.resumeDelayMs ?? 250) * 2 ** (resumes - 1));
    await wait(delay, undefined, { signal: this.request.signal }).catch(() => this.request.signal?.throwIfAborted());
  }

  /** Asks for the rest, and takes nothing else for it. */
  private async resume(): Promise<void> {
    const strong = this.strong ?? '';
    this.response = await this.http.request({
      url: this.request.url,
      signal: this.request.signal,
      headers: { Range: `bytes=${this.received}-`, 'If-Range': strong },
    });
    const { status, headers, url } = this.response;
    if (status === 200) throw this.notTheRest(strongValidator(headers) === strong);
    if (status === 416) throw this.beyondTheEnd(headers['content-range']);
    this.http.assertOk(this.response);
    const range = parseContentRange(headers['content-range']);
    if (status !== 206 || !range)
      throw httpFailure('connection_lost', 'the publisher answers a range with something else', url);
    if (range.start !== this.received) throw changed(`the rest starts at ${range.start}, not at ${this.received}`, url);
    if (range.total !== null && this.totalBytes !== null && range.total !== this.totalBytes) {
      throw changed(`it has ${range.total} bytes now, it had ${this.totalBytes}`, url);
    }
    const now = validatorsOf(headers);
    const replaced = strong.startsWith('"')
      ? now.etag !== undefined && now.etag !== strong
      : now.lastModified !== undefined && now.lastModified !== strong;
    if (replaced) throw changed('it has another validator', url);
  }

  /** Either the file got shorter, or it never had as many bytes as were announced. */
  private beyondTheEnd(contentRange = ''): FreshetError {
    const bytes = /^bytes \*\/(\d+)$/.exec(contentRange.trim())?.[1];
    if (Number(bytes) !== this.received) return changed('it is shorter than it was', this.response.url);
    const message = `${this.totalBytes ?? 0} bytes were announced, the file has ${this.received}`;
    return new Final(
      httpFailure('connection_lost', message, this.url, { totalBytes: this.totalBytes, receivedBytes: this.received }),
    );
  }

  private notTheRest(same: boolean): FreshetError {
    if (!same) return changed('the publisher answers with all of it', this.response.url);
    const failure = httpFailure(
      'connection_lost',
      'the connection was lost, and the publisher does not continue',
      this.url,
      {
        receivedBytes: this.received,
        ranges: false,
      },
    );
    return new Final(failure);
  }
}

/** A failure that looks resumable by its code and is not. */
class Final extends FreshetError {
  constructor(failure: FreshetError) {
    super(failure.code, { ...toFailure(failure), cause: failure });
  }
}

const changed = (why: string, url: string): FreshetError =>
  httpFailure('upstream_changed', `the file changed while it was read: ${why}`, url);
