import 'reflect-metadata';
import { createHash, randomUUID } from 'node:crypto';
import { escapeField, type BatchValidated, type StoredColumn } from '@freshet/contracts';
import {
  storedName,
  type ColumnDefinition,
  type ColumnType,
  type DatasetDefinition,
  type DatasetId,
  type ResourceDefinition,
  type TaskManifest,
} from '@freshet/domain';
import {
  BatchLoader,
  openDatabase,
  publish,
  type Database,
  type Publication,
  type PublishOptions,
} from '@freshet/database';

export type Value = string | null;

export const column = (
  name: string,
  type: ColumnType = 'text',
  extra: Partial<ColumnDefinition> = {},
): ColumnDefinition => ({
  name,
  type,
  required: false,
  personal: false,
  checks: [],
  ...extra,
});

export function resource(
  name: string,
  columns: readonly ColumnDefinition[],
  key: readonly string[] = [],
): ResourceDefinition {
  return {
    name,
    member: `mv_${name}.txt`,
    required: true,
    columns,
    key,
    format: { reader: 'csv', delimiter: ',', quote: '"', header: true, encoding: 'utf-8' },
    contract: { unknownColumn: 'evolve', missingColumn: 'evolve', valueType: 'evolve' },
    nulls: { empty: true, words: [] },
    dateFormats: [],
    maxRecordBytes: 1_000_000,
  };
}

export const WELLS = resource(
  'wells',
  [column('API'), column('NAME', 'text', { personal: true }), column('DEPTH', 'integer')],
  ['API'],
);

export function definition(
  id: string,
  resources: readonly ResourceDefinition[] = [WELLS],
  extra: Partial<DatasetDefinition> = {},
): DatasetDefinition {
  return {
    id: id as DatasetId,
    title: id,
    mode: 'snapshot',
    connector: 'zip-archive',
    source: id.split('.')[0] ?? '',
    access: [],
    allowPrivateHosts: [],
    resources,
    schedule: null,
    maxAgeSeconds: 86_400,
    timeouts: { connectMs: 1, stallMs: 1, totalMs: 1, growth: 1 },
    retry: { maxAttempts: 3, initialDelayMs: 1, maxDelayMs: 1 },
    archive: { maxEntries: 1, maxCompressedBytes: 1, maxUncompressedBytes: 1, maxRatio: 1 },
    gates: { maxRefusedShare: 1, maxRowDrift: null, uniqueKey: 'hold' },
    concurrency: 'forbid',
    retainGenerations: 2,
    exports: [],
    paging: null,
    timeseries: null,
    rateLimit: null,
    credential: null,
    contentVersion: 'v1',
    ...extra,
  };
}

export interface Delivery {
  readonly batch: BatchValidated;
  readonly body: Buffer;
}

export interface Plan {
  readonly runId: string;
  readonly taskId: string;
  readonly attempt: number;
  readonly generation: number;
  readonly definition: DatasetDefinition;
}

/** A migrated database and short words for what the coordinator would do. */
export class World {
  private constructor(
    readonly url: string,
    readonly database: Database,
    readonly loader: BatchLoader,
  ) {}

  static async open(url: string): Promise<World> {
    const database = await openDatabase(url, { poolSize: 8 });
    return new World(url, database, new BatchLoader(database));
  }

  close(): Promise<void> {
    return this.database.close();
  }

  /** A run whose task is leased by attempt 1. */
  async plan(of: DatasetDefinition, options: { force?: boolean } = {}): Promise<Plan> {
    const [runId, taskId] = [randomUUID(), randomUUID()];
    await this.database.execute(`INSERT INTO freshet.dataset (id) VALUES ($1) ON CONFLICT DO NOTHING`, [of.id]);
    const [row] = await this.database.query<{ generation: number }>(
      'UPDATE freshet.dataset SET next_generation = next_generation + 1 WHERE id = $1 RETURNING next_generation - 1 AS generation',
      [of.id],
    );
    const generation = row?.generation ?? 0;
    await this.database.execute(
      `INSERT INTO freshet.run (id, dataset, state, trigger, idempotency_key, force, content_version, generation) VALUES ($1::uuid, $2, 'running', 'manual', $1::uuid::text, $3, $4, $5)`,
      [runId, of.id, options.force ?? false, of.contentVersion, generation],
    );
    await this.database.execute(
      `INSERT INTO freshet.task (id, run_id, state, attempt, tries) VALUES ($1, $2, 'leased', 1, 1)`,
      [taskId, runId],
    );
    await this.database.execute(`INSERT INTO freshet.task_attempt (task_id, attempt) VALUES ($1, 1)`, [taskId]);
    return { runId, taskId, attempt: 1, generation, definition: of };
  }

  async nextAttempt(plan: Plan): Promise<Plan> {
    const attempt = plan.attempt + 1;
    await this.database.execute(`UPDATE freshet.task SET attempt = $2, state = 'leased' WHERE id = $1`, [
      plan.taskId,
      attempt,
    ]);
    await this.database.execute('INSERT INTO freshet.task_attempt (task_id, attempt) VALUES ($1, $2)', [
      plan.taskId,
      attempt,
    ]);
    return { ...plan, attempt };
  }

