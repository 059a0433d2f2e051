import {
  compileDateLayout,
  type CivilTime,
  type DatasetDefinition,
  type PagedJson,
  type PagedMetadata,
} from '@freshet/domain';
import { textsAt } from '../paged/envelope';
import { stampsOf } from '../paged/questions';
import type { Answer } from './ask-paged';
import type { MetadataFinding } from './report';

/** A slash at the end of the address is none of its levels. */
export const metadataUrl = (address: string, { path }: PagedMetadata): string => {
  const base = new URL(address);
  base.pathname = base.pathname.replace(/\/+$/, '');
  return new URL(path, base).href.replace(/\/+$/, '');
};

export function metadataFinding(
  definition: DatasetDefinition,
  { window }: PagedJson,
  metadata: PagedMetadata,
  { body, failure }: Answer,
  now: Date,
): MetadataFinding {
  const texts = (path: readonly string[] | null): string[] => (path ? textsAt(body, path) : []);
  const [end = null] = texts(metadata.end);
  return {
    start: texts(metadata.start)[0] ?? null,
    end,
    ageSeconds: end === null ? null : ageOf(end, window.layout, definition, now),
    frequencies: texts(metadata.frequencies),
    version: texts(metadata.version)[0] ?? null,
    failure: failure?.message ?? null,
  };
}

/** Of the end of the interval that the stamp names. */
function ageOf(stamp: string, layout: string, definition: DatasetDefinition, now: Date): number | null {
  const time: CivilTime = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
  if (compileDateLayout(layout).parse(stamp, time) === 0) return null;
  const { year, month, day, hour, minute, second } = time;
  const stamps = stampsOf(definition);
  const untilEnd = stamps.stamp === 'start' ? stamps.resolutionSeconds * 1000 : 0;
  return Math.round((now.getTime() - Date.UTC(year, month - 1, day, hour, minute, second) - untilEnd) / 1000);
}
