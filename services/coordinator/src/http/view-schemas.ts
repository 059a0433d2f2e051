/** The answers of the API as schemas, for OpenAPI. Each is held to its type in the contracts by the compiler. */
import type {
  DatasetView,
  DeadLetterView,
  DiffView,
  DoctorView,
  ExportRequestedView,
  HealthCheckRequestedView,
  GenerationView,
  ProblemBody,
  QuarantineView,
  ReplayView,
  RollbackView,
  RunView,
} from '@freshet/contracts';
import { failureSchema } from '@freshet/contracts';
import type { RunState, TaskState, Trigger } from '@freshet/domain';
import { z } from 'zod';
import { BACKFILL_ANSWERS } from './backfills/view-schemas';
import { TIMESERIES_ANSWERS, seriesExtent } from './timeseries/view-schemas';

const count = z.number().int().nonnegative();
const instant = z.string().describe('RFC 3339, UTC');
const runState = z.enum([
  'queued',
  'running',
  'publishing',
  'exporting',
  'published',
  'unchanged',
  'failed',
  'cancelled',
]) satisfies z.ZodType<RunState>;
const taskState = z.enum([
  'waiting',
  'issued',
  'leased',
  'fetched',
  'done',
  'failed',
  'cancelled',
]) satisfies z.ZodType<TaskState>;
const trigger = z.enum(['schedule', 'manual', 'retry', 'api', 'backfill']) satisfies z.ZodType<Trigger>;

const dataset = z.object({
  id: z.string(),
  title: z.string(),
  source: z.string(),
  mode: z.string(),
  freshness: z.enum(['fresh', 'stale', 'never']),
  generation: count.nullable(),
  pinned: z.boolean(),
  publishedAt: instant.nullable(),
  confirmedAt: instant.nullable(),
  maxAgeSeconds: count,
  schedule: z.array(z.string()),
  notScheduled: z
    .object({ reason: z.string(), nextStep: z.string() })
    .nullish()
    .describe('Why its schedule starts nothing here; a refresh can be asked for all the same'),
  rows: count.nullable(),
  lastRun: z
    .object({ id: z.guid(), state: runState, endedAt: instant.nullable(), failure: failureSchema.nullable() })
    .nullable(),
  timeseries: seriesExtent.nullish().describe('Of time series; rows are observations then'),
}) satisfies z.ZodType<DatasetView>;

const run = z.object({
  id: z.guid(),
  dataset: z.string(),
  state: runState,
  trigger,
  force: z.boolean(),
  requestedAt: instant,
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  generation: count.nullable(),
  attempt: count,
  taskState: taskState.nullable(),
  access: z
    .object({
      kind: z.enum(['api', 'portal', 'url', 'file']),
      url: z.string(),
      stamp: z.string().optional(),
      skipped: z.array(z.object({ kind: z.string(), reason: z.string() })),
    })
    .nullable(),
  progress: z.object({
    bytesReceived: count,
    bytesExpected: count.describe('0 when unknown'),
    chunksCut: count,
    chunksLoaded: count,
    rowsLoaded: count,
    rowsRefused: count,
  }),
  resources: z.array(
    z.object({
      resource: z.string(),
      rows: count,
      refused: count,
      bytes: count,
      sha256: z.string().nullable(),
      outcome: z.enum(['published', 'unchanged', 'staged']),
    }),
  ),
  notes: z
    .array(z.object({ resource: z.string(), note: z.string(), rows: count }))
    .optional()
    .describe('What was kept or dropped although it was out of the ordinary, with the rows concerned'),
  attempts: z.array(
    z.object({
      attempt: count,
      worker: z.string().nullable(),
      startedAt: instant.nullable(),
      endedAt: instant.nullable(),
      end: z.string().nullable(),
      failure: failureSchema.nullable(),
    }),
  ),
  files: z.array(
    z.object({
      path: z.string(),
      bytes: count,
      warning: z.string().nullable(),
      resource: z.string().optional(),
      sha256: z.string().optional(),
      writtenAt: instant.optional(),
    }),
  ),
  peakMemory: z.array(z.object({ service: z.string(), instance: z.string(), peakRssBytes: count })),
  failure: failureSchema.nullable(),
  priority: z.enum(['normal', 'low']).optional().describe('low gives way to everything else: backfill'),
  window: z
    .object({ from: instant, to: instant })
    .optional()
    .describe('Of time series: interval starts that are asked for, half-open'),
  only: z.array(z.string()).optional().describe('Of time series: codes that are asked for; all when empty'),
  requests: z
    .object({
      count,
      records: count,
      bytes: count,
      ms: count,
      slowestMs: count,
      warnings: z.array(z.string()),
    })
    .optional()
    .describe('Requests of the newest attempt to an API'),
  merged: z
    .object({ added: count, changed: count, unchanged: count, late: count, duplicates: count })
    .optional()
    .describe('Of time series, once merged: what became of its observations'),
}) satisfies z.ZodType<RunView>;