  /** The fetcher reported, everything balanced, and the coordinator commands publication. */
  async readyToPublish(plan: Plan, deliveries: readonly Delivery[], etag = 'e1'): Promise<void> {
    await this.database.execute(
      `UPDATE freshet.task_attempt SET manifest = $3::jsonb WHERE task_id = $1 AND attempt = $2`,
      [plan.taskId, plan.attempt, JSON.stringify(manifestOf(plan.definition, deliveries, etag))],
    );
    await this.database.execute(`UPDATE freshet.task SET state = 'fetched' WHERE id = $1`, [plan.taskId]);
    await this.database.execute(`UPDATE freshet.run SET state = 'publishing' WHERE id = $1`, [plan.runId]);
  }

  async end(plan: Plan, state: string): Promise<void> {
    await this.database.execute('UPDATE freshet.run SET state = $2, ended_at = now() WHERE id = $1', [
      plan.runId,
      state,
    ]);
    await this.database.execute(`UPDATE freshet.task SET state = $2 WHERE id = $1`, [
      plan.taskId,
      state === 'failed' ? 'failed' : 'done',
    ]);
  }

  async load(deliveries: readonly Delivery[]): Promise<void> {
    for (const { batch, body } of deliveries) await this.loader.load(batch, body);
  }

  /** The whole way from rows to an outcome. */
  async refresh(
    of: DatasetDefinition,
    rows: Readonly<Record<string, readonly (readonly Value[])[]>>,
    options: PublishOptions & { force?: boolean; etag?: string } = {},
  ): Promise<Publication & { plan: Plan }> {
    const plan = await this.plan(of, options);
    const deliveries = deliveriesOf(plan, rows);
    await this.load(deliveries);
    await this.readyToPublish(plan, deliveries, options.etag);
    const publication = await publish(this.database, of, plan.runId, options);
    await this.end(plan, publication.outcome === 'refused' ? 'failed' : publication.outcome);
    return { ...publication, plan };
  }

  async count(sql: string, values: readonly unknown[] = []): Promise<number> {
    const [row] = await this.database.query<{ n: number }>(`SELECT count(*) AS n FROM ${sql}`, values);
    return row?.n ?? -1;
  }

  stagingTables(): Promise<number> {
    return this.count(`pg_class WHERE relnamespace = 'freshet_stage'::regnamespace AND relkind = 'r'`);
  }
}

const line = (chunk: number, row: number, values: readonly Value[]): string =>
  [String(chunk), String(row), '\\N', ...values.map((value) => (value === null ? '\\N' : escapeField(value)))].join(
    '\t',
  ) + '\n';

export interface DeliveryOptions {
  readonly rowsPerChunk?: number;
  readonly columns?: Readonly<Record<string, readonly StoredColumn[]>>;
}

export function deliveriesOf(
  plan: Plan,
  data: Readonly<Record<string, readonly (readonly Value[])[]>>,
  { rowsPerChunk = 2, columns }: DeliveryOptions = {},
): Delivery[] {
  return Object.entries(data).flatMap(([name, rows]) => {
    const declared = plan.definition.resources.find((candidate) => candidate.name === name)?.columns ?? [];
    const stored =
      columns?.[name] ??
      declared.map((entry) => ({ name: storedName(entry.name), type: entry.type, published: entry.name }));
    const chunks = Math.max(1, Math.ceil(rows.length / rowsPerChunk));
    return Array.from({ length: chunks }, (_, chunk) => {
      const slice = rows.slice(chunk * rowsPerChunk, (chunk + 1) * rowsPerChunk);
      const body = Buffer.from(slice.map((values, row) => line(chunk, row, values)).join(''), 'utf8');
      const batch: BatchValidated = {
        type: 'batch.validated',
        dataset: plan.definition.id,
        runId: plan.runId,
        taskId: plan.taskId,
        attempt: plan.attempt,
        contentVersion: plan.definition.contentVersion,
        resource: name,
        chunk,
        bytes: body.length,
        checksum: sha256(body),
        records: slice.length,
        rows: slice.length,
        columns: [...stored],
        refused: [],
        notes: {},
        summary: { chunk },
      };
      return { batch, body };
    });
  });
}

export function manifestOf(of: DatasetDefinition, deliveries: readonly Delivery[], etag = 'e1'): TaskManifest {
  const names = [...new Set(deliveries.map(({ batch }) => batch.resource))];
  return {
    outcome: 'fetched',
    access: { kind: 'url', url: 'http://example.test/a.zip', skipped: [] },
    validators: { etag },
    bytesReceived: 1,
    ignoredMembers: [],
    resources: names.map((name) => {
      const own = deliveries.filter(({ batch }) => batch.resource === name);
      const sum = (pick: (delivery: Delivery) => number): number =>
        own.reduce((total, delivery) => total + pick(delivery), 0);
      return {
        resource: name,
        chunks: own.length,
        records: sum(({ batch }) => batch.records),
        bytes: sum(({ batch }) => batch.bytes),
        sha256: sha256(Buffer.concat(own.map(({ body }) => body))),
        header: of.resources.find((candidate) => candidate.name === name)?.columns.map((entry) => entry.name) ?? [],
      };
    }),
  };
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
