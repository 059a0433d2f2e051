import { deliver, type DeliveryHost } from '../delivery/deliver';
import { settlesWithin } from '../delivery/wait';
import type { Subscription } from '../port';
import type { GroupQueue, Member } from './group-queue';

/** How long a handler that was told to stop (its signal aborted) is still waited for. */
const ABORT_GRACE_MS = 2_000;

/** One member of a group on one topic. */
export class InProcessSubscription implements Subscription {
  private readonly running = new Set<Promise<boolean>>();
  private readonly taken = new AbortController();
  private readonly member: Member;
  private closed: Promise<void> | null = null;

  /** @param closing aborted by this object when it closes; the host was made with its signal. */
  constructor(
    private readonly queue: GroupQueue,
    private readonly host: DeliveryHost,
    private readonly closing: AbortController,
    private readonly drainTimeoutMs: number,
  ) {
    this.member = {
      hasRoom: () =>
        this.host.gate.open && !this.closing.signal.aborted && this.running.size < this.host.policy.maxInFlight,
      take: (entry, count) => this.track(deliver(this.host, entry.message, count, this.taken.signal)),
    };
  }

  /** Begins to take messages. */
  open(): void {
    this.queue.join(this.member);
  }

  close(): Promise<void> {
    this.closed ??= this.drain();
    return this.closed;
  }

  private async drain(): Promise<void> {
    this.closing.abort();
    if (!(await settlesWithin(Promise.all(this.running), this.drainTimeoutMs))) {
      this.host.logger.warn(
        { topic: this.host.policy.topic, group: this.host.policy.group },
        'handlers are still running: their work is given up',
      );
      this.taken.abort();
      await settlesWithin(Promise.all(this.running), ABORT_GRACE_MS);
    }
    this.taken.abort();
    this.queue.leave(this.member);
  }

  private async track(work: Promise<boolean>): Promise<boolean> {
    this.running.add(work);
    try {
      return await work;
    } finally {
      this.running.delete(work);
    }
  }
}
