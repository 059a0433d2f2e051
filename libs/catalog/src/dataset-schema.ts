/** The shape of a dataset's YAML file. Published as JSON Schema (`schema/dataset.schema.json`) for editors. */
import { z } from 'zod';
import { cronList, layout, timeZone } from './fields';
import { unsafePattern } from './safe-pattern';
import { credentialSchema, pagingSchema, rateLimitSchema, timeseriesSchema } from './timeseries-schema';
import { duration, size } from './units';

const share = z.number().min(0).max(1);
const policy = z.enum(['evolve', 'freeze', 'discard_row', 'discard_value']);
const webUrl = z.url({ protocol: /^https?$/, error: 'expected a full http or https URL' });

const format = z.strictObject({
  reader: z.enum(['csv', 'json']).optional(),
  record: z.string().min(1).optional().meta({ description: 'json: column that gets the whole record as received' }),
  delimiter: z.string().length(1, 'expected one character').optional(),
  quote: z.string().length(1, 'expected one character').optional(),
  header: z.boolean().optional(),
  encoding: z.enum(['windows-1252', 'utf-8']).optional(),
});

/** What a dataset may set once for all its resources, and a resource for itself. */
const reading = {
  format: format.optional(),
  nulls: z
    .strictObject({
      empty: z.boolean().optional().meta({ description: 'An empty value, quoted or not, is null' }),
      words: z
        .array(z.string().min(1))
        .optional()
        .meta({ description: 'Further words that mean null, compared exactly' }),
    })
    .optional(),
  contract: z
    .strictObject({ unknownColumn: policy.optional(), missingColumn: policy.optional(), valueType: policy.optional() })
    .optional()
    .meta({ description: 'What happens to a column that is new, one that is missing, and a value not of its type' }),
  dateFormats: z.array(layout).min(1).optional().meta({
    description: 'Layouts such as M/D/YYYY h:mm:ss A; values are written back in the first that fits',
  }),
  maxRecord: size.optional(),
};

const severity = z.enum(['refuse', 'note']).default('refuse');
const check = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('range'), min: z.number().optional(), max: z.number().optional(), severity }),
  z.strictObject({
    kind: z.literal('pattern'),
    pattern: z
      .string()
      .min(1)
      .superRefine((pattern, context) => {
        const reason = unsafePattern(pattern);
        if (reason) context.addIssue({ code: 'custom', message: `this pattern cannot be used: ${reason}` });
      }),
    severity,
  }),
  z.strictObject({ kind: z.literal('oneOf'), values: z.array(z.string()).min(1), severity }),
  z.strictObject({ kind: z.literal('maxLength'), length: z.int().positive(), severity }),
]);

const columnName = z.string().min(1);
const column = z.union([
  columnName.meta({ description: 'A text column' }),
  z.strictObject({
    name: columnName,
    type: z.enum(['text', 'integer', 'decimal', 'boolean', 'date', 'datetime']).default('text'),
    required: z.boolean().optional().meta({ description: 'A null refuses the row; columns of the key are required' }),
    personal: z
      .boolean()
      .default(false)
      .meta({ description: 'Masked in logs, diffs, samples and the quarantine view' }),
    unit: z.string().optional(),
    description: z.string().optional(),
    checks: z.array(check).default([]),
  }),
]);

const resource = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,47}$/, 'expected lower case letters, digits and _, at most 48 characters')
    .optional()
    .meta({ description: 'Name of the view readers use; the member without its extension unless set' }),
  member: z.string().regex(/^[^/\\]+$/, 'expected a file name without folders'),
  description: z.string().optional(),
  required: z.boolean().default(true),
  key: z
    .array(columnName)
    .default([])
    .meta({ description: 'Columns that identify a record; empty where there is none' }),
  columns: z.array(column).min(1),
  ...reading,
});

const access = z.union([
  z.strictObject({
    api: z.union([z.literal('none'), webUrl]).meta({ description: '`none`: looked for, and there is none' }),
  }),
  z.strictObject({ portal: webUrl, file: z.string().min(1), displayName: z.string().optional() }),
  z.strictObject({ url: webUrl }),
]);

export const datasetSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/, 'expected <source>.<name> in lower case, such as bsee.well'),
  title: z.string().min(1),
  description: z.string().optional(),
  licence: z.string().optional().meta({ description: 'Licence and attribution the publisher asks for' }),
  mode: z.enum(['snapshot', 'timeseries']).default('snapshot'),
  connector: z.enum(['zip-archive', 'paged-json']).default('zip-archive'),
  access: z.array(access).min(1).meta({ description: 'Ways to the archive, tried in order' }),
  queryPages: z
    .array(webUrl)
    .optional()
    .meta({ description: 'Pages where people query the same data; freshet probe looks for endpoints behind them' }),
  allowPrivateHosts: z.array(z.string().min(1)).default([]),
  userAgent: z.string().min(1).optional(),
  schedule: z
    .strictObject({ cron: cronList, timeZone: timeZone.default('UTC') })
    .optional()
    .meta({ description: 'When it is refreshed; only on demand where left out' }),
  maxAge: duration.meta({ description: 'Time after the last confirmation from which the dataset is stale' }),
  timeouts: z
    .strictObject({
      connect: duration.optional(),
      stall: duration.optional(),
      total: duration.optional(),
      growth: z.number().min(0).max(10).optional(),
    })
    .optional(),
  retry: z
    .strictObject({
      maxAttempts: z.int().min(1).max(50).optional(),
      initialDelay: duration.optional(),
      maxDelay: duration.optional(),
    })
    .optional(),
  archive: z
    .strictObject({
      maxEntries: z.int().positive().optional(),
      maxCompressed: size.optional(),
      maxUncompressed: size.optional(),
      maxRatio: z.number().positive().optional(),
    })
    .optional(),
  gates: z
    .strictObject({
      maxRefusedShare: share.optional(),
      maxRowDrift: share.nullable().optional(),
      uniqueKey: z.enum(['hold', 'off']).optional(),
    })
    .optional(),
  concurrency: z.enum(['forbid', 'queue', 'replace']).default('forbid'),
  retainGenerations: z.int().min(1).default(3),
  exports: z
    .array(
      z.strictObject({
        kind: z.literal('pickle'),
        folder: z
          .string()
          .regex(
            /^(?!\/)(?!.*(^|\/)\.\.(\/|$))[^\\]+$/,
            'expected a folder below the export root, with / between names',
          ),
        dtypes: z.enum(['legacy', 'declared']).default('legacy'),
        warnAbove: size.optional(),
      }),
    )
    .default([]),
  credential: credentialSchema.optional(),
  rateLimit: rateLimitSchema.optional(),
  paging: pagingSchema.optional().meta({ description: 'How the API is asked; for the connector paged-json' }),
  timeseries: timeseriesSchema.optional().meta({ description: 'What rows mean; for the mode timeseries' }),
  defaults: z
    .strictObject(reading)
    .optional()
    .meta({ description: 'What every resource inherits unless it says otherwise' }),
  resources: z.array(resource).min(1),
});

export type DatasetYaml = z.output<typeof datasetSchema>;
export type ResourceYaml = DatasetYaml['resources'][number];
export type ReadingYaml = NonNullable<DatasetYaml['defaults']>;