const generation = z.object({
  dataset: z.string(),
  generation: count,
  current: z.boolean(),
  runId: z.guid(),
  publishedAt: instant,
  rows: count,
  resources: z.array(z.object({ resource: z.string(), rows: count, sha256: z.string(), rowsFrom: count })),
  changes: z
    .object({ from: count, added: count, removed: count, changed: count })
    .nullish()
    .describe('Against the publication before; null for the first one, and until the comparison is done'),
}) satisfies z.ZodType<GenerationView>;

const values = z.record(z.string(), z.string().nullable());
const diff = z.object({
  dataset: z.string(),
  from: count,
  to: count,
  resources: z.array(
    z.object({
      resource: z.string(),
      by: z.enum(['key', 'row_hash']),
      added: count,
      removed: count,
      changed: count,
      unchanged: count,
      changedColumns: z.record(z.string(), count),
      samples: z.array(
        z.object({
          change: z.enum(['added', 'removed', 'changed']),
          key: values,
          before: values.optional(),
          after: values.optional(),
        }),
      ),
    }),
  ),
}) satisfies z.ZodType<DiffView>;

const quarantined = z.object({
  id: z.string(),
  dataset: z.string(),
  runId: z.guid(),
  resource: z.string(),
  chunk: count,
  row: count,
  reason: z.string(),
  column: z.string().nullable(),
  detail: z.string(),
  record: z.string(),
}) satisfies z.ZodType<QuarantineView>;

const deadLetter = z.object({
  id: z.string(),
  topic: z.string(),
  key: z.string().nullable(),
  code: z.string(),
  reason: z.string(),
  step: z.string(),
  runId: z.guid().nullable(),
  receivedAt: instant,
  replayedAt: instant.nullable(),
  bytes: count,
}) satisfies z.ZodType<DeadLetterView>;

const problem = z.object({
  error: z.string(),
  nextStep: z.string().optional(),
  details: z.array(z.string()).optional(),
}) satisfies z.ZodType<ProblemBody>;
const doctor = z.object({
  checks: z.array(
    z.object({
      name: z.string(),
      ok: z.boolean(),
      detail: z.string(),
      nextStep: z.string().optional(),
      optional: z.boolean().optional().describe('Not everybody needs it: where it is not ok, the whole may be'),
    }),
  ),
}) satisfies z.ZodType<DoctorView>;

export const ANSWERS = {
  Dataset: dataset,
  Datasets: z.array(dataset),
  Run: run,
  Runs: z.array(run),
  StartedRuns: z.object({ runs: z.array(run) }),
  Generations: z.array(generation),
  Rollback: z.object({ from: count, to: count }) satisfies z.ZodType<RollbackView>,
  Diff: diff,
  QuarantinedRows: z.array(quarantined),
  ExportRequested: z.object({
    dataset: z.string(),
    generation: count,
    runId: z.guid(),
  }) satisfies z.ZodType<ExportRequestedView>,
  HealthCheckRequested: z.object({
    dataset: z.string(),
    from: instant,
    to: instant,
  }) satisfies z.ZodType<HealthCheckRequestedView>,
  DeadLetters: z.array(deadLetter),
  Replay: z.object({ runs: z.array(run) }) satisfies z.ZodType<ReplayView>,
  Doctor: doctor,
  ...TIMESERIES_ANSWERS,
  ...BACKFILL_ANSWERS,
  Problem: problem,
} as const;

export type AnswerName = keyof typeof ANSWERS;
