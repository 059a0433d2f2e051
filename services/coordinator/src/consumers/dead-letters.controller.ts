import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { HEADERS, TOPICS, decodeFrame } from '@freshet/contracts';
import { refuseCommand, reportStageFailure, storeDeadLetter, type Database } from '@freshet/database';
import { FreshetError, isUuid, type Failure, type Logger } from '@freshet/domain';
import { Consumes, type InboundMessage } from '@freshet/messaging';
import { LOGGER } from '@freshet/runtime';
import { z } from 'zod';
import { DATABASE } from '../tokens';

/** As much of a message as says whose it was; everything else in it may be what made it undeliverable. */
const ownerSchema = z.object({
  type: z.string(),
  runId: z.guid().nullish(),
  taskId: z.guid().nullish(),
  attempt: z.number().int().positive().nullish(),
});
type Owner = Partial<z.infer<typeof ownerSchema>>;

/** Stores what nobody could handle, and ends the attempt or the command that was waiting for it. */
@Controller()
export class DeadLettersController {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Consumes(TOPICS.deadLetter, { group: 'coordinator' })
  async onDeadLetter(@Payload() message: InboundMessage): Promise<void> {
    const header = (name: string, otherwise: string): string => message.headers[name] ?? otherwise;
    const letter = {
      topic: header(HEADERS.deadLetterTopic, message.topic),
      partition: Number(header(HEADERS.deadLetterPartition, String(message.partition))) || 0,
      offset: header(HEADERS.deadLetterOffset, `dead-letter:${message.partition}:${message.offset}`),
      code: header(HEADERS.deadLetterCode, 'internal'),
      reason: header(HEADERS.deadLetterReason, 'no reason given'),
      step: header(HEADERS.deadLetterStep, 'unknown'),
    };
    const owner = ownerOf(message);
    const stored = await storeDeadLetter(this.database, {
      ...letter,
      key: message.key,
      headers: message.headers,
      value: message.value,
      runId: owner.runId ?? null,
    });
    if (stored)
      this.logger.error(
        { ...letter, key: message.key, runId: owner.runId ?? null },
        'a message could not be delivered',
      );
    // Also when it was stored before: the process may have died between the two.
    await this.endWhatWaits(owner, deadLettered(letter));
  }

  private async endWhatWaits(owner: Owner, failure: Failure): Promise<void> {
    if ((owner.type === 'publish' || owner.type === 'export') && owner.runId)
      await refuseCommand(this.database, owner.type, owner.runId, { ...failure, kind: 'terminal' });
    else if (owner.taskId && owner.attempt)
      await reportStageFailure(this.database, owner.taskId, owner.attempt, failure);
  }
}

function ownerOf(message: InboundMessage): Owner {
  try {
    const parsed = ownerSchema.safeParse(decodeFrame(message.value).meta);
    if (parsed.success) return parsed.data;
  } catch {
    // Not a frame; whoever wrote it, the correlation id may still tell the run.
  }
  const runId = message.headers[HEADERS.correlationId];
  return runId && isUuid(runId) ? { runId } : {};
}

const deadLettered = ({
  topic,
  step,
  code,
  reason,
}: {
  topic: string;
  step: string;
  code: string;
  reason: string;
}): Failure =>
  new FreshetError('dead_lettered', {
    message: `a message of ${topic} could not be handled (${step}): ${reason}`,
    nextStep: 'A new attempt is made by itself; freshet dead-letters shows the message if it repeats.',
    attributes: { topic, step, code },
  }).toFailure();
