import { parseRetryAfter } from '@freshet/publisher';
import { CloudEvent, HTTP } from 'cloudevents';
import type { Notifier, SendResult, StoredEvent } from './notifier';

export interface WebhookOptions {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string;
  /** Default 10 000. */
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
}

const SOONER_OR_LATER = new Set([408, 425, 429]);
const LONGEST_RETRY_AFTER = 3_600_000;

/**
 * CloudEvents 1.0 over HTTP in structured mode, following "HTTP 1.1 Web Hooks for Event Delivery" of CloudEvents: 2xx is
 * received, 429 with `Retry-After` is obeyed, other 4xx are final, and no redirect is followed.
 */
export class WebhookNotifier implements Notifier {
  readonly destination: string;

  constructor(private readonly options: WebhookOptions) {
    this.destination = new URL(options.url).host;
  }

  async send(event: StoredEvent, signal: AbortSignal): Promise<SendResult> {
    const { headers, body } = HTTP.structured(new CloudEvent(event, false));
    const timeout = AbortSignal.timeout(this.options.timeoutMs ?? 10_000);
    try {
      const response = await (this.options.fetch ?? fetch)(this.options.url, {
        method: 'POST',
        headers: {
          ...(headers as Record<string, string>),
          ...(this.options.token ? { authorization: `Bearer ${this.options.token}` } : {}),
        },
        body: String(body),
        redirect: 'manual',
        signal: AbortSignal.any([signal, timeout]),
      });
      await response.body?.cancel();
      return judge(response);
    } catch (error) {
      return { state: 'retry', retryAfterMs: 0, reason: timeout.aborted ? 'no answer in time' : codeOf(error) };
    }
  }
}

function judge({ status, headers }: Response): SendResult {
  const reason = `HTTP ${status}`;
  if (status >= 200 && status < 300) return { state: 'sent' };
  if (status >= 300 && status < 400)
    return { state: 'refused', reason: `${reason}: redirects are not followed; configure the final address` };
  if (status < 500 && !SOONER_OR_LATER.has(status)) return { state: 'refused', reason };
  const retryAfter = parseRetryAfter(headers.get('retry-after') ?? undefined, new Date());
  return { state: 'retry', reason, retryAfterMs: Math.min(retryAfter ?? 0, LONGEST_RETRY_AFTER) };
}

/** Never the message: it may name the address. */
function codeOf(error: unknown): string {
  let at = error as { code?: unknown; cause?: unknown } | null | undefined;
  for (let depth = 0; typeof at === 'object' && at !== null && depth < 5; depth += 1) {
    if (typeof at.code === 'string') return at.code;
    at = at.cause as typeof at;
  }
  return 'the connection failed';
}
