import {
  datasetId,
  sourceOf,
  type AccessWay,
  type ColumnDefinition,
  type DatasetDefinition,
  type ResourceDefinition,
  type ResourceFormat,
} from '@freshet/domain';
import { contentVersion } from './content-version';
import type { DatasetYaml, ReadingYaml, ResourceYaml } from './dataset-schema';
import { toPaging, toRateLimit, toTimeSeries } from './to-timeseries';

const KIB = 1024;

/** A checked YAML file as the definition everything downstream trusts: defaults filled in, units in bytes and milliseconds. */
export function toDefinition(yaml: DatasetYaml): DatasetDefinition {
  const id = datasetId(yaml.id);
  const { timeouts, retry, archive, gates } = yaml;
  const definition: Omit<DatasetDefinition, 'contentVersion'> = {
    id,
    title: yaml.title,
    description: yaml.description,
    mode: yaml.mode,
    connector: yaml.connector,
    source: sourceOf(id),
    access: yaml.access.flatMap(toAccess),
    queryPages: yaml.queryPages,
    allowPrivateHosts: yaml.allowPrivateHosts,
    userAgent: yaml.userAgent,
    resources: yaml.resources.map((resource) => toResource(resource, yaml.defaults ?? {})),
    schedule: yaml.schedule ? { cron: [yaml.schedule.cron].flat(), timeZone: yaml.schedule.timeZone } : null,
    maxAgeSeconds: Math.round(yaml.maxAge / 1000),
    timeouts: {
      connectMs: timeouts?.connect ?? 30_000,
      stallMs: timeouts?.stall ?? 60_000,
      totalMs: timeouts?.total ?? 600_000,
      growth: timeouts?.growth ?? 0.5,
    },
    retry: {
      maxAttempts: retry?.maxAttempts ?? 5,
      initialDelayMs: retry?.initialDelay ?? 10_000,
      maxDelayMs: retry?.maxDelay ?? 600_000,
    },
    archive: {
      maxEntries: archive?.maxEntries ?? 64,
      maxCompressedBytes: archive?.maxCompressed ?? KIB ** 3,
      maxUncompressedBytes: archive?.maxUncompressed ?? 8 * KIB ** 3,
      maxRatio: archive?.maxRatio ?? 100,
    },
    gates: {
      maxRefusedShare: gates?.maxRefusedShare ?? 0.01,
      maxRowDrift: gates?.maxRowDrift === undefined ? 0.5 : gates.maxRowDrift,
      uniqueKey: gates?.uniqueKey ?? 'hold',
    },
    concurrency: yaml.concurrency,
    retainGenerations: yaml.retainGenerations,
    exports: yaml.exports.map(({ warnAbove, ...rest }) => ({ ...rest, warnBytes: warnAbove ?? 100e6 })),
    paging: yaml.paging ? toPaging(yaml.paging) : null,
    timeseries: yaml.timeseries ? toTimeSeries(yaml.timeseries, yaml.resources[0] as ResourceYaml) : null,
    rateLimit: yaml.rateLimit ? toRateLimit(yaml.rateLimit) : null,
    credential: yaml.credential ?? null,
    licence: yaml.licence,
  };
  return { ...definition, contentVersion: contentVersion(definition) };
}

/** `api: none` is a remark for people: there is nothing to try. */
function toAccess(way: DatasetYaml['access'][number]): AccessWay[] {
  if ('api' in way) return way.api === 'none' ? [] : [{ kind: 'api', url: way.api }];
  if ('portal' in way) return [{ kind: 'portal', page: way.portal, file: way.file, displayName: way.displayName }];
  return [{ kind: 'url', url: way.url }];
}

function toResource(yaml: ResourceYaml, defaults: ReadingYaml): ResourceDefinition {
  const format = { ...defaults.format, ...yaml.format };
  const nulls = { ...defaults.nulls, ...yaml.nulls };
  const contract = { ...defaults.contract, ...yaml.contract };
  return {
    name: resourceName(yaml),
    member: yaml.member,
    required: yaml.required,
    format: toFormat(format),
    columns: yaml.columns.map((column) => toColumn(column, yaml.key)),
    key: yaml.key,
    contract: {
      unknownColumn: contract.unknownColumn ?? 'evolve',
      missingColumn: contract.missingColumn ?? 'freeze',
      valueType: contract.valueType ?? 'evolve',
    },
    nulls: { empty: nulls.empty ?? true, words: nulls.words ?? [] },
    dateFormats: yaml.dateFormats ?? defaults.dateFormats ?? ['YYYY-MM-DD', 'YYYY-MM-DD HH:mm:ss'],
    maxRecordBytes: yaml.maxRecord ?? defaults.maxRecord ?? 256 * KIB,
  };
}

function toFormat(format: NonNullable<ReadingYaml['format']>): ResourceFormat {
  if (format.reader === 'json') return { reader: 'json', encoding: 'utf-8', record: format.record ?? null };
  return {
    reader: 'csv',
    delimiter: format.delimiter ?? ',',
    quote: format.quote ?? '"',
    header: format.header ?? true,
    encoding: format.encoding ?? 'utf-8',
  };
}

/** The member's stem, in the form of a name for a view. */
export const resourceName = (yaml: Pick<ResourceYaml, 'name' | 'member'>): string =>
  yaml.name ??
  yaml.member
    .replace(/\.[^.]*$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '_');

function toColumn(column: ResourceYaml['columns'][number], key: readonly string[]): ColumnDefinition {
  const full =
    typeof column === 'string' ? { name: column, type: 'text' as const, personal: false, checks: [] } : column;
  return { ...full, required: full.required ?? key.includes(full.name) };
}
