/**
 * The messaging port. Two transports follow it to the letter, and one contract test suite says so: Kafka and in-process.
 *
 * Delivery is at least once. A handler's promise that resolves means its effect is durable, and only then is the message
 * acknowledged. A promise that rejects with
 * - a terminal `FreshetError` sends the message to the dead-letter topic at once;
 * - a transient one (or an unknown error) is retried with backoff, `maxDeliveries` times, then dead-lettered;
 * - `dependency_unavailable` is retried without bound, with intake paused, because the message is not to blame.
 * A message is acknowledged after its dead letter is durable, never before. While a handler runs the transport keeps its
 * membership alive. Messages of one key are handled in the order they were published and one at a time.
 */
export interface OutboundMessage {
  readonly topic: string;
  /** Messages of one key stay in order; null spreads. */
  readonly key: string | null;
  readonly value: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface InboundMessage {
  readonly topic: string;
  readonly key: string | null;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly partition: number;
  readonly offset: string;
  /** 1 for the first delivery to this process. */
  readonly delivery: number;
  /** Aborted when the partition was taken away or the transport stops: the effect must not go on. */
  readonly signal: AbortSignal;
}

export type Handler = (message: InboundMessage) => Promise<void>;

export interface SubscribeOptions {
  readonly topic: string;
  /** Consumers of one group share the work; each group sees every message. */
  readonly group: string;
  /** Messages handled at the same time in this process, over all partitions. */
  readonly maxInFlight: number;
  readonly maxDeliveries?: number;
  readonly retryDelayMs?: { readonly initial: number; readonly max: number };
}

export interface Subscription {
  /** Stops intake, waits for handlers that are running, and leaves. */
  close(): Promise<void>;
}

export interface TransportHealth {
  readonly live: boolean;
  readonly ready: boolean;
  readonly detail: string;
}

export interface Messaging {
  /** Connects. Topics are created where the transport needs it. */
  start(): Promise<void>;
  /** Resolves when the message is durable (all in-sync replicas; in-process: accepted). Waits while the transport is full. */
  publish(message: OutboundMessage): Promise<void>;
  subscribe(options: SubscribeOptions, handler: Handler): Promise<Subscription>;
  /** Ordered: stop intake, drain handlers, flush what is being published, disconnect. */
  stop(): Promise<void>;
  health(): TransportHealth;
}

/** Injection token of the port. */
export const MESSAGING = Symbol('freshet.messaging');
