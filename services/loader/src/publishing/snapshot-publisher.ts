import { publish, type Database } from '@freshet/database';
import type { DatasetDefinition } from '@freshet/domain';
import type { Published, Publisher } from './publisher';

/** Each refresh replaces all of the dataset: a generation. */
export class SnapshotPublisher implements Publisher {
  readonly mode = 'snapshot';

  constructor(private readonly database: Database) {}

  async publish(definition: DatasetDefinition, runId: string): Promise<Published> {
    const { outcome, generation, failure } = await publish(this.database, definition, runId);
    return { outcome, generation, ...(failure ? { code: failure.code } : {}) };
  }
}
