import type { SubscribeOptions } from '../port';

/** `SubscribeOptions` with its defaults filled in. */
export interface DeliveryPolicy {
  readonly topic: string;
  readonly group: string;
  readonly maxInFlight: number;
  readonly maxDeliveries: number;
  readonly retryDelayMs: { readonly initial: number; readonly max: number };
}

const DEFAULT_MAX_DELIVERIES = 5;
const DEFAULT_RETRY_DELAY_MS = { initial: 200, max: 10_000 };

/** @throws RangeError for a bound below one: nothing would ever be handled. */
export function deliveryPolicy(options: SubscribeOptions): DeliveryPolicy {
  const { topic, group, maxInFlight, maxDeliveries = DEFAULT_MAX_DELIVERIES } = options;
  for (const [name, value] of Object.entries({ maxInFlight, maxDeliveries })) {
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`${name} of ${group} on ${topic} must be 1 or more, not ${value}`);
  }
  return { topic, group, maxInFlight, maxDeliveries, retryDelayMs: options.retryDelayMs ?? DEFAULT_RETRY_DELAY_MS };
}

/**
 * Milliseconds before try number `failures` + 1: exponential, with jitter over the upper half, so that many consumers that
 * failed together do not come back together.
 */
export function backoffMs(policy: DeliveryPolicy, failures: number, random: () => number): number {
  const { initial, max } = policy.retryDelayMs;
  const ceiling = Math.min(max, initial * 2 ** Math.min(30, Math.max(0, failures - 1)));
  return Math.round(ceiling / 2 + random() * (ceiling / 2));
}
