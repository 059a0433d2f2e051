import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { loadCatalog } from '@freshet/catalog';
import { checksumOf, type BatchValidated } from '@freshet/contracts';
import { BatchLoader, mergeTimeSeries, openDatabase, type Database } from '@freshet/database';
import { storedName, type DatasetDefinition, type TaskManifest } from '@freshet/domain';
import { from as copyFrom } from 'pg-copy-streams';
import { round } from './floor';

const DATASET = 'eia.demand';
const RESPONDENTS = 50;
const ROWS_PER_CHUNK = 2_000;
/** As many as standalone loads at the same time. */
const LOADS_IN_FLIGHT = 3;
const BEGIN = Date.UTC(2025, 0, 1);
const HOUR_MS = 3_600_000;

export type UpsertCase = 'new' | 'unchanged' | 'changed10';

export interface Rates {
  /** Of the merge alone: what makes staged rows visible. */
  readonly merge: number;
  /** Staging and merge together. */
  readonly together: number;
  /** Against COPY into a bare table of the same columns, a moment before. */
  readonly mergeToCopy: number;
  readonly togetherToCopy: number;
}

export interface Upsert {
  readonly rows: number;
  /** Rows a second, each the median of the rounds. */
  readonly copyRowsPerSecond: number;
  readonly cases: Readonly<Record<UpsertCase, Rates>>;
}

/**
 * Rows a second of new, unchanged and 10 %-changed batches through staging and merge, beside `COPY` of the same observations into a bare
 * table: the columns of `freshet.observation`, logged, without key or index.
 */
export async function measureUpsert(
  createDatabase: () => Promise<string>,
  { rows, rounds = 3, say }: { readonly rows: number; readonly rounds?: number; readonly say: (line: string) => void },
): Promise<Upsert> {
  const seen: Array<Record<UpsertCase, Timed>> = [];
  for (let count = 0; count < rounds; count++) {
    const database = await openDatabase(await createDatabase(), { poolSize: 4 });
    // Each beside a COPY of its own: a machine is not as fast from one second to the next.
    const timed = async (valueOf: (row: number) => number, nth: number, expected: Partial<Counts>): Promise<Timed> => {
      const copy = await bareCopy(database, rows);
      const { counts, ...took } = await refresh(database, rows, valueOf, nth);
      expectCounts(counts, expected);
      return { copy, ...took };
    };
    try {
      seen.push({
        new: await timed((row) => 1_000 + (row % 977), 1, { added: rows }),
        unchanged: await timed((row) => 1_000 + (row % 977), 2, { unchanged: rows }),
        changed10: await timed((row) => (row % 10 === 0 ? 5_000 : 1_000 + (row % 977)), 3, {
          changed: Math.ceil(rows / 10),
        }),
      });
      say(`upsert: round ${count + 1}: ${describe(seen.at(-1))}`);
    } finally {
      await database.close();
    }
  }
  const rate = (took: number): number => Math.round(rows / took);
  const rates = (of: UpsertCase): Rates => {
    const all = seen.map((cases) => cases[of]);
    return {
      merge: rate(median(all.map(({ merge }) => merge))),
      together: rate(median(all.map(({ merge, staging }) => merge + staging))),
      mergeToCopy: round(median(all.map(({ copy, merge }) => copy / merge))),
      togetherToCopy: round(median(all.map(({ copy, merge, staging }) => copy / (merge + staging)))),
    };
  };
  return {
    rows,
    copyRowsPerSecond: rate(median(seen.flatMap((cases) => Object.values(cases).map(({ copy }) => copy)))),
    cases: { new: rates('new'), unchanged: rates('unchanged'), changed10: rates('changed10') },
  };
}

/** Seconds. */
interface Timed {
  readonly copy: number;
  readonly staging: number;
  readonly merge: number;
}

const describe = (cases: Record<UpsertCase, Timed> | undefined): string =>
  Object.entries(cases ?? {})
    .map(([name, { copy, staging, merge }]) => `${name} ${round(staging)} + ${round(merge)} s (COPY ${round(copy)} s)`)
    .join(', ');

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const began = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - began) / 1e9;
};

