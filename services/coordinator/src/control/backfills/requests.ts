/** Questions and orders about gaps and backfills, read at the edge. */
import { z } from 'zod';
import { datasetIdSchema } from '../requests';
import { instantSchema } from '../timeseries/requests';

const limit = (fallback: number, max: number) => z.coerce.number().int().min(1).max(max).default(fallback);

/** Looked at although other mistakes were found, so that all of them are told together. */
const IN_ORDER = { path: ['to'], message: 'it must be later than from', when: () => true };
const inOrder = ({ from, to }: { from?: unknown; to?: unknown }): boolean =>
  !(from instanceof Date && to instanceof Date) || from < to;

export const startBackfillSchema = z
  .strictObject({
    from: instantSchema.describe('First interval start: RFC 3339 with its zone, or a date (UTC)'),
    to: instantSchema.describe('Interval starts before this one'),
    only: z
      .array(z.string().trim().min(1).max(100))
      .min(1, 'name at least one code, or leave it out')
      .max(500)
      .optional()
      .describe('Codes or aliases; everything of the definition when absent'),
    force: z.boolean().optional().describe('Also windows that are complete'),
    dryRun: z.boolean().optional().describe('Only say what would be done'),
    idempotencyKey: z.string().min(1).max(200).optional(),
  })
  .refine(inOrder, IN_ORDER)
  .describe('Fills an interval of a time series, one run a window and code');

export const backfillIdSchema = z.guid({ error: 'the id of a backfill is a UUID' });
export const listBackfillsSchema = z.strictObject({ dataset: datasetIdSchema.optional(), limit: limit(20, 200) });
export const gapsSchema = z
  .strictObject({
    dataset: datasetIdSchema,
    series: z.string().trim().min(1).max(200).optional(),
    from: instantSchema.optional(),
    to: instantSchema.optional(),
    limit: limit(100, 1000),
  })
  .refine(inOrder, IN_ORDER);

export type StartBackfill = z.output<typeof startBackfillSchema>;
export type GapsQuery = z.output<typeof gapsSchema>;
