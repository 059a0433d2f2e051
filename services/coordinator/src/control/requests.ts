/** What callers send, read at the edge; HTTP and gRPC share it. */
import { z } from 'zod';

const limit = (fallback: number, max: number) => z.coerce.number().int().min(1).max(max).default(fallback);
const generation = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

export const startRefreshSchema = z
  .strictObject({
    datasets: z.array(z.string().trim().min(1).max(200)).min(1, 'name at least one dataset or source').max(200),
    force: z.boolean().optional(),
    idempotencyKey: z.string().min(1).max(200).optional(),
    file: z.string().min(1).max(4096).optional(),
    trigger: z.enum(['schedule', 'manual', 'retry', 'api']).optional(),
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
