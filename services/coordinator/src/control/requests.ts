/** What callers send, read at the edge; HTTP and gRPC share it. */
import { z } from 'zod';

const limit = (fallback: number, max: number) => z.coerce.number().int().min(1).max(max).default(fallback);
const generation = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

const instant = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], {
    error: 'neither a date (2026-11-20) nor an RFC 3339 instant (2026-11-20T12:00:00Z)',
  })
  .describe('RFC 3339, or a date, which is its first instant in UTC');

export const startRefreshSchema = z
  .strictObject({
    datasets: z.array(z.string().trim().min(1).max(200)).min(1, 'name at least one dataset or source').max(200),
    force: z.boolean().optional(),
    idempotencyKey: z.string().min(1).max(200).optional(),
    file: z.string().min(1).max(4096).optional(),
    trigger: z.enum(['schedule', 'manual', 'retry', 'api']).optional(),
    from: instant.optional(),
    to: instant.optional(),
    only: z
      .array(z.string().trim().min(1).max(40))
      .min(1, 'name at least one code, or leave it out')
      .max(200)
      .describe('Time series only: codes or aliases to ask for')
      .optional(),
  })
  .describe('Starts one run a dataset');

export const runIdSchema = z.guid({ error: 'a run id is a UUID' });
export const datasetIdSchema = z.string().min(1).max(200);
export const listRunsSchema = z.object({ dataset: datasetIdSchema.optional(), limit: limit(20, 200) });
export const rollbackSchema = z.strictObject({ to: generation.optional() }).default({});
export const diffSchema = z.object({ from: generation.optional(), to: generation.optional() });
export const quarantineSchema = z.object({
  limit: limit(50, 500),
  after: z
    .string()
    .regex(/^\d{1,18}$/, 'the id of a quarantined row')
    .optional(),
});
export const deadLettersSchema = z.object({ limit: limit(50, 500) });
export const deadLetterIdSchema = z.coerce
  .number({ error: 'the id of a dead letter is a number' })
  .int()
  .min(1)
  .max(Number.MAX_SAFE_INTEGER);
