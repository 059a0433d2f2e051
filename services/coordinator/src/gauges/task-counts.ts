import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { metrics, type Observable, type ObservableResult } from '@opentelemetry/api';
import { taskCounts, type Database, type TaskCounts } from '@freshet/database';
import { DATABASE } from '../tokens';
import { Recent } from './recent';

/** Several readers may poll, and none may become a load on the database. */
const MAX_AGE_MS = 1_000;

/** Pending and leased tasks, read from the database: the same in every coordinator, whichever leads. */
@Injectable()
export class TaskGauges implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly counts: Recent<TaskCounts>;
  private gauge: Observable | undefined;

  constructor(@Inject(DATABASE) database: Database) {
    this.counts = new Recent(() => taskCounts(database), MAX_AGE_MS);
  }

  read(): Promise<TaskCounts> {
    return this.counts.read();
  }

  onApplicationBootstrap(): void {
    this.gauge = metrics.getMeter('@freshet/coordinator').createObservableGauge('freshet_coordinator_tasks', {
      description: 'Tasks that fetchers could claim (pending) and tasks under a lease (leased)',
    });
    this.gauge.addCallback(this.observe);
  }

  onApplicationShutdown(): void {
    this.gauge?.removeCallback(this.observe);
  }

  /** While the database cannot be reached there is no value: an old one would look like a fact. */
  private readonly observe = async (result: ObservableResult): Promise<void> => {
    const counts = await this.read().catch(() => null);
    if (!counts) return;
    result.observe(counts.pending, { state: 'pending' });
    result.observe(counts.leased, { state: 'leased' });
  };
}
