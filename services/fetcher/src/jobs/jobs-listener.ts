import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import type { FetchJobs } from './fetch-jobs';

/**
 * Listens to nothing. Listeners are closed in order and before anything disconnects: standing before the messaging, this one
 * hands the leases back while the coordinator and the broker can still be reached.
 */
export class JobsListener extends Server implements CustomTransportStrategy {
  constructor(private readonly jobs: FetchJobs) {
    super();
  }

  listen(callback: () => void): void {
    callback();
  }

  close(): Promise<void> {
    return this.jobs.stop();
  }

  on(): never {
    throw new Error('JobsListener emits no events');
  }

  unwrap<T>(): T {
    return this.jobs as T;
  }
}
