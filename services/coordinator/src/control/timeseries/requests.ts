/** Questions about time series, read at the edge. */
import { z } from 'zod';
import { datasetIdSchema } from '../requests';

/** A page of JSON is read by programs a piece at a time; a file is wanted whole, so it holds what fits and says where it goes on. */
export const LIMITS = {
  json: { fallback: 1_000, max: 10_000 },
  file: { fallback: 100_000, max: 100_000 },
} as const;

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/i;

/** RFC 3339, or a date, which is its first moment in UTC. */
export const instantSchema = z.string().transform((text, context): Date => {
  const time = new Date(DATE.test(text) ? `${text}T00:00:00Z` : text);
  const right = (DATE.test(text) || INSTANT.test(text)) && !Number.isNaN(time.getTime()) && sameDay(text, time);
  if (right) return time;
  const space = /^\d{4}-\d{2}-\d{2}T\S+ \d{2}:\d{2}$/.test(text)
    ? ' (a + in an address stands for a space: write %2B)'
    : '';
  context.addIssue(
    `${JSON.stringify(text.slice(0, 60))} is neither a date (2026-11-20) nor RFC 3339 with its zone (2026-11-20T05:00:00Z)${space}`,
  );
  return z.NEVER;
});

/** JavaScript takes the 31st of February for a day in March. */
function sameDay(text: string, time: Date): boolean {
  const day = Number(text.slice(8, 10));
  const zone = /([+-])(\d{2}):(\d{2})$/.exec(DATE.test(text) ? '' : text);
  const minutes = zone ? (zone[1] === '-' ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3])) : 0;
  return new Date(time.getTime() + minutes * 60_000).getUTCDate() === day;
}

/** `a,b`, or the parameter repeated. */
const listOf = (most: number) =>
  z
    .union([z.string(), z.array(z.string())])
    .transform((given) => [
      ...new Set(
        [given]
          .flat()
          .flatMap((text) => text.split(','))
          .map((text) => text.trim())
          .filter((text) => text !== ''),
      ),
    ])
    .pipe(z.array(z.string().max(200)).max(most));

const limit = z.coerce.number().int().min(1).max(LIMITS.file.max).optional();
const cursor = z.string().min(1).max(1000).optional();
const format = z.enum(['json', 'csv', 'arrow', 'parquet']).optional();
const page = { limit, cursor, format };

/** Half-open over interval starts. */
const window = { from: instantSchema.optional(), to: instantSchema.optional() };

/** Looked at although other mistakes were found, so that all of them are told together. */
const always = { when: () => true };
const inOrder = ({ from, to }: { from?: unknown; to?: unknown }): boolean =>
  !(from instanceof Date && to instanceof Date) || from < to;
const namesSomething = ({ series, dataset }: { series?: unknown; dataset?: unknown }): boolean =>
  dataset !== undefined || (series !== undefined && !(Array.isArray(series) && series.length === 0));

export const listSeriesSchema = z.strictObject({
  dataset: datasetIdSchema.optional(),
  respondent: z.string().min(1).max(200).optional(),
  kind: z.string().min(1).max(200).optional(),
  ...page,
});

export const observationsSchema = z
  .strictObject({
    series: listOf(500).optional(),
    dataset: datasetIdSchema.optional(),
    ...window,
    'as-of': instantSchema.optional(),
    ...page,
  })
  .refine(inOrder, { path: ['to'], message: 'it must be later than from', ...always })
  .refine(namesSomething, {
    path: ['series'],
    message: 'name series, a dataset, or both (GET /api/v1/series lists them)',
    ...always,
  });

export const checksSchema = z.strictObject({
  dataset: datasetIdSchema.optional(),
  run: z.guid({ error: 'a run id is a UUID' }).optional(),
  ...page,
});

export const lineageSchema = z.strictObject({
  series: z.string().trim().min(1).max(200),
  dataset: datasetIdSchema.optional(),
  time: instantSchema,
});

export type ListSeriesQuery = z.output<typeof listSeriesSchema>;
export type ObservationsQuery = z.output<typeof observationsSchema>;
export type ChecksQuery = z.output<typeof checksSchema>;
export type LineageQuery = z.output<typeof lineageSchema>;
