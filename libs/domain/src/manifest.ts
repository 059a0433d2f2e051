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

export interface TaskManifest {
  readonly outcome: 'fetched' | 'not_modified';
  readonly access: AccessReport;
  readonly validators: Validators;
  /** Compressed bytes that crossed the network in this attempt. */
  readonly bytesReceived: number;
  readonly resources: readonly ResourceManifest[];
  /** Members of the archive that the definition does not name. */
  readonly ignoredMembers: readonly string[];
}
