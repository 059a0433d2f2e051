import { findCode, type PagedJson, type PublisherCode, type RateLimit, type TimeSeries } from '@freshet/domain';
import { builtInCodes, toCodes } from './code-lists';
import type { DatasetYaml, ResourceYaml } from './dataset-schema';
import { resourceName } from './to-definition';
import type { PagingYaml, TimeSeriesYaml } from './timeseries-schema';

const MIB = 1024 * 1024;
const seconds = (milliseconds: number): number => Math.round(milliseconds / 1000);

/** The codes a definition names, or carries itself; empty when it names a list that is not there. */
export const codesOf = ({ select }: PagingYaml): readonly PublisherCode[] =>
  typeof select.codes === 'string' ? (builtInCodes(select.codes) ?? []) : toCodes(select.codes);

export function toPaging(yaml: PagingYaml): PagedJson {
  const codes = codesOf(yaml);
  const keys = (path: string): readonly string[] => path.split('.');
  const { maxPage, parameters, select, records, total, warnings, metadata, ...rest } = yaml;
  const optional = (path: string | undefined): readonly string[] | null => (path === undefined ? null : keys(path));
  return {
    ...rest,
    parameters: Object.entries(parameters).flatMap(([name, values]) =>
      [values].flat().map((value) => ({ name, value })),
    ),
    select: { ...select, codes, values: select.values.map((written) => findCode(codes, written)?.code ?? written) },
    records: keys(records),
    total: keys(total),
    warnings: warnings.map(keys),
    maxPageBytes: maxPage ?? 16 * MIB,
    metadata: metadata
      ? {
          path: metadata.path,
          start: optional(metadata.start),
          end: optional(metadata.end),
          frequencies: optional(metadata.frequencies),
          version: optional(metadata.version),
        }
      : null,
  };
}

export const toRateLimit = ({ key, limits, coolDown }: NonNullable<DatasetYaml['rateLimit']>): RateLimit => ({
  key,
  limits: limits.map(({ requests, per }) => ({ requests, perSeconds: seconds(per) })),
  coolDownMs: coolDown ?? 300_000,
});

export function toTimeSeries(yaml: TimeSeriesYaml, resource: ResourceYaml): TimeSeries {
  const { lag, window, maxCatchUp, backfill, health, time, ...rest } = yaml;
  return {
    ...rest,
    resource: resourceName(resource),
    time: { column: time.column, stamp: time.stamp, resolutionSeconds: seconds(time.resolution) },
    lagSeconds: seconds(lag),
    windowSeconds: seconds(window),
    maxCatchUpSeconds: seconds(maxCatchUp),
    backfill: {
      windowSeconds: seconds(backfill.window),
      automatic: backfill.automatic,
      maxTries: backfill.maxTries,
      maxPartitionsPerDay: backfill.maxPartitionsPerDay,
    },
    health: health
      ? { cron: [health.cron].flat(), timeZone: health.timeZone, windowSeconds: seconds(health.window) }
      : null,
  };
}
