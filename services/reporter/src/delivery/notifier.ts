/** One CloudEvent in its JSON form. */
export type StoredEvent = Readonly<Record<string, unknown>>;

export type SendResult =
  | { readonly state: 'sent' }
  /** Worth another try, after `retryAfterMs` at the earliest. */
  | { readonly state: 'retry'; readonly reason: string; readonly retryAfterMs: number }
  /** The receiver's final word. */
  | { readonly state: 'refused'; readonly reason: string };

/**
 * Where notifications go. `send` is called at least once a notification, one at a time, with the same event each time; it
 * never throws, and its reasons name no secret: an address of a webhook often is one.
 */
export interface Notifier {
  /** Host for logs; null when nothing leaves the process. */
  readonly destination: string | null;
  send(event: StoredEvent, signal: AbortSignal): Promise<SendResult>;
}

/** Without a webhook, the warning that the alerter logged is the notification. */
export const logOnly: Notifier = {
  destination: null,
  send: () => Promise.resolve({ state: 'sent' }),
};
