import type { DatasetDefinition, PagedJson } from '@freshet/domain';
import { stampsOf } from '../paged/questions';
import { pageRequest } from '../paged/request';
import type { Asked } from './ask-paged';

/** Since when a refresh would ask again; null where there is no time. */
export function windowStart({ timeseries }: DatasetDefinition, now: Date): Date | null {
  return timeseries ? new Date(hourAfter(now).getTime() - timeseries.windowSeconds * 1000) : null;
}

/** One record of the first value that a refresh asks for, in its window. */
export function oneRecord(
  definition: DatasetDefinition,
  paging: PagedJson,
  style: PagedJson['style'],
  address: string,
  now: Date,
): Omit<Asked, 'withKey'> {
  const [value = ''] = paging.select.values;
  const from = windowStart(definition, now);
  const window = from ? { from, to: hourAfter(now) } : null;
  const { url, headers } = pageRequest(
    { ...paging, style, pageSize: 1 },
    address,
    { window, values: [value] },
    0,
    stampsOf(definition),
  );
  return { url, headers };
}

const HOUR_MS = 3_600_000;
const hourAfter = (at: Date): Date => new Date(Math.ceil(at.getTime() / HOUR_MS) * HOUR_MS);
