import type { ProblemBody } from '@freshet/contracts';
import { ApiError, NotFreshetError, UnreachableError, type UnreachableReason } from './errors';

export interface TransportOptions {
  /** Where the coordinator serves HTTP, for example `http://127.0.0.1:4700`; `/api/v1` is added. */
  readonly baseUrl: string;
  /** Bearer token. */
  readonly token?: string;
  /** Longest wait for one answer, in milliseconds. Default 30 000. */
  readonly timeoutMs?: number;
  /** Repetitions of a call that may be repeated. Default 3. */
  readonly retries?: number;
  /** First pause between repetitions in milliseconds, doubled each time. Default 200. */
  readonly retryDelayMs?: number;
  /** For tests. */
  readonly fetch?: typeof fetch;
  readonly sleep?: Sleep;
}

export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  /** Media type of the answer; JSON when absent. */
  readonly accept?: string;
  /** May be repeated although it might have arrived. */
  readonly idempotent: boolean;
  /** Instead of the client's, for calls that work long before they answer. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

interface Answer {
  readonly response: Response;
  readonly bytes: Uint8Array;
}

const UNAVAILABLE = new Set([502, 503, 504]);

/** One HTTP call with its timeout and its repetitions; JSON in, JSON out. */
export class Transport {
  private readonly base: URL;
  private readonly options: Required<Omit<TransportOptions, 'token'>> & Pick<TransportOptions, 'token'>;

  /** @throws TypeError when `baseUrl` is not an http(s) address. */
  constructor(options: TransportOptions) {
    this.base = new URL(options.baseUrl);
    if (!/^https?:$/.test(this.base.protocol)) throw new TypeError(`not an http or https address: ${options.baseUrl}`);
    if (this.base.username || this.base.password) throw new TypeError('give the token apart, not inside the address');
    if (!this.base.pathname.endsWith('/')) this.base.pathname += '/';
    this.options = {
      timeoutMs: 30_000,
      retries: 3,
      retryDelayMs: 200,
      fetch: globalThis.fetch,
      sleep,
      ...definedOnly(options),
      baseUrl: this.base.href.replace(/\/$/, ''),
    };
  }

  get baseUrl(): string {
    return this.options.baseUrl;
  }

  /**
   * A call is repeated when it is idempotent and no answer came, or when it certainly never arrived (connection refused).
   *
   * @throws ApiError, UnreachableError, NotFreshetError; the signal's reason when aborted.
   */
  async call<T>(call: Call): Promise<T> {
    const { response, bytes } = await this.answer(call);
    const body = parse(bytes);
    if (body === undefined) throw this.notUnderstood(call, response, bytes);
    return body as T;
  }

  /** The same for an answer in another media type, which `call.accept` names. */
  async bytes(call: Call & { readonly accept: string }): Promise<{ bytes: Uint8Array; headers: Headers }> {
    const { response, bytes } = await this.answer(call);
    const type = response.headers.get('content-type') ?? '';
    if (!type.toLowerCase().startsWith(call.accept)) throw this.notUnderstood(call, response, bytes);
    return { bytes, headers: response.headers };
  }

  private async answer(call: Call): Promise<Answer> {
    for (let repetition = 0; ; repetition += 1) {
      try {
        return await this.once(call);
      } catch (error) {
        const repeatable = error instanceof UnreachableError && (call.idempotent || error.reason === 'refused');
        if (!repeatable || repetition >= this.options.retries) throw error;
        await this.options.sleep(this.options.retryDelayMs * 2 ** repetition, call.signal);
      }
    }
  }

  private async once(call: Call): Promise<Answer> {
    const url = new URL(`api/v1/${call.path}`, this.base);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const timeoutMs = call.timeoutMs ?? this.options.timeoutMs;
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = call.signal ? AbortSignal.any([call.signal, timeout]) : timeout;
    let response: Response;
    let bytes: Uint8Array;
    try {
      response = await this.options.fetch(url, {
        method: call.method,
        headers: {
          accept: call.accept ?? 'application/json',
          ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(this.options.token ? { authorization: `Bearer ${this.options.token}` } : {}),
        },
        body: call.body === undefined ? undefined : JSON.stringify(call.body),
        // A redirect would carry the token somewhere nobody named.
        redirect: 'manual',
        signal,
      });
      bytes = new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      call.signal?.throwIfAborted();
      throw this.unreachable(error, timeout.aborted ? timeoutMs : null);
    }
    this.check(response, bytes, `${call.method} ${url.pathname}`);
    return { response, bytes };
  }

  private check(response: Response, bytes: Uint8Array, name: string): void {
    const { status } = response;
    if (response.ok) return;
    if (status >= 300 && status < 400) {
      throw new NotFreshetError(
        this.baseUrl,
        `it answers with a redirect to ${withoutQuery(response.headers.get('location'))}; if that is right, use that address`,
      );
    }
    const body = parse(bytes);
    if (isProblem(body)) throw new ApiError(status, body, name);
    if (UNAVAILABLE.has(status))
      throw new UnreachableError(this.baseUrl, 'unavailable', `HTTP ${status} from what stands in front of it`);
    if (status === 404) throw new NotFreshetError(this.baseUrl, `${name} gave 404 with ${describe(response, bytes)}`);
    throw new ApiError(status, { error: `HTTP ${status} ${response.statusText}`.trim() }, name);
  }

  private notUnderstood({ method, path }: Call, response: Response, bytes: Uint8Array): NotFreshetError {
    const { pathname } = new URL(`api/v1/${path}`, this.base);
    return new NotFreshetError(this.baseUrl, `${method} ${pathname} gave ${describe(response, bytes)}`);
  }

  private unreachable(error: unknown, timedOutMs: number | null): UnreachableError {
    if (timedOutMs !== null)
      return new UnreachableError(this.baseUrl, 'timeout', `no answer within ${timedOutMs / 1000} s`, error);
    const code = systemCode(error);
    const reason: UnreachableReason = code !== undefined && NEVER_ARRIVED.has(code) ? 'refused' : 'lost';
    return new UnreachableError(this.baseUrl, reason, WORDS[code ?? ''] ?? code ?? messageBelow(error), error);
  }
}

const NEVER_ARRIVED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name cannot be looked up',
  ECONNRESET: 'the connection was reset',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_CONNECT_TIMEOUT: 'connecting took too long',
};

/** The code of the system error below a failed fetch; several addresses tried give an AggregateError. */
function systemCode(error: unknown): string | undefined {
  // By shape, not `instanceof`: the runtime's errors may come from another realm.
  let at = error as { code?: unknown; cause?: unknown; errors?: unknown } | null | undefined;
  for (let depth = 0; typeof at === 'object' && at !== null && depth < 5; depth += 1) {
    if (typeof at.code === 'string') return at.code;
    at = (Array.isArray(at.errors) ? at.errors[0] : at.cause) as typeof at;
  }
  return undefined;
}

/** `fetch failed` says nothing; what caused it does. */
function messageBelow(error: unknown): string {
  const { cause, message } = error as { cause?: { message?: unknown } | null; message?: unknown };
  return String(cause?.message ?? message ?? error);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

const isProblem = (body: unknown): body is ProblemBody =>
  typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'string';

const describe = (response: Response, bytes: Uint8Array): string =>
  bytes.length === 0 ? 'an empty body' : (response.headers.get('content-type') ?? 'a body of unknown type');

function withoutQuery(location: string | null): string {
  return location ? (location.split(/[?#]/)[0] ?? '') : 'nowhere';
}

function definedOnly<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Partial<T>;
}

/** Rejects with the signal's reason when it is aborted. */
export const sleep: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
