import type { DeliveryCount } from '../delivery/deliver';
import type { Entry } from './topic-queue';

interface Waiting extends DeliveryCount {
  readonly entry: Entry;
}

/** One subscription of a group. `take` resolves to whether the message is acknowledged. */
export interface Member {
  readonly hasRoom: () => boolean;
  readonly take: (entry: Entry, count: DeliveryCount) => Promise<boolean>;
}

/**
 * What a group has still to handle on one topic, in order. A key is handled by one member at a time; a message that comes
 * back unacknowledged returns to its place, ahead of everything published after it.
 */
export class GroupQueue {
  private waiting: Waiting[] = [];
  private readonly members: Member[] = [];
  private readonly busyKeys = new Set<string>();
  private scheduled = false;

  constructor(private readonly acknowledge: (entry: Entry) => void) {}

  add(entry: Entry): void {
    this.waiting.push({ entry, deliveries: 0 });
    this.schedule();
  }

  join(member: Member): void {
    this.members.push(member);
    this.schedule();
  }

  leave(member: Member): void {
    this.members.splice(this.members.indexOf(member), 1);
    this.schedule();
  }

  /** Looks for work on the next turn of the event loop, so that a publisher never runs a handler on its own stack. */
  schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.dispatch();
    });
  }

  private dispatch(): void {
    const left: Waiting[] = [];
    for (const [index, item] of this.waiting.entries()) {
      const { key, partition } = item.entry.message;
      if (key !== null && this.busyKeys.has(key)) {
        left.push(item);
        continue;
      }
      const member = this.memberFor(partition);
      if (!member) {
        left.push(...this.waiting.slice(index));
        break;
      }
      void this.handOver(item, member);
    }
    this.waiting = left;
  }

  /** Partitions are spread over the members, as Kafka does it; one that is full lets another one help. */
  private memberFor(partition: number): Member | undefined {
    for (let i = 0; i < this.members.length; i += 1) {
      const member = this.members[(partition + i) % this.members.length];
      if (member?.hasRoom()) return member;
    }
    return undefined;
  }

  private async handOver(item: Waiting, member: Member): Promise<void> {
    const { key } = item.entry.message;
    if (key !== null) this.busyKeys.add(key);
    const acknowledged = await member.take(item.entry, item);
    if (key !== null) this.busyKeys.delete(key);
    if (acknowledged) this.acknowledge(item.entry);
    else this.putBack(item);
    this.schedule();
  }

  private putBack(item: Waiting): void {
    const later = this.waiting.findIndex((other) => other.entry.sequence > item.entry.sequence);
    this.waiting.splice(later === -1 ? this.waiting.length : later, 0, item);
  }
}
