import type { IncomingMessage } from 'node:http';
import type { EiaFaultKind } from './faults';
import type { Parameters } from './parameters';
import { parseQuery } from './parameters';
import type { EiaRoute } from './routes';

/** One request as the publisher saw it; `status`, `rows` and `ms` are final once `ended` is true. */
export interface EiaRequest {
  readonly at: Date;
  readonly method: string;
  readonly path: string;
  /** What was asked for, as nested by the brackets, without the key. */
  readonly params: Parameters;
  readonly style: 'query' | 'header' | 'none';
  /** The first 12 digits of the key's SHA-256; null without a key. */
  readonly key: string | null;
  readonly route: EiaRoute | null;
  readonly status: number;
  readonly rows: number;
  /** As said in the body. */
  readonly total: number | null;
  readonly bytes: number;
  readonly ms: number;
  readonly fault: EiaFaultKind | null;
  readonly ended: boolean;
}

export type RequestLog = { -readonly [K in keyof EiaRequest]: EiaRequest[K] };

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly params: Parameters;
  readonly style: 'query' | 'header' | 'none';
  readonly key: string | undefined;
}

/** Parameters come in the query, or as JSON in `X-Params`; the key in the query, or in `X-Api-Key`. */
export function readRequest(request: IncomingMessage): Asked {
  const url = new URL(request.url ?? '/', 'http://simulator');
  const { api_key: inQuery, ...inUrl } = parseQuery(url.searchParams);
  const inHeader = request.headers['x-api-key'];
  const key = inQuery !== undefined ? String(inQuery) : inHeader === undefined ? undefined : String(inHeader);
  let params: Parameters = inUrl;
  try {
    const { 'x-params': text } = request.headers;
    if (text !== undefined) params = { ...inUrl, ...(JSON.parse(String(text)) as Parameters) };
    delete params['api_key'];
  } catch {
    // The real answer to broken JSON is not known: it is taken for no parameters at all.
  }
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    params,
    style: inQuery !== undefined ? 'query' : inHeader === undefined ? 'none' : 'header',
    key: key === '' ? undefined : key,
  };
}
