import { Inject, Injectable } from '@nestjs/common';
import { markMessageSent, unsentMessages, type Database } from '@freshet/database';
import { MESSAGING, type Messaging } from '@freshet/messaging';
import { DATABASE } from '../tokens';
import { countSent } from './metrics';

const PAGE = 100;

/** Publishes the outbox in order. A message that cannot be published now holds back those after it, and is tried again. */
@Injectable()
export class Relay {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(MESSAGING) private readonly messaging: Messaging,
  ) {}

  /** Sends everything that is there; `keepOn` is asked before each message. Returns how many were sent. */
  async flush(keepOn: () => boolean): Promise<number> {
    let sent = 0;
    for (;;) {
      const page = await unsentMessages(this.database, PAGE);
      for (const message of page) {
        if (!keepOn()) return sent;
        await this.messaging.publish({
          topic: message.topic,
          key: message.key,
          value: message.value,
          headers: message.headers,
        });
        await markMessageSent(this.database, message.id);
        countSent(message.topic);
        sent += 1;
      }
      if (page.length < PAGE) return sent;
    }
  }
}
