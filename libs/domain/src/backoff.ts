import type { RetryPolicy } from './definition';

/**
 * Delay in milliseconds before attempt `next` (2 for the first retry): exponential with full jitter, never below what the
 * publisher asked for with `Retry-After`, and never above `maxDelayMs` unless the publisher asked for longer.
 *
 * @param random uniform in [0, 1), passed in so that tests decide it.
 */
export function retryDelayMs(policy: RetryPolicy, next: number, random: () => number, retryAfterMs = 0): number {
  const ceiling = Math.min(policy.maxDelayMs, policy.initialDelayMs * 2 ** Math.max(0, next - 2));
  const jittered = ceiling / 2 + random() * (ceiling / 2);
  return Math.max(Math.round(jittered), retryAfterMs);
}
