import { parseRetryAfter } from '@freshet/publisher';
import type { SendResult } from './notifier';

export interface Post {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Default 10 000. */
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
}

const SOONER_OR_LATER = new Set([408, 425, 429]);
const LONGEST_RETRY_AFTER = 3_600_000;

/**
 * Posts once: 2xx is received, 429 with `Retry-After` is obeyed, other 4xx are final, and no redirect is followed. Never throws, and its
 * reasons name neither the address nor the token.
 */
export async function postJson(post: Post, signal: AbortSignal): Promise<SendResult> {
  const timeout = AbortSignal.timeout(post.timeoutMs ?? 10_000);
  try {
    const response = await (post.fetch ?? fetch)(post.url, {
      method: 'POST',
      headers: { ...post.headers, ...(post.token ? { authorization: `Bearer ${post.token}` } : {}) },
      body: post.body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    });
    await response.body?.cancel();
    return judge(response);
  } catch (error) {
    return { state: 'retry', retryAfterMs: 0, reason: timeout.aborted ? 'no answer in time' : codeOf(error) };
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
