import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { TOPICS } from '@freshet/contracts';
import { Consumes, type InboundMessage } from '@freshet/messaging';
import { ChunkParser } from './chunk-parser';

@Controller()
export class ParserController {
  constructor(private readonly parser: ChunkParser) {}

  @Consumes(TOPICS.chunkFetched, { group: 'parser' })
  onChunk(@Payload() message: InboundMessage): Promise<void> {
    return this.parser.handle(message);
  }
}
