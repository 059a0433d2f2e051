import { FAILURES, FreshetError, type FailureCode } from '@freshet/domain';
import { z } from 'zod';
import { decodeFrame, encodeFrame } from './frame';

const count = z.number().int().nonnegative();
const uuid = z.guid();

export const failureSchema = z.object({
  code: z.enum(Object.keys(FAILURES) as [FailureCode, ...FailureCode[]]),
  kind: z.enum(['terminal', 'transient']),
  message: z.string(),
  nextStep: z.string(),
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

/** Who a message belongs to; in every message of the pipeline. */
const origin = {
  dataset: z.string(),
  runId: uuid,
  taskId: uuid,
  /** Fences out every earlier try. */
  attempt: z.number().int().positive(),
  /** `contentVersion` of the definition the run was planned with. */
  contentVersion: z.string(),
};

export const fetchRequestedSchema = z.object({ type: z.literal('fetch.requested'), ...origin });

const chunkOrigin = { ...origin, resource: z.string(), /** From 0, per resource. */ chunk: count };

export const chunkFetchedSchema = z.object({
  type: z.literal('chunk.fetched'),
  ...chunkOrigin,
  /** Records in the body; the cutter counted them. */
  records: count,
  /** Published column names; the header record itself is never in a body. */
  header: z.array(z.string()),
  /** `checksumOf` the body. */
  checksum: z.string(),
});

/** One refused record, with what is needed to show and replay it. */
export const refusedRecordSchema = z.object({
  /** Position in its chunk, from 0, counting every record. */
  row: count,
  reason: z.enum([
    'type_mismatch',
    'required_missing',
    'check_failed',
    'record_ragged',
    'unknown_column',
    'undecodable',
    'database_refused',
  ]),
  column: z.string().nullable(),
  detail: z.string(),
  /** The record as published, decoded. */
  record: z.string(),
});

export const storedColumnSchema = z.object({
  name: z.string(),
  type: z.enum(['text', 'integer', 'decimal', 'boolean', 'date', 'datetime']),
  /** Name as published. */
  published: z.string(),
});

const batchFields = {
  ...chunkOrigin,
  /** Bytes and checksum of the chunk this batch was made of, for the balance. */
  bytes: count,
  checksum: z.string(),
  records: count,
  rows: count,
  /** Columns of the body after the position columns and the verbatim column, in order. */
  columns: z.array(storedColumnSchema),
  refused: z.array(refusedRecordSchema),
  /** Counters that are not refusals: values dropped by contract, notes of checks. Key: `<what>:<column>`. */
  notes: z.record(z.string(), count),
  /** Column summaries for writers that must know a whole column before they start; opaque here. */
  summary: z.unknown(),
};

export const batchParsedSchema = z.object({ type: z.literal('batch.parsed'), ...batchFields });
export const batchValidatedSchema = z.object({ type: z.literal('batch.validated'), ...batchFields });

const command = { commandId: uuid, dataset: z.string(), runId: uuid.nullable() };
export const loadCommandedSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('publish'), ...command, runId: uuid }),
  z.object({ type: z.literal('export'), ...command, runId: uuid }),
  z.object({ type: z.literal('discard'), ...command, runId: uuid }),
  z.object({ type: z.literal('retain'), ...command }),
  /** All checks of a time series over a window, whatever was refreshed. */
  z.object({ type: z.literal('check'), ...command, from: z.iso.datetime(), to: z.iso.datetime() }),
]);

export const runEventSchema = z.discriminatedUnion('type', [
  /** A stage met something that ends the attempt (terminal: the run). */
  z.object({ type: z.literal('attempt.failed'), ...origin, stage: z.string(), failure: failureSchema }),
  /** Peak resident memory of a process while it worked on the run, in bytes. */
  z.object({
    type: z.literal('process.peak'),
    runId: uuid,
    service: z.string(),
    instance: z.string(),
    peakRssBytes: count,
  }),
  /** Written by the coordinator when a run ends, for the reporter. */
  z.object({
    type: z.literal('run.ended'),
    dataset: z.string(),
    runId: uuid,
    outcome: z.enum(['published', 'unchanged', 'failed', 'cancelled']),
    generation: count.nullable(),
    failure: failureSchema.nullable(),
    endedAt: z.string(),
  }),
]);

export type FetchRequested = z.infer<typeof fetchRequestedSchema>;
export type ChunkFetched = z.infer<typeof chunkFetchedSchema>;
export type RefusedRecord = z.infer<typeof refusedRecordSchema>;
export type StoredColumn = z.infer<typeof storedColumnSchema>;
export type BatchParsed = z.infer<typeof batchParsedSchema>;
export type BatchValidated = z.infer<typeof batchValidatedSchema>;
export type LoadCommanded = z.infer<typeof loadCommandedSchema>;
export type RunEvent = z.infer<typeof runEventSchema>;
export type PipelineMessage = FetchRequested | ChunkFetched | BatchParsed | BatchValidated | LoadCommanded | RunEvent;

export const encodeMessage = (meta: PipelineMessage, body?: Buffer | readonly Buffer[]): Buffer =>
  encodeFrame(meta, body);

/** @throws FreshetError `message_invalid` when the frame or its JSON part is not what `schema` says. */
export function decodeMessage<T>(schema: z.ZodType<T>, value: Buffer): { meta: T; body: Buffer } {
  const frame = decodeFrame(value);
  const parsed = schema.safeParse(frame.meta);
  if (!parsed.success) {
    throw new FreshetError('message_invalid', {
      message: `a message does not follow its schema: ${z.prettifyError(parsed.error)}`,
      nextStep: 'Look at the dead letter; a producer of another version writes to this topic.',
      cause: parsed.error,
    });
  }
  return { meta: parsed.data, body: frame.body };
}
