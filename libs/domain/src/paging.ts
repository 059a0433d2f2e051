/** How a publisher's API is asked, page by page: parameters of the connector `paged-json`. */

/** A secret by reference: the name under which a fetcher's configuration has it, and the header it travels in. Never a URL. */
export interface Credential {
  readonly variable: string;
  readonly header: string;
  /** Whether nothing is asked without it. */
  readonly required: boolean;
  /** Page of the publisher where one is to be had. */
  readonly register?: string;
}

/** What a publisher bears, for all fetchers together. */
export interface RateLimit {
  /** Those who share it: one publisher and one credential. */
  readonly key: string;
  readonly limits: ReadonlyArray<{ readonly requests: number; readonly perSeconds: number }>;
  /** How long nobody asks after the publisher suspended us, in milliseconds, where it does not say itself. */
  readonly coolDownMs: number;
}

/** A code of the publisher for one of the things its data is about. */
export interface PublisherCode {
  readonly code: string;
  readonly name: string;
  /** A sum over others: adding it to them counts twice. */
  readonly aggregate: boolean;
  /** Other names people use for it. */
  readonly aliases: readonly string[];
  /** IANA name of the civil time it reports by, where that is known: its hours are wrong there first when clocks change. */
  readonly timeZone?: string;
}

/** Where an API describes itself. A probe looks at it, a refresh does not need it. */
export interface PagedMetadata {
  /** Relative to the address of `access`, as links in pages are: `.` is one level up. */
  readonly path: string;
  /** Where the oldest and the newest stamp stand that it has anything for, in the layout of `window`; null: nowhere. */
  readonly start: readonly string[] | null;
  readonly end: readonly string[] | null;
  /** Resolutions it offers, one for each element of a list on the way, and its version. */
  readonly frequencies: readonly string[] | null;
  readonly version: readonly string[] | null;
}

export interface PagedJson {
  /** Sent as they are with every request. */
  readonly parameters: ReadonlyArray<{ readonly name: string; readonly value: string }>;
  /** `query`: in the URL · `header`: all of them as one JSON object in `parametersHeader`. */
  readonly style: 'query' | 'header';
  readonly parametersHeader: string;
  /** The facet by which a request is limited: one parameter a value. */
  readonly select: {
    /** As people say it: `--only respondent=PJM`. */
    readonly name: string;
    readonly parameter: string;
    /** Column of the answer that holds the value asked for. */
    readonly column: string;
    readonly values: readonly string[];
    /** Every code the publisher knows; an unknown one would be answered with zero rows. */
    readonly codes: readonly PublisherCode[];
  };
  /** Names of the parameters that bound a request, both ends inclusive, in the publisher's stamps (UTC). */
  readonly window: { readonly start: string; readonly end: string; readonly layout: string };
  /** Columns of the whole key, so that pages neither overlap nor leave out. */
  readonly sort: readonly string[];
  readonly offset: string;
  readonly length: string;
  readonly pageSize: number;
  /** Where in an answer the records stand, how many there are in all, and what the publisher warns of. */
  readonly records: readonly string[];
  readonly total: readonly string[];
  readonly warnings: ReadonlyArray<readonly string[]>;
  readonly maxPageBytes: number;
  readonly maxPages: number;
  /** Estimate for one selected value: requests are made so that an answer fits a page where possible. */
  readonly recordsPerHour: number;
  /** Null or nothing: it has none. */
  readonly metadata?: PagedMetadata | null;
}
