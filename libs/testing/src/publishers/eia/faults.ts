import type { EiaRoute } from './routes';

/** What can go wrong with an answer. None of them touches the data: `truth()` stays as it is. */
export const EIA_FAULTS = {
  'server-error': 'status 500, plain text "Something unexpected happened." on a valid request',
  html: 'status 200 and a page of HTML instead of JSON',
  'rate-limited': 'status 429, OVER_RATE_LIMIT in a body of the gate shape',
  'rate-limited-html': 'status 429 and a page of HTML',
  suspended: 'status 403, OVER_RATE_LIMIT: the key is suspended for a while (`forMs`)',
  'key-refused': 'status 403, API_KEY_INVALID',
  'error-in-200': 'status 200 with the body of a 400, as before 2.1.10',
  'gate-error-in-200': 'status 200 with an error body of the gate shape',
  'total-changes': 'pages after the first one say another total (`by`)',
  'total-missing': 'no total at all',
  'short-page': 'a page lacks its last rows (`by`), the total stays',
  'long-page': 'a page has more rows than asked for (`by`), those that follow',
  'empty-page': 'no rows at all on a page after the first, the total stays',
  'wrong-order': 'the rows of a page in an order nobody asked for',
  'cut-body': 'the connection drops in the middle of the body',
  'cut-json': 'the answer ends in good order in the middle of the JSON',
  'slow-body': 'the body drips (`everyMs`)',
  stall: 'half of the body, then silence',
  'no-values': 'rows without value although it was asked for',
  drop: 'the connection is closed without any answer',
} as const satisfies Record<string, string>;
export type EiaFaultKind = keyof typeof EIA_FAULTS;

export interface EiaFault {
  readonly kind: EiaFaultKind;
  /** How many data requests meet it; all of them unless told otherwise. */
  readonly times?: number;
  /** Lets so many matching requests pass first. */
  readonly after?: number;
  /** Only data requests of this route. */
  readonly route?: EiaRoute;
  /** Goes by itself after so long. A suspension lasts a minute unless told otherwise. */
  readonly forMs?: number;
  /** Rows or difference of the total; 1 unless told otherwise. */
  readonly by?: number;
  /** Between the pieces of a slow body (20 pieces); 50 ms unless told otherwise. */
  readonly everyMs?: number;
}

/** What can be wrong with the data. All of them are seen or reported of the real publisher, and `truth()` shows them. */
export const EIA_ANOMALIES = {
  'duplicate-rows': 'every row of the hours comes twice',
  'repeated-day': 'the values of the day before, verbatim',
  spike: 'an impossible value (`factor`, 12 unless told otherwise)',
  implausible: 'the value 0, or 1 with `value: "1"`',
  'unknown-fuel': 'rows of a fuel code nobody knows (`code`, XYZ unless told otherwise)',
  'null-value': 'rows whose value is null',
  'blank-value': 'rows whose value is an empty text',
  fraction: 'the value .3',
  'negative-fraction': 'the value -.21',
  'four-decimals': 'the value 1263.6001',
  negative: 'the value -3, as of station use',
  'identical-run': 'the value of the first hour in all of them',
  'wrong-hour': 'the values of another hour (`by` hours earlier, 1 unless told otherwise)',
  'missing-reverse': 'no rows from the neighbour (`toba`) back to the respondent',
  'asymmetric-pair': 'the neighbour (`toba`) says something else (`by`, 250 unless told otherwise)',
  'off-balance': 'a value that no longer adds up with the others (`by`, 500 unless told otherwise)',
  'partial-fuels': 'coal only, or the first fuel of a respondent without coal',
  'dst-seam': 'in spring the hour of the clock change is missing, in autumn it comes twice with two values',
  'type-name-case': '"Natural Gas" for "Natural gas"',
} as const satisfies Record<string, string>;
export type EiaAnomalyKind = keyof typeof EIA_ANOMALIES;

/** Which series are meant; what is left out may be anything. */
export interface EiaSelection {
  readonly route?: EiaRoute;
  /** Also `fromba`, or the parent of a sub-area. */
  readonly respondent?: string;
  readonly type?: string;
  readonly fueltype?: string;
  readonly toba?: string;
  readonly subba?: string;
}

export interface EiaAnomaly extends EiaSelection {
  readonly kind: EiaAnomalyKind;
  /** Stamps, both included. */
  readonly from: string;
  /** `from` unless told otherwise. */
  readonly to?: string;
  readonly value?: string;
  readonly factor?: number;
  readonly by?: number;
  readonly code?: string;
}

export interface EiaGap extends EiaSelection {
  /** Stamps, both included. */
  readonly from: string;
  readonly to: string;
  /** The gap is there from then on, by the publication clock; always unless told otherwise. */
  readonly at?: Date;
  /** The rows come after all, by the publication clock; never unless told otherwise. */
  readonly until?: Date;
}

export interface EiaRevision extends EiaSelection {
  readonly period: string;
  /** Text as it is to be published; null: a row without a value. */
  readonly value: string | number | null;
  /** By the publication clock; at once unless told otherwise. */
  readonly at?: Date;
}
