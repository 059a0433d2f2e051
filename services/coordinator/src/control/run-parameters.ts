import type { StartRefreshBody } from '@freshet/contracts';
import type { SeriesRequest } from '@freshet/database';
import {
  FreshetError,
  givenWindow,
  isSeriesDefinition,
  resolveCode,
  type DatasetDefinition,
  type RunParameters,
  type SeriesDefinition,
} from '@freshet/domain';
import { invalid } from './problem';

type Asked = Pick<StartRefreshBody, 'from' | 'to' | 'only'>;

/** Somebody who means 2062 for 2026 hears of it, and forecasts may still be asked for. */
const LONGEST_AHEAD_DAYS = 31;
const DAY_MS = 86_400_000;

/**
 * What each dataset is to ask for, in their order; null for those without intervals. `from` and `to` are RFC 3339 instants or dates.
 * @throws Problem `invalid` with every mistake
 */
export function seriesRequests(
  definitions: readonly DatasetDefinition[],
  asked: Asked,
  now: Date,
): ReadonlyArray<SeriesRequest | null> {
  const mistakes: string[] = [];
  const requests = definitions.map((definition) => {
    if (isSeriesDefinition(definition)) return seriesRequest(definition, asked, now, mistakes);
    const named = (['from', 'to', 'only'] as const).filter((name) => asked[name] !== undefined);
    if (named.length > 0)
      mistakes.push(`${named.join(', ')}: ${definition.id} is no time series, and always refreshed as a whole`);
    return null;
  });
  if (mistakes.length > 0) throw invalid([...new Set(mistakes)]);
  return requests;
}

function seriesRequest(definition: SeriesDefinition, asked: Asked, now: Date, mistakes: string[]): SeriesRequest {
  const from = asked.from === undefined ? null : new Date(asked.from);
  const to = asked.to === undefined ? null : new Date(asked.to);
  const rule = definition.timeseries;
  const window = from || to ? givenWindow(rule, { from, to }, now) : null;
  if (from && from < new Date(rule.since))
    mistakes.push(`from: ${definition.id} begins at ${rule.since}, ${asked.from} is before that`);
  if (to && to.getTime() > now.getTime() + LONGEST_AHEAD_DAYS * DAY_MS)
    mistakes.push(`to: ${asked.to} is more than ${LONGEST_AHEAD_DAYS} days ahead`);
  else if (from && to && from >= to) mistakes.push(`from, to: ${asked.from} is not before ${asked.to}`);
  else if (window && window.from >= window.to)
    mistakes.push(
      from
        ? `from: ${asked.from} is in the future`
        : `to: ${definition.id} begins at ${rule.since}, ${asked.to} is not after that`,
    );
  return {
    rule,
    window,
    only: codes(definition, asked.only ?? [], mistakes),
    selected: definition.paging.select.values,
    now,
  };
}

/** Codes of the publisher for codes and aliases, each once. */
function codes(definition: SeriesDefinition, written: readonly string[], mistakes: string[]): readonly string[] {
  const found = new Set<string>();
  for (const text of written) {
    try {
      found.add(resolveCode(definition, text));
    } catch (error) {
      if (!(error instanceof FreshetError)) throw error;
      mistakes.push(`only: ${error.message}`);
    }
  }
  return [...found];
}

/** The same once more: what was resolved when the run was created, not what it would be now. */
export function sameRequest(
  definition: DatasetDefinition,
  { window, only = [] }: RunParameters,
  now: Date,
): SeriesRequest | null {
  if (!isSeriesDefinition(definition)) return null;
  return {
    rule: definition.timeseries,
    window: window ? { from: new Date(window.from), to: new Date(window.to) } : null,
    only,
    selected: definition.paging.select.values,
    now,
  };
}
