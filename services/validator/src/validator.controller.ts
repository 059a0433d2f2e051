import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { TOPICS } from '@freshet/contracts';
import { Consumes, type InboundMessage } from '@freshet/messaging';
import { BatchValidator } from './batch-validator';

@Controller()
export class ValidatorController {
  constructor(private readonly validator: BatchValidator) {}

  @Consumes(TOPICS.batchParsed, { group: 'validator' })
  onBatch(@Payload() message: InboundMessage): Promise<void> {
    return this.validator.handle(message);
  }
}
