import { suggest } from '@freshet/catalog';
import type { SeriesView } from '@freshet/contracts';
import { listSeries, type Database } from '@freshet/database';
import { findCode, type PublisherCode } from '@freshet/domain';
import { Problem, invalid } from '../problem';

/** A name may be in several datasets, and one may be asked for by its name and by its alias. */
const MOST_FOUND = 5_000;
/** As many names as a suggestion is looked for in. */
const MOST_KNOWN = 2_000;
const SUGGESTIONS = 3;
/** Names of one request that near ones are looked for, and how long they may be: looking takes its time. */
const MOST_SUGGESTED = 10;
const LONGEST_SUGGESTED = 60;

/**
 * The series of the names somebody wrote, in their order, once each. Respondents may be written as people know them
 * (`CAISO.demand`). @throws Problem naming every name that is not known, with near ones, and every one that several datasets have.
 */
export async function resolveSeries(
  database: Database,
  codes: readonly PublisherCode[],
  typed: readonly string[],
  dataset: string | undefined,
): Promise<readonly SeriesView[]> {
  const wanted = typed.map((name) => ({ name, canonical: canonicalName(codes, name) }));
  const names = [...new Set(wanted.flatMap(({ name, canonical }) => [name, canonical]))];
  const { items } = await listSeries(database, { names, dataset, limit: MOST_FOUND });
  const found = new Map<string, SeriesView[]>();
  for (const series of items) found.set(series.name, [...(found.get(series.name) ?? []), series]);
  const unknown: string[] = [];
  const mistakes: string[] = [];
  const resolved = new Map<string, SeriesView>();
  for (const { name, canonical } of wanted) {
    const [first, ...others] = found.get(name) ?? found.get(canonical) ?? [];
    if (!first) unknown.push(name);
    else if (others.length > 0)
      mistakes.push(
        `series: ${name} is in ${[first, ...others].map((series) => series.dataset).join(' and ')}; name the dataset as well`,
      );
    else resolved.set(`${first.dataset} ${first.name}`, first);
  }
  if (unknown.length === 0 && mistakes.length === 0) return [...resolved.values()];
  if (unknown.length === 0) throw invalid(mistakes);
  const known = await listSeries(database, { dataset, limit: MOST_KNOWN });
  throw notKnown(
    unknown,
    known.items.map(({ name }) => name),
    dataset,
    codes,
    mistakes,
  );
}

/** With the publisher's codes in place of the names people use: `CAISO.demand`, `ercot-spp.interchange`, `ISO-NE.demand`. */
export function canonicalName(codes: readonly PublisherCode[], name: string): string {
  const dot = name.indexOf('.');
  const [subject, rest] = dot < 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
  const whole = findCode(codes, subject);
  if (whole) return whole.code + rest;
  for (let at = subject.indexOf('-'); at > 0; at = subject.indexOf('-', at + 1)) {
    const from = findCode(codes, subject.slice(0, at));
    const to = findCode(codes, subject.slice(at + 1));
    if (from && to) return `${from.code}-${to.code}${rest}`;
  }
  return name;
}

function notKnown(
  unknown: readonly string[],
  known: readonly string[],
  dataset: string | undefined,
  codes: readonly PublisherCode[],
  others: readonly string[],
): Problem {
  const where = dataset === undefined ? '' : ` in ${dataset}`;
  const details = unknown.map((name, index) => {
    const near = index < MOST_SUGGESTED ? nearest(canonicalName(codes, name), known) : [];
    return `there is no series ${JSON.stringify(name)}${where}${near.length > 0 ? `; did you mean ${near.join(' or ')}?` : ''}`;
  });
  return new Problem('not_found', {
    error: [...details, ...others].join('; '),
    nextStep:
      known.length === 0
        ? `Nothing is stored${where} yet: start a refresh.`
        : `GET /api/v1/series${dataset === undefined ? '' : `?dataset=${dataset}`} (freshet series) lists what is stored.`,
    details: [...details, ...others],
  });
}

/** Words of `known` that `word` may have meant, nearest first. */
export function nearest(word: string, known: readonly string[]): readonly string[] {
  if (word.length > LONGEST_SUGGESTED) return [];
  const rest = new Set(known);
  const near: string[] = [];
  while (near.length < SUGGESTIONS) {
    const next = suggest(word, rest);
    if (next === null) break;
    near.push(next);
    rest.delete(next);
  }
  return near;
}
