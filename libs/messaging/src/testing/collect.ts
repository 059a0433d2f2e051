import type { Handler, InboundMessage } from '../port';

/** Resolves when `condition` holds; fails with `what` after `timeoutMs`. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 15_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`did not happen within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A promise that the test settles. */
export function latch(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** A handler that notes what it was given, then does what `behave` says. */
export function collector(behave: (message: InboundMessage) => void | Promise<void> = () => {}) {
  const messages: InboundMessage[] = [];
  let running = 0;
  let mostRunning = 0;
  const handler: Handler = async (message) => {
    messages.push(message);
    running += 1;
    mostRunning = Math.max(mostRunning, running);
    try {
      await behave(message);
    } finally {
      running -= 1;
    }
  };
  return {
    handler,
    messages,
    texts: () => messages.map((message) => message.value.toString()),
    mostRunning: () => mostRunning,
    received: (count: number) =>
      eventually(`${count} messages, got ${messages.length}`, () => messages.length >= count),
  };
}