/** Row `n`, in the order the publisher sorts by: hours, and within them respondents. */
const rowOf = (n: number): { respondent: string; start: Date } => ({
  respondent: `BA${String(n % RESPONDENTS).padStart(2, '0')}`,
  start: new Date(BEGIN + Math.floor(n / RESPONDENTS) * HOUR_MS),
});

const endOf = (start: Date): string => new Date(start.getTime() + HOUR_MS).toISOString().slice(0, 19);

const sourceOf = (respondent: string, end: string, value: number): string =>
  `{"period":"${end.slice(0, 13)}","respondent":"${respondent}","respondent-name":"Balancing authority ${respondent}","type":"D","type-name":"Demand","value":"${value}","value-units":"megawatthours"}`;

async function bareCopy(database: Database, rows: number): Promise<number> {
  await database.query('CREATE TABLE public.bare (LIKE freshet.observation)');
  const at = '2026-01-01 00:00:00+00';
  const body = Buffer.concat(
    Array.from({ length: Math.ceil(rows / ROWS_PER_CHUNK) }, (_, chunk) => {
      const lines: string[] = [];
      for (let n = chunk * ROWS_PER_CHUNK; n < Math.min(rows, (chunk + 1) * ROWS_PER_CHUNK); n++) {
        const { respondent, start } = rowOf(n);
        const value = 1_000 + (n % 977);
        lines.push(
          `${n % RESPONDENTS}\t${start.toISOString()}\t${endOf(start)}Z\t${value}\tgood\t\\N\t${at}\t${at}\t1\t${chunk}\t${n % ROWS_PER_CHUNK}\t${sourceOf(respondent, endOf(start), value)}\n`,
        );
      }
      return Buffer.from(lines.join(''));
    }),
  );
  const took = await seconds(() =>
    database.withClient(async (client) => {
      const stream = client.query(copyFrom('COPY public.bare FROM STDIN'));
      const finished = once(stream, 'finish');
      stream.end(body);
      await finished;
    }),
  );
  await database.query('DROP TABLE public.bare');
  return took;
}

interface Counts {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
}

async function refresh(
  database: Database,
  rows: number,
  valueOf: (row: number) => number,
  nth: number,
): Promise<{ staging: number; merge: number; counts: Counts | null }> {
  const definition = withoutChecks(loadCatalog().get(DATASET));
  const run = await planRun(database, definition);
  const batches = batchesOf(definition, run, rows, valueOf);
  const loader = new BatchLoader(database);
  const waiting = [...batches];
  const load = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await loader.load(next.batch, next.body);
  };
  const staging = await seconds(() => Promise.all(Array.from({ length: LOADS_IN_FLIGHT }, load)));
  await tellToPublish(database, run, manifestOf(definition, batches, rows, nth));
  let counts: Counts | null = null;
  const merge = await seconds(async () => {
    counts = (await mergeTimeSeries(database, definition, run.runId)).merge;
  });
  return { staging, merge, counts };
}

/** Checks are work of their own, which has nothing to do with how many rows are stored a second. */
const withoutChecks = (definition: DatasetDefinition): DatasetDefinition => ({
  ...definition,
  timeseries: definition.timeseries && { ...definition.timeseries, checks: [] },
});

function expectCounts(counts: Counts | null, expected: Partial<Counts>): void {
  for (const [name, count] of Object.entries(expected))
    if (counts?.[name as keyof Counts] !== count)
      throw new Error(`${JSON.stringify(counts)} where ${name} should be ${count}`);
}

interface PlannedRun {
  readonly runId: string;
  readonly taskId: string;
}

