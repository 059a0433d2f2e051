import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { TOPICS } from '@freshet/contracts';
import { Consumes, type InboundMessage } from '@freshet/messaging';
import { FetchJobs } from './jobs/fetch-jobs';

@Controller()
export class FetcherController {
  constructor(@Inject(FetchJobs) private readonly jobs: FetchJobs) {}

  @Consumes(TOPICS.fetchRequested, { group: 'fetcher' })
  onFetchRequested(@Payload() message: InboundMessage): Promise<void> {
    return this.jobs.handle(message);
  }
}
