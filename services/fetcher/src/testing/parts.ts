import type { ClaimAnswer, FetchProgress, Lease, PermitAnswer, TaskSpec, WorkerPort } from '@freshet/contracts';
import { chunkFetchedSchema, decodeMessage, TOPICS, type ChunkFetched } from '@freshet/contracts';
import {
  datasetId,
  FreshetError,
  type DatasetDefinition,
  type Failure,
  type PagedJson,
  type ResourceDefinition,
  type TaskManifest,
} from '@freshet/domain';
import type { Messaging, OutboundMessage } from '@freshet/messaging';

export const TASK = '5f0c9a52-1111-4222-8333-444455556666';
export const RUN = '5f0c9a52-1111-4222-8333-444455557777';
export const VERSION = 'v1';

export function resource(name: string, over: Partial<ResourceDefinition> = {}): ResourceDefinition {
  return {
    name,
    member: `${name}.txt`,
    required: true,
    format: { reader: 'csv', delimiter: ',', quote: '"', header: true, encoding: 'windows-1252' },
    columns: [],
    key: [],
    contract: { unknownColumn: 'evolve', missingColumn: 'evolve', valueType: 'evolve' },
    nulls: { empty: true, words: [] },
    dateFormats: [],
    maxRecordBytes: 65_536,
    ...over,
  };
}

/** A dataset of one archive at `http://<host>/a.zip`. */
export function definition(host: string, over: Partial<DatasetDefinition> = {}): DatasetDefinition {
  return {
    id: datasetId('test.archive'),
    title: 'Test',
    mode: 'snapshot',
    connector: 'zip-archive',
    source: 'test',
    access: [{ kind: 'url', url: `http://${host}/a.zip` }],
    allowPrivateHosts: [host],
    resources: [resource('one'), resource('two', { required: false })],
    schedule: null,
    maxAgeSeconds: 86_400,
    timeouts: { connectMs: 2000, stallMs: 2000, totalMs: 20_000, growth: 0.5 },
    retry: { maxAttempts: 3, initialDelayMs: 10, maxDelayMs: 100 },
    archive: { maxEntries: 10, maxCompressedBytes: 1e8, maxUncompressedBytes: 1e9, maxRatio: 100 },
    gates: { maxRefusedShare: 1, maxRowDrift: null, uniqueKey: 'off' },
    concurrency: 'forbid',
    retainGenerations: 2,
    exports: [],
    paging: null,
    timeseries: null,
    rateLimit: null,
    credential: null,
    contentVersion: VERSION,
    ...over,
  };
}

export const PAGING: PagedJson = {
  parameters: [
    { name: 'frequency', value: 'hourly' },
    { name: 'data[0]', value: 'value' },
    { name: 'facets[type][]', value: 'D' },
  ],
  style: 'query',
  parametersHeader: 'X-Params',
  select: {
    name: 'respondent',
    parameter: 'facets[respondent][]',
    column: 'respondent',
    values: ['PJM', 'CISO'],
    codes: ['PJM', 'CISO', 'MISO'].map((code) => ({ code, name: code, aggregate: false, aliases: [`${code}-ALIAS`] })),
  },
  window: { start: 'start', end: 'end', layout: 'YYYY-MM-DDTHH' },
  sort: ['period', 'respondent'],
  offset: 'offset',
  length: 'length',
  pageSize: 100,
  records: ['response', 'data'],
  total: ['response', 'total'],
  warnings: [['warnings'], ['response', 'warnings']],
  maxPageBytes: 1_000_000,
  maxPages: 5,
  recordsPerHour: 1,
};

const column = (name: string): ResourceDefinition['columns'][number] => ({
  ...{ name, type: 'text', required: false, personal: false, checks: [] },
});

/** A dataset of one API at `http://<host>/a.zip`, asked page by page. */
export const pagedDefinition = (host: string, over: Partial<DatasetDefinition> = {}): DatasetDefinition =>
  definition(host, {
    connector: 'paged-json',
    access: [{ kind: 'api', url: `http://${host}/a.zip` }],
    resources: [
      resource('one', {
        member: 'a.zip',
        format: { reader: 'json', encoding: 'utf-8', record: 'source' },
        columns: ['period', 'respondent', 'value', 'source'].map(column),
      }),
    ],
    paging: PAGING,
    retry: { maxAttempts: 3, initialDelayMs: 1, maxDelayMs: 2 },
    ...over,
  });

