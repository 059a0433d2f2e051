/** The answers about gaps and backfills, for OpenAPI. */
import type { BackfillPartitionView, BackfillPlanView, BackfillView, GapView } from '@freshet/contracts';
import { z } from 'zod';

const count = z.number().int().nonnegative();
const instant = z.string().describe('RFC 3339, UTC');

const gap = z.object({
  dataset: z.string(),
  series: z.string().describe('With * where nothing of the respondent was ever stored'),
  respondent: z.string(),
  from: instant,
  to: instant,
  intervals: count,
  kind: z.enum(['absent', 'missing']).describe('Not stored, or stored without a value'),
  tries: count.describe('How often it was asked for by itself'),
  givenUp: z.boolean(),
}) satisfies z.ZodType<GapView>;

const state = z.enum(['pending', 'leased', 'done', 'skipped', 'failed']);
const partition = z.object({
  selected: z.string(),
  from: instant,
  to: instant,
  state,
  reason: z.string().nullable(),
  runId: z.guid().nullable(),
}) satisfies z.ZodType<BackfillPartitionView>;

const backfill = z.object({
  id: z.guid(),
  dataset: z.string(),
  origin: z.enum(['manual', 'gap']).describe('Asked for, or made for a gap by the coordinator'),
  from: instant,
  to: instant,
  selected: z.array(z.string()),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  requestedAt: instant,
  counts: z.object({ pending: count, leased: count, done: count, skipped: count, failed: count }),
  partitions: z.array(partition).optional().describe('Absent in lists'),
}) satisfies z.ZodType<BackfillView>;

const plan = z.object({
  dataset: z.string(),
  from: instant,
  to: instant,
  partitions: z.array(
    z.object({
      selected: z.string(),
      from: instant,
      to: instant,
      requests: count,
      missing: count.describe('Intervals that are not stored or have no value'),
      skip: z.string().nullable().describe('Why nothing is asked for'),
    }),
  ),
  requests: count,
  estimatedSeconds: z.number().nonnegative().describe('By the rate limit alone'),
}) satisfies z.ZodType<BackfillPlanView>;

export const BACKFILL_ANSWERS = {
  Gaps: z.array(gap),
  Backfill: backfill,
  Backfills: z.array(backfill),
  BackfillPlan: plan,
} as const;
