/** What the rows of a dataset in mode `timeseries` mean: which series they belong to, when, and how much. */

export type Quality = 'good' | 'estimated' | 'missing' | 'suspect';

/** `note` is written down · `suspect` also flags the observations · `hold` keeps the run from being published. */
export type SeriesCheckSeverity = 'note' | 'suspect' | 'hold';

/**
 * A check over what is stored, of the series of one source. `tolerance` is in the unit of the series.
 * - `balance`: demand against net generation minus total interchange · `fuel-sum`: all fuels against net generation
 * - `pair-symmetry`: A to B against the negative of B to A · `identical-run`: the same value for `hours` in a row
 * - `spike`: further from the rolling median than `factor` times the median deviation from it
 * - `repeated-day`: 24 values equal to those of the day before · `dst-seam`: a doubled or missing hour where clocks change
 * - `count`: observations of a respondent and day against `expectedPerDay` · `range`, `negative`, `non-integer`: the value itself
 */
export type SeriesCheck = { readonly name: string; readonly severity: SeriesCheckSeverity } & (
  | { readonly kind: 'balance' | 'fuel-sum' | 'pair-symmetry'; readonly tolerance: number }
  | { readonly kind: 'identical-run'; readonly hours: number; readonly ignoreZero: boolean }
  | { readonly kind: 'spike'; readonly factor: number; readonly windowHours: number }
  | { readonly kind: 'repeated-day' | 'dst-seam' | 'negative' | 'non-integer' }
  | {
      readonly kind: 'count';
      /** Null: as many as the day has intervals, for each series of the respondent that has values in the window. */
      readonly expectedPerDay: number | null;
    }
  | { readonly kind: 'range'; readonly min: number | null; readonly max: number | null }
);

export type SeriesCheckKind = SeriesCheck['kind'];

/** Hours that a respondent is known to have published under the wrong stamp. */
export interface TimeCorrection {
  /** Values of the respondent column. */
  readonly respondents: readonly string[];
  /** RFC 3339, half-open over interval starts as published; null: unbounded. */
  readonly from: string | null;
  readonly to: string | null;
  /** Added to the published start to get the true one. */
  readonly shiftHours: number;
  readonly reason: string;
}

export interface TimeSeries {
  readonly resource: string;
  /** Name of a series, with columns in braces: `{respondent}.fuel.{fueltype}`. Names of `names` stand for codes. */
  readonly id: string;
  /** What kind of thing is measured; may hold columns in braces too. */
  readonly kind: string;
  /** Our names for the publisher's codes, by column; a code without one stands for itself. */
  readonly names: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Column whose value says whom a series is about. */
  readonly respondent: string;
  /** Columns kept with the series as the publisher has them. */
  readonly codes: readonly string[];
  readonly unit: { readonly column: string; readonly names: Readonly<Record<string, string>> };
  /** A datetime column in UTC, and which end of its interval it names. */
  readonly time: { readonly column: string; readonly stamp: 'start' | 'end'; readonly resolutionSeconds: number };
  /** A decimal column. */
  readonly value: string;
  /** How long after an interval has ended the publisher normally needs. */
  readonly lagSeconds: number;
  /** How far back every refresh asks again, to see revisions. */
  readonly windowSeconds: number;
  /** How far back a refresh goes after an outage; what is older is left to backfill. */
  readonly maxCatchUpSeconds: number;
  /** Start of the first interval the publisher has, RFC 3339. */
  readonly since: string;
  readonly corrections: { readonly enabled: boolean; readonly entries: readonly TimeCorrection[] };
  readonly checks: readonly SeriesCheck[];
  readonly backfill: {
    /** Longest window of a partition; shortened to what fits a page. */
    readonly windowSeconds: number;
    /** Whether gaps older than the lag are filled without being told. */
    readonly automatic: boolean;
    /** How often one gap is asked for by itself. */
    readonly maxTries: number;
    readonly maxPartitionsPerDay: number;
  };
  readonly health: {
    readonly cron: readonly string[];
    readonly timeZone: string;
    readonly windowSeconds: number;
  } | null;
}
