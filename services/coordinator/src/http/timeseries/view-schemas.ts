/** The answers about time series, for OpenAPI. */
import type {
  CheckResultView,
  LineageStepView,
  LineageView,
  ObservationView,
  PageView,
  SeriesExtentView,
  SeriesView,
} from '@freshet/contracts';
import type { Quality, RequestReport, SeriesCheckSeverity } from '@freshet/domain';
import { z } from 'zod';

const count = z.number().int().nonnegative();
const instant = z.string().describe('RFC 3339, UTC');
const value = z.string().nullable().describe('Exact decimal; null where the publisher has none');
const quality = z.enum(['good', 'estimated', 'missing', 'suspect']) satisfies z.ZodType<Quality>;

const page = <T>(item: z.ZodType<T>): z.ZodType<PageView<T>> =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().describe('Cursor of the next page; null at the end'),
  });

const series = z.object({
  dataset: z.string(),
  name: z.string(),
  respondent: z.string(),
  aggregate: z.boolean().describe('A sum over other respondents: adding it to them counts twice'),
  kind: z.string(),
  unit: z.string(),
  codes: z.record(z.string(), z.string().nullable()).describe("The publisher's codes, by column"),
  resolutionSeconds: count,
  firstStartsAt: instant.nullable(),
  lastEndsAt: instant.nullable(),
}) satisfies z.ZodType<SeriesView>;

const observation = z.object({
  series: z.string(),
  startsAt: instant,
  endsAt: instant,
  value,
  unit: z.string(),
  quality,
  correctedStartsAt: instant.nullable().describe("Where a known mistake of the publisher's stamp is corrected"),
  firstSeen: instant,
  revisions: count,
}) satisfies z.ZodType<ObservationView>;

const checkResult = z.object({
  dataset: z.string(),
  runId: z.guid().nullable().describe('Null for the health check'),
  name: z.string(),
  kind: z.string(),
  severity: z.enum(['note', 'suspect', 'hold']) satisfies z.ZodType<SeriesCheckSeverity>,
  from: instant,
  to: instant,
  evaluated: count,
  failed: count,
  examples: z.array(z.object({ series: z.string(), startsAt: instant, value, detail: z.string() })),
  checkedAt: instant,
}) satisfies z.ZodType<CheckResultView>;

const request = z.object({
  url: z.string().describe('Without secrets'),
  at: instant,
  ms: z.number(),
  status: count,
  bytes: count,
  sha256: z.string(),
  records: count,
  chunks: z.tuple([count, count]).nullable(),
  warnings: z.array(z.string()),
}) satisfies z.ZodType<RequestReport>;

const step = z.object({
  value,
  quality: z.string(),
  seenAt: instant,
  runId: z.guid(),
  taskId: z.guid(),
  attempt: count,
  contentVersion: z.string(),
  chunk: count,
  row: count,
  request: request.nullable(),
  source: z.string().describe('The row as received'),
  late: z.boolean().describe('An answer that was older than the value stored already'),
}) satisfies z.ZodType<LineageStepView>;

const lineage = z.object({
  dataset: z.string(),
  series: z.string(),
  startsAt: instant,
  endsAt: instant,
  steps: z.array(step).describe('The current value first, then what it replaced'),
  lastConfirmed: z.object({ at: instant, runId: z.guid() }).nullable(),
}) satisfies z.ZodType<LineageView>;

export const seriesExtent = z.object({
  series: count,
  dataUntil: instant.nullable().describe('End of the newest interval that has a value, in any series'),
  checks: z
    .object({ made: count, noted: count, suspect: count, held: count })
    .nullable()
    .describe('Checks of the definition, and those that found something when they were last made, by severity'),
}) satisfies z.ZodType<SeriesExtentView>;

export const TIMESERIES_ANSWERS = {
  SeriesPage: page(series),
  ObservationsPage: page(observation),
  CheckResultsPage: page(checkResult),
  Lineage: lineage,
} as const;
