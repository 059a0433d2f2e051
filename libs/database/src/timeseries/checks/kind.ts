import type { DatasetDefinition, SeriesCheck, SeriesCheckKind, TimeSeries } from '@freshet/domain';

export type CheckOf<K extends SeriesCheckKind> = SeriesCheck & { readonly kind: K };
export type CheckedDefinition = Pick<DatasetDefinition, 'id' | 'paging'> & {
  readonly timeseries: TimeSeries;
};

/** How far a verdict about one observation looks before and after it, in seconds. */
export interface Reach {
  readonly before: number;
  readonly after: number;
}

/** What a kind writes its SELECT over. `from` and `to` bound the interval starts that need a verdict, half-open. */
export interface Over {
  readonly definition: CheckedDefinition;
  readonly series: TimeSeries;
  /** A value as a parameter with its type: `$3::numeric`. The same value is bound once. */
  bind(value: unknown, type: string): string;
  /** Start and end of what needs a verdict, moved by so many seconds, as parameters. */
  from(seconds?: number): string;
  to(seconds?: number): string;
  /** The window that was asked for; `from` and `to` may lie outside of it, where flags at its edges depend on each other. */
  readonly window: { from(): string; to(): string };
  /** Now, as a parameter. */
  now(): string;
  /** Whether only some series of the dataset are looked at. */
  readonly partial: boolean;
}

/**
 * A kind of check, as a SELECT over what is stored. It is asked once for each check of a definition, inside the transaction of a
 * merge, after the rows were written. It may read `freshet.observation` and three tables made for it:
 * - `subject`: the series of the dataset that are looked at · `mine`: all series of the dataset
 * - `family`: the series of all datasets of the source, each name once, that of this dataset before another's
 *
 * (all with `id, name, respondent, aggregate, kind, codes, resolution_seconds`). Columns of the answer, one row for a verdict:
 * - `series_id, starts_at`: the observation that is flagged if it failed; null where there is none to flag
 * - `counted`: false for further observations that the same verdict flags
 * - `failed`: never null. What cannot be compared has no row at all: silence is not success
 * - `shown`: name of the series in an example · `episode`: one example is given for each · `value`, `detail`: texts of the example
 *
 * A verdict depends on nothing but stored values within `reach` of `starts_at`: then it does not matter in which order windows came.
 */
export interface CheckKind<K extends SeriesCheckKind = SeriesCheckKind> {
  readonly kind: K;
  reach(check: CheckOf<K>, series: TimeSeries): Reach;
  verdicts(check: CheckOf<K>, over: Over): string;
}

export const HOUR = 3_600;
export const DAY = 86_400;
export const POINT: Reach = { before: 0, after: 0 };

/** Seconds as an interval that no time zone can bend. */
export const seconds = (count: number): string => `make_interval(secs => ${count})`;

/** Stored values of the series that are looked at, with what lies within `reach` of them. */
export const valuesOf = (over: Over, { before, after }: Reach = POINT): string =>
  `SELECT s.id AS series_id, s.name, s.aggregate, o.starts_at, o.value
   FROM subject s JOIN freshet.observation o ON o.series_id = s.id
    AND o.starts_at >= ${over.from(-before)} AND o.starts_at < ${over.to(after)} AND o.value IS NOT NULL`;

/** Bounds of the verdicts themselves, for a kind that read more. */
export const within = (over: Over, column: string): string =>
  `${column} >= ${over.from()} AND ${column} < ${over.to()}`;
