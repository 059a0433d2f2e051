import { FreshetError } from '@freshet/domain';
import type { Undelivered } from '../delivery/deliver';
import { GroupQueue } from './group-queue';
import { Partitioner } from './partitioner';

export interface QueueLimits {
  readonly messages: number;
  readonly bytes: number;
}

/** A message as the topic holds it until every group has acknowledged it. */
export interface Entry {
  readonly sequence: number;
  readonly message: Undelivered;
  readonly bytes: number;
  /** Groups that have not acknowledged it yet. */
  outstanding: number;
}

interface Publisher {
  readonly bytes: number;
  /** Appends the message, in the turn that made room, so that nothing published later gets ahead. */
  readonly admit: () => void;
  readonly refuse: (error: Error) => void;
}

/**
 * One topic: what was published and not yet acknowledged by every group, never more than `limits`. A topic that no group has
 * joined keeps its messages (and, when full, its publishers waiting) for the first one.
 */
export class TopicQueue {
  private readonly groups = new Map<string, GroupQueue>();
  private readonly partitioner: Partitioner;
  private readonly publishers: Publisher[] = [];
  private readonly held = new Set<Entry>();
  private sequence = 0;
  private messages = 0;
  private bytes = 0;
  private closed = false;

  constructor(
    private readonly topic: string,
    partitions: number,
    private readonly limits: QueueLimits,
    private readonly offsetPrefix: string,
  ) {
    this.partitioner = new Partitioner(partitions);
  }

  /** The group's queue; a group that is new here gets everything the topic still holds. */
  group(name: string): GroupQueue {
    const known = this.groups.get(name);
    if (known) return known;
    const group = new GroupQueue((entry) => this.acknowledge(entry));
    this.groups.set(name, group);
    for (const entry of this.held) {
      // With no group yet, what is held has nobody outstanding.
      entry.outstanding += 1;
      group.add(entry);
    }
    return group;
  }

  /** Resolves when the topic has taken the message. Publishers that wait are served in their order. */
  async publish(message: Pick<Undelivered, 'key' | 'value' | 'headers'>): Promise<void> {
    const bytes = message.value.length + (message.key?.length ?? 0);
    if (this.publishers.length === 0 && this.hasRoom(bytes)) return this.append(message, bytes);
    if (this.closed) throw stopping(this.topic);
    await new Promise<void>((resolve, refuse) => {
      const admit = (): void => {
        this.append(message, bytes);
        resolve();
      };
      this.publishers.push({ bytes, admit, refuse });
    });
  }

  /** Refuses publishers that wait and those that would have to: nothing will make room any more. */
  close(): void {
    this.closed = true;
    for (const publisher of this.publishers.splice(0)) publisher.refuse(stopping(this.topic));
  }

  private append(message: Pick<Undelivered, 'key' | 'value' | 'headers'>, bytes: number): void {
    const partition = this.partitioner.partitionOf(message.key);
    const sequence = this.sequence++;
    const offset = `${this.offsetPrefix}-${sequence}`;
    const { key, value, headers } = message;
    const entry: Entry = {
      sequence,
      message: { topic: this.topic, key, value, headers, partition, offset },
      bytes,
      outstanding: this.groups.size,
    };
    this.messages += 1;
    this.bytes += bytes;
    this.held.add(entry);
    for (const group of this.groups.values()) group.add(entry);
  }

  private acknowledge(entry: Entry): void {
    entry.outstanding -= 1;
    if (entry.outstanding > 0) return;
    this.held.delete(entry);
    this.messages -= 1;
    this.bytes -= entry.bytes;
    for (let next = this.publishers[0]; next && this.hasRoom(next.bytes); next = this.publishers[0]) {
      this.publishers.shift();
      next.admit();
    }
  }

  /** An empty topic takes any message, or one larger than the limit could never pass. */
  private hasRoom(bytes: number): boolean {
    if (this.messages === 0) return true;
    return this.messages < this.limits.messages && this.bytes + bytes <= this.limits.bytes;
  }
}

export const stopping = (topic: string): FreshetError =>
  new FreshetError('dependency_unavailable', {
    message: `the message for ${topic} was not taken: messaging is stopping`,
    nextStep: 'Nothing to do: unfinished runs are planned again at the next start.',
  });