export const spec = (over: Partial<TaskSpec> = {}): TaskSpec => ({
  dataset: 'test.archive',
  contentVersion: VERSION,
  force: false,
  file: null,
  validators: {},
  tries: 1,
  ...over,
});

export const unavailable = (): FreshetError =>
  new FreshetError('dependency_unavailable', { message: 'not now', nextStep: 'wait' });

/** A coordinator that grants everything and remembers what it was told. */
export class FakeWorker implements WorkerPort {
  readonly completed: TaskManifest[] = [];
  readonly failed: Array<{ failure: Failure; retryAfterMs: number }> = [];
  readonly progress: FetchProgress[] = [];
  released = 0;
  claims = 0;
  leaseMs = 30_000;
  granted = true;
  held = true;
  cancelled = false;
  spec = spec();
  /** Calls that throw before one goes through. */
  outage = 0;
  permits = 0;
  readonly coolDowns: number[] = [];
  /** Answers given before the first permit without a wait. */
  readonly permitAnswers: PermitAnswer[] = [];

  async claim(): Promise<ClaimAnswer> {
    this.claims += 1;
    this.stumble();
    return this.granted
      ? { granted: true, token: 'token', leaseMs: this.leaseMs, spec: this.spec }
      : { granted: false };
  }

  async renew(_: Lease, progress: FetchProgress): Promise<{ held: boolean; leaseMs: number; cancelled: boolean }> {
    this.stumble();
    this.progress.push(progress);
    return { held: this.held && !this.cancelled, leaseMs: this.leaseMs, cancelled: this.cancelled };
  }

  async complete(_: Lease, manifest: TaskManifest, progress: FetchProgress): Promise<{ held: boolean }> {
    this.stumble();
    this.progress.push(progress);
    this.completed.push(manifest);
    return { held: this.held };
  }

  async fail(_: Lease, failure: Failure, retryAfterMs: number): Promise<{ held: boolean }> {
    this.stumble();
    this.failed.push({ failure, retryAfterMs });
    return { held: this.held };
  }

  async release(): Promise<{ held: boolean }> {
    this.released += 1;
    return { held: this.held };
  }

  async permit(): Promise<PermitAnswer> {
    this.stumble();
    const answer = this.permitAnswers.shift() ?? { granted: true, waitMs: 0 };
    if (answer.granted) this.permits += 1;
    return answer;
  }

  async coolDown(_: Lease, ms: number): Promise<void> {
    this.stumble();
    this.coolDowns.push(ms);
  }

  private stumble(): void {
    if (this.outage <= 0) return;
    this.outage -= 1;
    throw unavailable();
  }
}

/** A broker that keeps what it is given; `gate` makes publishers wait. */
export class FakeBroker implements Messaging {
  readonly messages: OutboundMessage[] = [];
  waiting = 0;
  mostWaiting = 0;
  outage = 0;
  gate: Promise<void> = Promise.resolve();

  async publish(message: OutboundMessage): Promise<void> {
    this.waiting += 1;
    this.mostWaiting = Math.max(this.mostWaiting, this.waiting);
    try {
      await this.gate;
      if (this.outage > 0) {
        this.outage -= 1;
        throw unavailable();
      }
      this.messages.push(message);
    } finally {
      this.waiting -= 1;
    }
  }

  get chunks(): Array<{ meta: ChunkFetched; body: Buffer; key: string | null }> {
    return this.messages
      .filter(({ topic }) => topic === TOPICS.chunkFetched)
      .map(({ value, key }) => ({ ...decodeMessage(chunkFetchedSchema, value), key }));
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  subscribe(): never {
    throw new Error('nobody subscribes here');
  }
  health(): { live: boolean; ready: boolean; detail: string } {
    return { live: true, ready: true, detail: '' };
  }
}

export async function eventually(what: string, condition: () => boolean, withinMs = 5000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`still waiting for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
