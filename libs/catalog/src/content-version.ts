import { createHash } from 'node:crypto';
import type { DatasetDefinition, TimeSeries } from '@freshet/domain';

/**
 * Raised by hand whenever the parser or the validator would store something else from the same bytes and the same
 * definition. Published generations then count as made differently, and the next refresh loads again.
 */
export const PARSER_VERSION = 1;

/**
 * SHA-256 (hex) over what decides which rows are stored: format, columns, types, keys, nulls, contracts, checks, and whether
 * column summaries are gathered. Titles, units, schedules, access and gates are left out: changing them reloads nothing.
 */
export function contentVersion(definition: Omit<DatasetDefinition, 'contentVersion'>): string {
  const content = {
    parser: PARSER_VERSION,
    mode: definition.mode,
    connector: definition.connector,
    summaries: definition.exports.some((entry) => entry.kind === 'pickle'),
    ...(definition.timeseries ? { timeseries: meaningOf(definition.timeseries) } : {}),
    resources: definition.resources.map((resource) => ({
      ...resource,
      columns: resource.columns.map(({ name, type, required, checks }) => ({ name, type, required, checks })),
    })),
  };
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}

/** What decides which observations rows become. */
const meaningOf = ({ id, kind, names, respondent, codes, unit, time, value, corrections }: TimeSeries): object => ({
  ...{ id, kind, names, respondent, codes, unit, time, value, corrections },
});

/** JSON with sorted keys, so that the order of keys in a file does not matter. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