async function planRun(database: Database, { id, contentVersion }: DatasetDefinition): Promise<PlannedRun> {
  const [runId, taskId] = [randomUUID(), randomUUID()];
  await database.execute('INSERT INTO freshet.dataset (id) VALUES ($1) ON CONFLICT DO NOTHING', [id]);
  await database.execute(
    `INSERT INTO freshet.run (id, dataset, state, trigger, idempotency_key, content_version, generation) VALUES ($1::uuid, $2, 'running', 'manual', $1::uuid::text, $3, 1)`,
    [runId, id, contentVersion],
  );
  await database.execute(
    `INSERT INTO freshet.task (id, run_id, state, attempt, tries) VALUES ($1, $2, 'leased', 1, 1)`,
    [taskId, runId],
  );
  await database.execute('INSERT INTO freshet.task_attempt (task_id, attempt) VALUES ($1, 1)', [taskId]);
  return { runId, taskId };
}

async function tellToPublish(database: Database, { runId, taskId }: PlannedRun, manifest: TaskManifest): Promise<void> {
  await database.execute('UPDATE freshet.task_attempt SET manifest = $2::jsonb WHERE task_id = $1', [
    taskId,
    JSON.stringify(manifest),
  ]);
  await database.execute(`UPDATE freshet.task SET state = 'fetched' WHERE id = $1`, [taskId]);
  await database.execute(`UPDATE freshet.run SET state = 'publishing' WHERE id = $1`, [runId]);
}

interface Delivery {
  readonly batch: BatchValidated;
  readonly body: Buffer;
}

function batchesOf(
  definition: DatasetDefinition,
  { runId, taskId }: PlannedRun,
  rows: number,
  valueOf: (row: number) => number,
): Delivery[] {
  const [resource] = definition.resources;
  if (!resource) throw new Error(`${definition.id} has no resource`);
  return Array.from({ length: Math.ceil(rows / ROWS_PER_CHUNK) }, (_, chunk) => {
    const first = chunk * ROWS_PER_CHUNK;
    const count = Math.min(rows, first + ROWS_PER_CHUNK) - first;
    const lines = Array.from({ length: count }, (_unused, row) => {
      const { respondent, start } = rowOf(first + row);
      const end = endOf(start);
      const value = valueOf(first + row);
      const fields: Record<string, string> = {
        period: end,
        respondent,
        'respondent-name': `Balancing authority ${respondent}`,
        type: 'D',
        'type-name': 'Demand',
        value: String(value),
        'value-units': 'megawatthours',
        source: sourceOf(respondent, end, value),
      };
      return `${chunk}\t${row}\t\\N\t${resource.columns.map(({ name }) => fields[name] ?? '\\N').join('\t')}\n`;
    });
    const body = Buffer.from(lines.join(''));
    const batch: BatchValidated = {
      type: 'batch.validated',
      dataset: definition.id,
      runId,
      taskId,
      attempt: 1,
      contentVersion: definition.contentVersion,
      resource: resource.name,
      chunk,
      bytes: body.length,
      checksum: checksumOf(body),
      records: count,
      rows: count,
      columns: resource.columns.map(({ name, type }) => ({ name: storedName(name), type, published: name })),
      refused: [],
      notes: {},
      summary: null,
    };
    return { batch, body };
  });
}

function manifestOf(
  definition: DatasetDefinition,
  batches: readonly Delivery[],
  rows: number,
  nth: number,
): TaskManifest {
  const at = new Date(Date.UTC(2026, 0, nth)).toISOString();
  return {
    outcome: 'fetched',
    access: { kind: 'api', url: 'http://bench.test/', skipped: [] },
    validators: {},
    bytesReceived: 1,
    ignoredMembers: [],
    resources: [
      {
        resource: definition.resources[0]?.name ?? '',
        chunks: batches.length,
        records: rows,
        bytes: batches.reduce((sum, { batch }) => sum + batch.bytes, 0),
        sha256: '',
        header: [],
      },
    ],
    requests: [
      {
        url: 'http://bench.test/',
        at,
        ms: 1,
        status: 200,
        bytes: 1,
        sha256: '',
        records: rows,
        chunks: [0, batches.length - 1],
        warnings: [],
      },
    ],
    window: {
      from: new Date(BEGIN).toISOString(),
      to: new Date(BEGIN + Math.ceil(rows / RESPONDENTS) * HOUR_MS).toISOString(),
    },
    selected: Array.from({ length: RESPONDENTS }, (_, n) => rowOf(n).respondent),
  };
}
