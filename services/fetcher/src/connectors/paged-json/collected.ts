import { createHash } from 'node:crypto';
import { FreshetError, type RequestReport, type ResourceDefinition, type ResourceManifest } from '@freshet/domain';
import type { ConnectorTask } from '../connector';
import type { Records } from './document';

/** What became of a task so far: chunks given away, and which request they came from. */
export class Collected {
  readonly requests: RequestReport[] = [];
  private readonly hash = createHash('sha256');
  private readonly keys = new Set<string>();
  private readonly seen = new Set<string>();
  private readonly total = { chunks: 0, records: 0, bytes: 0 };

  constructor(
    private readonly task: ConnectorTask,
    private readonly resource: ResourceDefinition,
  ) {}

  /** Index of the next chunk. */
  get chunks(): number {
    return this.total.chunks;
  }

  /** Values of the selected column that had records. */
  get values(): ReadonlySet<string> {
    return this.seen;
  }

  /** Emits the records of a page that is known to be whole. */
  async add(page: Records, report: Omit<RequestReport, 'chunks'>): Promise<void> {
    const first = this.total.chunks;
    for (const chunk of page.chunks) {
      this.hash.update(chunk.body);
      this.total.chunks += 1;
      this.total.records += chunk.records;
      this.total.bytes += chunk.body.length;
      await this.task.emit(this.resource.name, chunk);
    }
    for (const name of page.header) this.keys.add(name);
    for (const value of page.tally.keys()) this.seen.add(value);
    const last = this.total.chunks - 1;
    this.requests.push({ ...report, chunks: last < first ? null : [first, last] });
  }

  /** @throws FreshetError `resource_empty` when there was nothing at all. */
  manifest(asked: string): ResourceManifest {
    const { name, columns, required } = this.resource;
    if (this.total.records === 0 && required) throw empty(this.resource, asked);
    const declared = columns.map((column) => column.name).filter((column) => this.keys.has(column));
    const known = new Set(declared);
    const header = [...declared, ...[...this.keys].filter((key) => !known.has(key))];
    return { resource: name, ...this.total, sha256: this.hash.digest('hex'), header };
  }
}

const empty = ({ name }: ResourceDefinition, asked: string): FreshetError =>
  new FreshetError('resource_empty', {
    message: `the publisher has no records of ${name} for ${asked}`,
    nextStep:
      'Look at the publisher’s page whether it has data for these codes and times; codes that it does not know are answered like that.',
    attributes: { resource: name, asked: asked.slice(0, 500) },
  });
