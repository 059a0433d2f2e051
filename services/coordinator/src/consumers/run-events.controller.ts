import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { TOPICS, decodeMessage, runEventSchema } from '@freshet/contracts';
import { recordPeak, reportStageFailure, type Database } from '@freshet/database';
import { Consumes, type InboundMessage } from '@freshet/messaging';
import { DATABASE } from '../tokens';

/** What the stages say about a run: that an attempt cannot succeed, and how much memory it took. */
@Controller()
export class RunEventsController {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  @Consumes(TOPICS.runEvents, { group: 'coordinator' })
  async onEvent(@Payload() message: InboundMessage): Promise<void> {
    const { meta } = decodeMessage(runEventSchema, message.value);
    switch (meta.type) {
      case 'attempt.failed':
        await reportStageFailure(this.database, meta.taskId, meta.attempt, meta.failure);
        return;
      case 'process.peak':
        await recordPeak(this.database, meta);
        return;
      case 'run.ended':
        // Our own, for the reporter.
        return;
    }
  }
}
