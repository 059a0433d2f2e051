/** What publishers say around their records: totals as number or text, and warnings. */
import type { PagedJson } from '@freshet/domain';

/** What stands at a path of the envelope; undefined where nothing does. */
export function at(envelope: unknown, path: readonly string[]): unknown {
  let value = envelope;
  for (const key of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** Texts and numbers that stand at a path, those of every element where lists are on the way. */
export function textsAt(envelope: unknown, [key, ...rest]: readonly string[]): string[] {
  if (Array.isArray(envelope))
    return envelope.flatMap((element) => textsAt(element, key === undefined ? [] : [key, ...rest]));
  if (key !== undefined) return textsAt(at(envelope, [key]), rest);
  return typeof envelope === 'string' || typeof envelope === 'number' ? [String(envelope)] : [];
}

/** A count as publishers write it, as a number or as text; null when it is neither. */
export function countAt(envelope: unknown, path: readonly string[]): number | null {
  const value = at(envelope, path);
  const count = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : null;
}

const MOST_WARNINGS = 10;
const WARNING_LENGTH = 300;

/** What the publisher said beside the data, one line each. */
export function warningsAt(envelope: unknown, paths: PagedJson['warnings']): string[] {
  const found = paths.flatMap((path) => [at(envelope, path) ?? []].flat() as unknown[]);
  return found.slice(0, MOST_WARNINGS).map((warning) => sentence(warning).slice(0, WARNING_LENGTH));
}

function sentence(warning: unknown): string {
  if (warning === null || typeof warning !== 'object') return String(warning);
  return Object.values(warning)
    .filter((part) => typeof part === 'string')
    .join(': ');
}
