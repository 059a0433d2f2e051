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
