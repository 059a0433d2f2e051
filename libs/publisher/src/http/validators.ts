import type { Validators } from '@freshet/domain';

type Headers = Readonly<Record<string, string>>;

/** What a later conditional request may send. */
export function validatorsOf(headers: Headers): Validators {
  const { etag, 'last-modified': lastModified } = headers;
  return { ...(etag ? { etag } : {}), ...(lastModified ? { lastModified } : {}) };
}

/** Headers that ask for the body only if it is not the one these validators belong to (RFC 9110 §13.1). */
export function conditionalHeaders(validators: Validators): Record<string, string> {
  return {
    ...(validators.etag ? { 'If-None-Match': validators.etag } : {}),
    ...(validators.lastModified ? { 'If-Modified-Since': validators.lastModified } : {}),
  };
}

/** A Last-Modified this much older than Date cannot stand for two versions made within its second (RFC 9110 §8.8.2.2). */
const STRONG_AGE_MS = 60_000;

/** A validator that proves two responses are the same bytes, for `If-Range`; null when there is none. */
export function strongValidator(headers: Headers): string | null {
  const { etag, date } = headers;
  const lastModified = headers['last-modified'];
  if (etag !== undefined && /^"[^"]*"$/.test(etag)) return etag;
  if (lastModified === undefined || date === undefined) return null;
  const age = Date.parse(date) - Date.parse(lastModified);
  return age >= STRONG_AGE_MS ? lastModified : null;
}

export interface ContentRange {
  readonly start: number;
  readonly end: number;
  /** Null when the server does not say (`*`). */
  readonly total: number | null;
}

export function parseContentRange(value: string | undefined): ContentRange | null {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(value?.trim() ?? '');
  if (!match) return null;
  return { start: Number(match[1]), end: Number(match[2]), total: match[3] === '*' ? null : Number(match[3]) };
}

/** Content-Length as a number; null when absent or unreadable. */
export function contentLength(headers: Headers): number | null {
  const value = headers['content-length'];
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : null;
}
