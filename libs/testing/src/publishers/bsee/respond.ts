import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { BseeFault } from './faults';
import { WRONG_PATH_PAGE } from './portal';
import type { VirtualFile } from './zip';
import { readRange } from './zip';

/** How the static files behave when nothing is wrong. */
export interface HeaderOptions {
  readonly etag: 'none' | 'strong' | 'weak';
  readonly lastModified: boolean;
  readonly ranges: boolean;
  /** Slows every body down, so that something can happen while it arrives. */
  readonly bytesPerSecond?: number;
}

export interface ArchiveResponse {
  readonly file: VirtualFile;
  readonly lastModified: Date;
  readonly tag: string;
  readonly headers: HeaderOptions;
  readonly fault?: BseeFault;
}

/** Bytes sent so far are written here as they go. */
export interface Sent {
  status: number;
  bytes: number;
}

/** Faults that need no archive. True when the request was answered. */
export function answerWithoutArchive(
  fault: BseeFault | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  sent: Sent,
  tlsUrl: string,
): boolean {
  const end = (status: number, headers: Record<string, string>, body = ''): true => {
    const bytes = Buffer.from(body);
    response.writeHead(status, { ...headers, ...(status === 304 ? {} : { 'content-length': String(bytes.length) }) });
    response.end(request.method === 'HEAD' ? undefined : bytes);
    sent.status = status;
    sent.bytes = bytes.length;
    return true;
  };
  switch (fault?.kind) {
    case 'html':
      return end(200, { 'content-type': 'text/html; charset=utf-8' }, WRONG_PATH_PAGE);
    case 'not-modified':
      return end(304, {});
    case 'not-found':
      return end(404, { 'content-type': 'text/html' }, '<h1>404</h1>');
    case 'server-error':
      return end(fault.status ?? 500, { 'content-type': 'text/html' }, "<h1>Server Error in '/' Application.</h1>");
    case 'rate-limited': {
      const seconds = fault.retryAfterSeconds ?? 1;
      const retryAfter = fault.asDate ? new Date(Date.now() + seconds * 1000).toUTCString() : String(seconds);
      return end(429, { 'retry-after': retryAfter, 'content-type': 'text/plain' }, 'slow down');
    }
    case 'redirect':
      return end(302, { location: fault.to });
    case 'redirect-loop':
      return end(302, { location: `${request.url ?? '/'}` });
    case 'untrusted-tls':
      return end(302, { location: `${tlsUrl}${request.url ?? '/'}` });
    case 'empty-body':
      return end(200, { 'content-type': 'application/x-zip-compressed' });
    case 'not-a-zip':
      return end(200, { 'content-type': 'application/x-zip-compressed' }, 'this is no archive\r\n'.repeat(500));
    default:
      return false;
  }
}

/** Conditional requests, ranges, and the body with whatever is to go wrong on the way. */
export async function answerArchive(
  request: IncomingMessage,
  response: ServerResponse,
  archive: ArchiveResponse,
  sent: Sent,
): Promise<void> {
  const { file, headers, fault } = archive;
  const etag =
    headers.etag === 'none' ? undefined : headers.etag === 'weak' ? `W/"${archive.tag}"` : `"${archive.tag}"`;
  const lastModified = headers.lastModified ? archive.lastModified.toUTCString() : undefined;
  if (etag) response.setHeader('etag', etag);
  if (lastModified) response.setHeader('last-modified', lastModified);
  if (headers.ranges) response.setHeader('accept-ranges', 'bytes');

  if (unchanged(request, etag, headers.lastModified ? archive.lastModified : undefined)) {
    sent.status = 304;
    response.writeHead(304).end();
    return;
  }
  const range = headers.ranges ? wantedRange(request, file.length, etag, lastModified) : undefined;
  if (range === 'unsatisfiable') {
    sent.status = 416;
    response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end();
    return;
  }
  const start = range?.start ?? 0;
  const end = range?.end ?? file.length;
  if (range) response.setHeader('content-range', `bytes ${start}-${end - 1}/${file.length}`);
  const delta = fault?.kind === 'wrong-length' ? fault.delta : 0;
  if (fault?.kind !== 'no-length') response.setHeader('content-length', String(end - start + delta));
  response.setHeader('content-type', 'application/x-zip-compressed');
  sent.status = range ? 206 : 200;
  response.writeHead(sent.status);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await sendBody(response, archive, start, delta < 0 ? end + delta : end, sent);
}

function unchanged(request: IncomingMessage, etag: string | undefined, lastModified: Date | undefined): boolean {
  const match = request.headers['if-none-match'];
  // If-None-Match wins over If-Modified-Since (RFC 9110, 13.2.2); it compares weakly.
  if (match !== undefined) {
    const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
    return etag !== undefined && match.split(',').some((tag) => tag.trim() === '*' || opaque(tag) === opaque(etag));
  }
  const since = request.headers['if-modified-since'];
  return since !== undefined && lastModified !== undefined && Date.parse(since) >= lastModified.getTime();
}

function wantedRange(
  request: IncomingMessage,
  length: number,
  etag: string | undefined,
  lastModified: string | undefined,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const condition = request.headers['if-range'];
  if (typeof condition === 'string') {
    const strong = etag !== undefined && !etag.startsWith('W/') && condition === etag;
    if (!strong && condition !== lastModified) return undefined;
  }
  const start = match[1] === '' ? Math.max(0, length - Number(match[2])) : Number(match[1]);
  const end = match[1] === '' || match[2] === '' ? length : Math.min(length, Number(match[2]) + 1);
  return start >= length || start >= end ? 'unsatisfiable' : { start, end };
}

async function sendBody(
  response: ServerResponse,
  { file, fault, headers }: ArchiveResponse,
  start: number,
  end: number,
  sent: Sent,
): Promise<void> {
  const halt =
    fault?.kind === 'drop' || fault?.kind === 'changed-mid-resume' || fault?.kind === 'stall' ? fault : undefined;
  const stopAt = halt ? Math.min(end, start + halt.atByte) : end;
  const pieceBytes = fault?.kind === 'drip' ? fault.bytes : 64 * 1024;
  const began = Date.now();
  for await (const piece of readRange(file, start, stopAt, pieceBytes)) {
    if (response.destroyed) return;
    if (!response.write(piece)) await drained(response);
    sent.bytes += piece.length;
    if (fault?.kind === 'drip') await pause(fault.everyMs);
    if (headers.bytesPerSecond) {
      const due = (sent.bytes / headers.bytesPerSecond) * 1000;
      const ahead = due - (Date.now() - began);
      if (ahead > 5) await pause(ahead);
    }
  }
  if (halt && stopAt < end) {
    if (halt.kind === 'stall') return;
    await flushed(response);
    response.socket?.resetAndDestroy();
    return;
  }
  // A length that promises more than there is can only end with the connection.
  if (fault?.kind === 'wrong-length') {
    await flushed(response);
    response.socket?.destroy();
    return;
  }
  response.end();
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
  });

/** A reset discards what the kernel has not sent yet: gives the bytes before it the time to get out. */
async function flushed(response: ServerResponse): Promise<void> {
  for (let i = 0; i < 50 && (response.socket?.writableLength ?? 0) > 0; i++) await pause(5);
  await pause(20);
}
