/** What a dataset of an API, and one in mode `timeseries`, says beyond the others. */
import { z } from 'zod';
import { codeSchema } from './code-lists';
import { cronList, layout, timeZone } from './fields';
import { duration, size } from './units';

const name = z.string().min(1);
const path = z.string().regex(/^[^.\s]+(\.[^.\s]+)*$/, 'expected keys with dots between them, such as response.data');

export const credentialSchema = z.strictObject({
  variable: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/, 'expected the name of an environment variable, such as EIA_API_KEY')
    .meta({ description: 'Where the fetcher finds the secret; the secret itself never stands in a definition' }),
  header: name,
  required: z.boolean().default(true),
  register: z.url().optional().meta({ description: 'Page of the publisher where one is to be had' }),
});

export const rateLimitSchema = z.strictObject({
  key: name.meta({ description: 'Datasets with the same key share the limit, over all fetchers' }),
  limits: z.array(z.strictObject({ requests: z.int().positive(), per: duration })).min(1),
  coolDown: duration.optional().meta({ description: 'How long nobody asks after the publisher suspended us' }),
});

export const pagingSchema = z.strictObject({
  parameters: z
    .record(name, z.union([z.string(), z.array(z.string()).min(1)]))
    .default({})
    .meta({ description: 'Sent with every request; a list is sent once for each value' }),
  style: z.enum(['query', 'header']).default('query'),
  parametersHeader: name.default('X-Params'),
  select: z.strictObject({
    name: name.meta({ description: 'As people say it: --only <name>=<code>' }),
    parameter: name,
    column: name,
    values: z.array(name).min(1).meta({ description: 'Codes or aliases' }),
    codes: z.union([name, z.array(codeSchema).min(1)]).meta({
      description: 'Every code the publisher knows: the name of a built-in list, or the list itself',
    }),
  }),
  window: z
    .strictObject({ start: name.default('start'), end: name.default('end'), layout: layout.default('YYYY-MM-DDTHH') })
    .default({ start: 'start', end: 'end', layout: 'YYYY-MM-DDTHH' }),
  sort: z.array(name).min(1).meta({ description: 'Columns of the whole key' }),
  offset: name.default('offset'),
  length: name.default('length'),
  pageSize: z.int().min(1).max(100_000).default(5_000),
  records: path.default('response.data'),
  total: path.default('response.total'),
  warnings: z.array(path).default(['warnings', 'response.warnings']),
  maxPage: size.optional(),
  maxPages: z.int().min(1).max(10_000).default(200),
  recordsPerHour: z.number().positive().default(1),
  metadata: z
    .strictObject({
      path: name,
      start: path.optional(),
      end: path.optional(),
      frequencies: path.optional(),
      version: path.optional(),
    })
    .optional()
    .meta({ description: 'Where the API describes itself, for freshet probe' }),
});

const severity = z.enum(['note', 'suspect', 'hold']).default('note');
const named = { name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'expected lower case letters, digits and -'), severity };
const tolerance = z.number().min(0).default(0);
const seriesCheck = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('balance'), ...named, tolerance }),
  z.strictObject({ kind: z.literal('fuel-sum'), ...named, tolerance }),
  z.strictObject({ kind: z.literal('pair-symmetry'), ...named, tolerance }),
  z.strictObject({
    kind: z.literal('identical-run'),
    ...named,
    hours: z.int().min(2),
    ignoreZero: z.boolean().default(true),
  }),
  z.strictObject({
    kind: z.literal('spike'),
    ...named,
    factor: z.number().positive(),
    windowHours: z.int().min(5).max(336).default(25),
  }),
  z.strictObject({ kind: z.literal('repeated-day'), ...named }),
  z.strictObject({ kind: z.literal('dst-seam'), ...named }),
  z.strictObject({ kind: z.literal('negative'), ...named }),
  z.strictObject({ kind: z.literal('non-integer'), ...named }),
  z.strictObject({ kind: z.literal('count'), ...named, expectedPerDay: z.int().positive().nullable().default(null) }),
  z.strictObject({
    kind: z.literal('range'),
    ...named,
    min: z.number().nullable().default(null),
    max: z.number().nullable().default(null),
  }),
]);

const instant = z.iso.datetime({ error: 'expected an instant in UTC, such as 2019-01-01T00:00:00Z' });
const ours = z.record(
  name,
  z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 _-]*$/, 'expected letters, digits, blank, - and _'),
);

export const timeseriesSchema = z.strictObject({
  id: name.meta({ description: 'Name of a series, with columns in braces: {respondent}.fuel.{fueltype}' }),
  kind: name.meta({ description: 'What is measured: demand, or columns in braces' }),
  names: z.record(name, ours).default({}).meta({ description: 'Our names for the publisher’s codes, by column' }),
  respondent: name,
  codes: z.array(name).min(1),
  unit: z.strictObject({ column: name, names: ours.default({}) }),
  time: z.strictObject({
    column: name,
    stamp: z.enum(['start', 'end']).meta({ description: 'Which end of its interval a stamp names' }),
    resolution: duration.default(3_600_000),
  }),
  value: name,
  lag: duration.meta({ description: 'How long after an interval the publisher normally needs' }),
  window: duration.default(72 * 3_600_000).meta({ description: 'How far back every refresh asks again' }),
  maxCatchUp: duration.default(7 * 86_400_000),
  since: instant,
  corrections: z
    .strictObject({
      enabled: z.boolean().default(false),
      entries: z
        .array(
          z.strictObject({
            respondents: z.array(name).min(1),
            from: instant.nullable().default(null),
            to: instant.nullable().default(null),
            shiftHours: z.int().min(-24).max(24),
            reason: z.string().min(1),
          }),
        )
        .default([]),
    })
    .default({ enabled: false, entries: [] }),
  checks: z.array(seriesCheck).default([]),
  backfill: z
    .strictObject({
      window: duration.default(90 * 86_400_000),
      automatic: z.boolean().default(true),
      maxTries: z.int().min(1).max(20).default(5),
      maxPartitionsPerDay: z.int().min(1).max(10_000).default(48),
    })
    .default({ window: 90 * 86_400_000, automatic: true, maxTries: 5, maxPartitionsPerDay: 48 }),
  health: z
    .strictObject({ cron: cronList, timeZone: timeZone.default('UTC'), window: duration.default(7 * 86_400_000) })
    .optional()
    .meta({ description: 'When all checks run over the last days, whatever was refreshed' }),
});

export type PagingYaml = z.output<typeof pagingSchema>;
export type TimeSeriesYaml = z.output<typeof timeseriesSchema>;
