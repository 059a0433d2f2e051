import type { AccessReport, Failure } from '@freshet/domain';
import type { PayloadClass } from '../payload/classify';

/** How a publisher can be reached today, as far as a few small requests tell. */
export interface ProbeReport {
  readonly source: string;
  /** UTC, ISO 8601. */
  readonly at: string;
  readonly apis: readonly ApiFinding[];
  readonly queryPages: readonly QueryPageFinding[];
  readonly datasets: readonly DatasetFinding[];
}

export interface ApiFinding {
  readonly url: string;
  /** `api`: answers with JSON or XML · `catalogue`: a catalogue lists datasets of the publisher · `none`: everything else. */
  readonly verdict: 'api' | 'catalogue' | 'none';
  /** What came back, in a few words. */
  readonly detail: string;
}

export interface QueryPageFinding {
  readonly url: string;
  /** Addresses the page seems to ask for data, at most ten. */
  readonly endpoints: readonly string[];
  /** What came back, in a few words. */
  readonly detail: string;
}

export interface DatasetFinding {
  readonly dataset: string;
  /** What a refresh would use now, and why not the ways before it; null when none delivers. */
  readonly access: AccessReport | null;
  readonly failure: Failure | null;
  readonly portal: PortalFinding | null;
  readonly payload: PayloadFinding | null;
  /** Of an API that is read page by page; null for files. */
  readonly paged: PagedFinding | null;
}

/** What an API says to a request for one record. */
export interface PagedFinding {
  /** Without parameters. */
  readonly url: string;
  /** Status and code of the answer to somebody without a key; null where the definition names none. */
  readonly withoutKey: string | null;
  readonly key: KeyFinding | null;
  readonly metadata: MetadataFinding | null;
  readonly sample: SampleFinding | null;
  /** The definition's own first. */
  readonly styles: readonly StyleFinding[];
  /** Milliseconds until each answer was complete, in the order of the questions. */
  readonly answeredMs: readonly number[];
}

export interface KeyFinding {
  readonly variable: string;
  readonly header: string;
  readonly verdict: 'accepted' | 'refused' | 'missing' | 'unknown';
  /** Whether an answer has the key in it. */
  readonly repeated: boolean;
}

export interface MetadataFinding {
  /** Stamps as published: the oldest and the newest it has anything for, over all codes. */
  readonly start: string | null;
  readonly end: string | null;
  /** Since the interval of the newest stamp ended; negative for forecasts. Null where the stamp cannot be read. */
  readonly ageSeconds: number | null;
  readonly frequencies: readonly string[];
  readonly version: string | null;
  /** Why nothing could be read; null when it could. */
  readonly failure: string | null;
}

export type JsonKind = 'number' | 'text' | 'null' | 'absent' | 'other';

export interface SampleFinding {
  /** Whose record was asked for, and since when (RFC 3339); null where there is no time. */
  readonly value: string;
  readonly from: string | null;
  readonly total: number | null;
  readonly totalAs: JsonKind;
  /** How the value of a time series is written; null for others. */
  readonly valueAs: JsonKind | null;
  /** Columns of the definition that the record lacks, and columns it has besides. */
  readonly missing: readonly string[];
  readonly unknown: readonly string[];
  /** What stood where the definition looks for warnings. */
  readonly warnings: ReadonlyArray<{ readonly at: string; readonly said: string }>;
}

/** `works`: the record that was asked for · `ignored`: something else came · `refused`: nothing did. */
export interface StyleFinding {
  readonly style: 'query' | 'header';
  readonly verdict: 'works' | 'ignored' | 'refused';
  readonly detail: string;
}

export interface PortalFinding {
  readonly page: string;
  readonly file: string;
  /** Null when the page has no such link, or could not be read. */
  readonly link: string | null;
  readonly stamp: string | null;
  /** Whether the link is the declared address; null where either is missing. */
  readonly asDeclared: boolean | null;
  readonly detail: string;
}

export interface PayloadFinding {
  readonly url: string;
  readonly class: PayloadClass;
  readonly status: number;
  readonly contentType: string | null;
  readonly bytes: number | null;
  readonly lastModified: string | null;
  readonly etag: string | null;
  /** Whether a part was asked for and came as one, with a `Content-Range` that is right. */
  readonly ranges: boolean;
  /** Whether a connection lost in the middle is resumed: ranges, and a strong validator. */
  readonly resumable: boolean;
  /** `not_modified`: 304 · `ignored`: answered in full · `not_offered`: the publisher gives no such validator. */
  readonly ifNoneMatch: ConditionalFinding;
  readonly ifModifiedSince: ConditionalFinding;
  /** Status of HEAD; null when it failed. */
  readonly head: number | null;
}

export type ConditionalFinding = 'not_modified' | 'ignored' | 'not_offered' | 'failed';
