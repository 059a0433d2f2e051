import { appendFile } from 'node:fs/promises';
import type { SendResult } from '../delivery/notifier';
import { postJson } from '../delivery/post';
import type { OpenLineageEvent } from './event';

/** Where run events go. `send` is called at least once an event, one at a time, and never throws; its reasons name no secret. */
export interface LineageSink {
  /** Under which it is remembered what was told: `http`, `file`. */
  readonly name: string;
  /** For logs. */
  readonly destination: string;
  send(event: OpenLineageEvent, signal: AbortSignal): Promise<SendResult>;
}

export interface HttpSinkOptions {
  /** Of a server (`/api/v1/lineage` is added, as clients of OpenLineage do), or the whole address. */
  readonly url: string;
  /** Sent as a bearer token. */
  readonly apiKey?: string;
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
}

export class HttpSink implements LineageSink {
  readonly name = 'http';
  readonly destination: string;
  private readonly url: string;

  constructor(private readonly options: HttpSinkOptions) {
    const url = new URL(options.url);
    if (url.pathname === '/') url.pathname = '/api/v1/lineage';
    this.url = url.href;
    this.destination = url.host;
  }

  send(event: OpenLineageEvent, signal: AbortSignal): Promise<SendResult> {
    const { apiKey: token, timeoutMs, fetch } = this.options;
    const headers = { 'content-type': 'application/json' };
    return postJson({ url: this.url, token, headers, body: JSON.stringify(event), timeoutMs, fetch }, signal);
  }
}

/** Appends an event a line. */
export class FileSink implements LineageSink {
  readonly name = 'file';
  readonly destination: string;

  constructor(private readonly path: string) {
    this.destination = path;
  }

  async send(event: OpenLineageEvent): Promise<SendResult> {
    try {
      await appendFile(this.path, `${JSON.stringify(event)}\n`);
      return { state: 'sent' };
    } catch (error) {
      const { code = 'the file cannot be written' } = error as { code?: string };
      return { state: 'retry', reason: code, retryAfterMs: 0 };
    }
  }
}
