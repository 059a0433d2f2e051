import { CloudEvent, HTTP } from 'cloudevents';
import type { Notifier, SendResult, StoredEvent } from './notifier';
import { postJson } from './post';

export interface WebhookOptions {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string;
  /** Default 10 000. */
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
}

/** CloudEvents 1.0 over HTTP in structured mode, following "HTTP 1.1 Web Hooks for Event Delivery" of CloudEvents; see `postJson`. */
export class WebhookNotifier implements Notifier {
  readonly destination: string;

  constructor(private readonly options: WebhookOptions) {
    this.destination = new URL(options.url).host;
  }

  send(event: StoredEvent, signal: AbortSignal): Promise<SendResult> {
    const { headers, body } = HTTP.structured(new CloudEvent(event, false));
    return postJson({ ...this.options, headers: headers as Record<string, string>, body: String(body) }, signal);
  }
}
