/** What the fetcher says it cut, against which the ledger is balanced. */
export interface ResourceManifest {
  readonly resource: string;
  /** Number of chunks; their indexes are 0 to chunks − 1. */
  readonly chunks: number;
  /** Records cut, the header not counted. */
  readonly records: number;
  /** Bytes of the records as received (uncompressed), the header not counted. */
  readonly bytes: number;
  /** SHA-256 (hex) of the whole resource as received, header included. */
  readonly sha256: string;
  /** Published column names, in order; empty where the format has no header. */
  readonly header: readonly string[];
}

/** Validators of a response, for the next conditional request. */
export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

/** Which of the definition's ways was used, and why the earlier ones were not. */
export interface AccessReport {
  readonly kind: 'api' | 'portal' | 'url' | 'file';
  /** Without query secrets or user info. */
  readonly url: string;
  /** The publisher's own stamp on its portal page, as published (civil time, zone unknown). */
  readonly stamp?: string;
  readonly skipped: ReadonlyArray<{ readonly kind: string; readonly reason: string }>;
}

/** One request of an API and its answer: where the records of its chunks came from. */
export interface RequestReport {
  /** Without secrets. */
  readonly url: string;
  /** When the answer was complete, RFC 3339. */
  readonly at: string;
  readonly ms: number;
  readonly status: number;
  readonly bytes: number;
  /** SHA-256 (hex) of the answer as received. */
  readonly sha256: string;
  readonly records: number;
  /** Indexes of the first and the last chunk cut from it; null when it had no records. */
  readonly chunks: readonly [first: number, last: number] | null;
  /** What the publisher said beside the data. */
  readonly warnings: readonly string[];
}

export interface TaskManifest {
  readonly outcome: 'fetched' | 'not_modified';
  readonly access: AccessReport;
  readonly validators: Validators;
  /** Compressed bytes that crossed the network in this attempt. */
  readonly bytesReceived: number;
  readonly resources: readonly ResourceManifest[];
  /** Members of the archive that the definition does not name. */
  readonly ignoredMembers: readonly string[];
  /** In the order of their chunks; only for APIs. */
  readonly requests?: readonly RequestReport[];
  /** What was asked for: interval starts, half-open, RFC 3339. */
  readonly window?: { readonly from: string; readonly to: string };
  /** Codes that were asked for. */
  readonly selected?: readonly string[];
}
