import type { FailureCode } from '@freshet/domain';
import type { BseeDataset, BseeFault, PortalState } from '@freshet/testing';

/** The contracts that the datasets of this test have, so that every policy meets its fault. */
export const CONTRACTS = {
  'bsee.well': { unknownColumn: 'evolve', missingColumn: 'freeze', valueType: 'evolve' },
  'bsee.production': { unknownColumn: 'freeze', missingColumn: 'evolve', valueType: 'freeze' },
  'bsee.war': { unknownColumn: 'discard_value', missingColumn: 'discard_value', valueType: 'discard_row' },
} as const;

export interface FaultCase {
  readonly name: string;
  /** `bsee.well` unless told otherwise. */
  readonly dataset?: BseeDataset;
  readonly fault?: BseeFault;
  readonly portal?: PortalState;
  /** How many GETs of the archive meet the fault; all of them unless told otherwise. */
  readonly requests?: number;
  readonly ends: 'published' | 'unchanged' | readonly FailureCode[];
  /** Attempts that the run takes; not looked at where left out. */
  readonly attempts?: number;
  /** Which way led to the archive in the end. */
  readonly access?: 'portal' | 'url';
  /** Rows that must be in quarantine. */
  readonly refused?: number;
  /** The published rows are fewer than the member's, or other. */
  readonly altersRows?: boolean;
  readonly minimumMs?: number;
}

/** Attempts of a dataset in this test. */
export const MAX_ATTEMPTS = 3;

export const FAULT_CASES: readonly FaultCase[] = [
  { name: 'nothing wrong', ends: 'published', attempts: 1, access: 'portal' },

  // The portal page
  { name: 'portal answers 500', portal: { status: 500 }, ends: 'published', attempts: 1, access: 'url' },
  { name: 'portal is the 404 page', portal: { html404: true }, ends: 'published', attempts: 1, access: 'url' },
  { name: 'portal lost the row', portal: { missing: ['bsee.well'] }, ends: 'published', attempts: 1, access: 'url' },
  { name: 'portal rows drifted', portal: { drift: 7 }, ends: 'published', attempts: 1, access: 'portal' },
  {
    name: 'portal without stamp',
    portal: { withoutStamp: ['bsee.well'] },
    ends: 'published',
    attempts: 1,
    access: 'portal',
  },

  // Instead of the archive
  { name: 'HTML with status 200', fault: { kind: 'html' }, ends: ['payload_html'], attempts: 1 },
  { name: '304', fault: { kind: 'not-modified' }, ends: 'unchanged', attempts: 1 },
  { name: '404', fault: { kind: 'not-found' }, ends: ['not_found'], attempts: 1 },
  { name: '500, then well', fault: { kind: 'server-error' }, requests: 1, ends: 'published' },
  { name: '500 for good', fault: { kind: 'server-error' }, ends: ['http_server_error'], attempts: MAX_ATTEMPTS },
  {
    name: '503 for good',
    fault: { kind: 'server-error', status: 503 },
    ends: ['http_server_error'],
    attempts: MAX_ATTEMPTS,
  },
  {
    name: '429 with Retry-After in seconds, then well',
    fault: { kind: 'rate-limited', retryAfterSeconds: 2 },
    requests: 1,
    ends: 'published',
    minimumMs: 2_000,
  },
  {
    name: '429 with Retry-After as a date, then well',
    fault: { kind: 'rate-limited', retryAfterSeconds: 3, asDate: true },
    requests: 1,
    ends: 'published',
    minimumMs: 1_900,
  },
  {
    name: '429 for good',
    fault: { kind: 'rate-limited', retryAfterSeconds: 1 },
    ends: ['rate_limited'],
    attempts: MAX_ATTEMPTS,
  },
  {
    name: 'redirect to the metadata address',
    fault: { kind: 'redirect', to: 'http://169.254.169.254/latest/meta-data' },
    ends: ['address_not_public'],
    attempts: 1,
  },
  {
    name: 'redirect to a private address',
    fault: { kind: 'redirect', to: 'http://10.0.0.1/APDRawData.zip' },
    ends: ['address_not_public'],
    attempts: 1,
  },
  { name: 'redirect loop', fault: { kind: 'redirect-loop' }, ends: ['too_many_redirects'], attempts: 1 },
  { name: 'certificate nobody vouches for', fault: { kind: 'untrusted-tls' }, ends: ['tls_failed'], attempts: 1 },
  { name: 'empty body, then well', fault: { kind: 'empty-body' }, requests: 1, ends: 'published' },
  { name: 'empty body for good', fault: { kind: 'empty-body' }, ends: ['payload_empty'], attempts: MAX_ATTEMPTS },
  { name: 'not a zip', fault: { kind: 'not-a-zip' }, ends: ['payload_unknown'], attempts: 1 },

  // On the way
  {
    name: 'dropped at byte 1500, then well',
    fault: { kind: 'drop', atByte: 1_500 },
    requests: 1,
    ends: 'published',
    attempts: 1,
  },
  {
    name: 'dropped before the first byte',
    fault: { kind: 'drop', atByte: 0 },
    ends: ['connection_lost'],
    attempts: MAX_ATTEMPTS,
  },
  {
    name: 'rebuilt while resuming',
    fault: { kind: 'changed-mid-resume', atByte: 1_500 },
    requests: 1,
    ends: 'published',
  },
  { name: 'stalled, then well', fault: { kind: 'stall', atByte: 1_500 }, requests: 1, ends: 'published' },
  {
    name: 'stalled for good',
    fault: { kind: 'stall', atByte: 100 },
    ends: ['stalled', 'total_timeout'],
    attempts: MAX_ATTEMPTS,
  },
  {
    name: 'slow drip',
    fault: { kind: 'drip', bytes: 20, everyMs: 100 },
    ends: ['total_timeout'],
    attempts: MAX_ATTEMPTS,
  },
  { name: 'no Content-Length', fault: { kind: 'no-length' }, ends: 'published', attempts: 1 },
  {
    name: 'shorter than Content-Length',
    fault: { kind: 'wrong-length', delta: 500 },
    ends: ['connection_lost', 'archive_truncated'],
    attempts: MAX_ATTEMPTS,
  },
  {
    name: 'cut to a wrong Content-Length',
    fault: { kind: 'wrong-length', delta: -500 },
    ends: ['archive_truncated'],
    attempts: MAX_ATTEMPTS,
  },

  // The archive
  {
    name: 'end record cut off',
    fault: { kind: 'truncate', bytes: 22 },
    ends: ['archive_truncated'],
    attempts: MAX_ATTEMPTS,
  },
  {
    name: 'cut in the directory',
    fault: { kind: 'truncate', bytes: 60 },
    ends: ['archive_truncated'],
    attempts: MAX_ATTEMPTS,
  },
  {
    name: 'cut in the data',
    fault: { kind: 'truncate-share', keep: 0.5 },
    ends: ['archive_truncated'],
    attempts: MAX_ATTEMPTS,
  },
  { name: 'wrong CRC', fault: { kind: 'corrupt-crc' }, ends: ['archive_corrupt'], attempts: MAX_ATTEMPTS },
  { name: 'damaged data', fault: { kind: 'corrupt-data' }, ends: ['archive_corrupt'], attempts: MAX_ATTEMPTS },
  { name: 'wrong CRC once', fault: { kind: 'corrupt-crc' }, requests: 1, ends: 'published', attempts: 2 },
  { name: 'bomb', fault: { kind: 'bomb' }, ends: ['archive_bomb'], attempts: 1 },
  { name: 'no members', fault: { kind: 'no-members' }, ends: ['archive_empty'], attempts: 1 },
  { name: 'missing member', fault: { kind: 'missing-member' }, ends: ['resource_missing'], attempts: 1 },
  { name: 'unsafe entry name', fault: { kind: 'unsafe-entry' }, ends: ['archive_unsafe_entry'], attempts: 1 },
  {
    name: 'absolute entry name',
    fault: { kind: 'unsafe-entry', name: '/etc/passwd' },
    ends: ['archive_unsafe_entry'],
    attempts: 1,
  },
  { name: 'encrypted', fault: { kind: 'encrypted' }, ends: ['archive_unsupported'], attempts: 1 },

  // The rows
  { name: 'empty member', fault: { kind: 'empty-member' }, ends: ['resource_empty', 'header_missing'], attempts: 1 },
  { name: 'header and nothing else', fault: { kind: 'header-only' }, ends: ['resource_empty'], attempts: 1 },
  {
    name: 'far fewer rows',
    dataset: 'bsee.production',
    fault: { kind: 'fewer-rows' },
    ends: ['gate_row_drift'],
    attempts: 1,
  },
  { name: 'quote that never closes', fault: { kind: 'unclosed-quote' }, ends: ['unclosed_quote'], attempts: 1 },
  {
    name: 'quote that the next record closes',
    fault: { kind: 'unclosed-quote', row: 5 },
    ends: ['gate_refused_share'],
    attempts: 1,
  },
  {
    name: 'the same key twice',
    fault: { kind: 'duplicate-keys', member: 'mv_apd_main_all' },
    ends: ['gate_duplicate_key'],
    attempts: 1,
  },
  {
    name: 'one ragged record of many',
    dataset: 'bsee.production',
    fault: { kind: 'ragged-record' },
    ends: 'published',
    refused: 1,
  },
  {
    name: 'new column (evolve)',
    fault: { kind: 'extra-column' },
    ends: 'published',
    attempts: 1,
  },
  {
    name: 'new column (freeze)',
    dataset: 'bsee.production',
    fault: { kind: 'extra-column' },
    ends: ['column_unknown'],
    attempts: 1,
  },
  {
    name: 'new column (discard_value)',
    dataset: 'bsee.war',
    fault: { kind: 'extra-column' },
    ends: 'published',
    attempts: 1,
  },
  {
    name: 'renamed column (freeze)',
    fault: { kind: 'renamed-column', member: 'mv_apd_main_all', from: 'WATER_DEPTH', to: 'WTR_DEPTH' },
    ends: ['column_missing'],
    attempts: 1,
  },
  {
    name: 'missing column (freeze)',
    fault: { kind: 'missing-column', member: 'mv_apd_main_all', name: 'RIG_NAME' },
    ends: ['column_missing'],
    attempts: 1,
  },
  {
    name: 'missing column (evolve)',
    dataset: 'bsee.production',
    fault: { kind: 'missing-column', name: 'LEASE_PROD_COMP' },
    ends: 'published',
    attempts: 1,
  },
  { name: 'mistyped values (evolve)', fault: { kind: 'bad-values', every: 5 }, ends: 'published', attempts: 1 },
  {
    name: 'mistyped values (freeze)',
    dataset: 'bsee.production',
    fault: { kind: 'bad-values' },
    ends: ['type_mismatch'],
    attempts: 1,
  },
  {
    name: 'one mistyped value of many (discard_row)',
    dataset: 'bsee.war',
    fault: { kind: 'bad-values', member: 'mv_war_main', every: 100_000 },
    ends: 'published',
    refused: 1,
  },
  {
    name: 'too many mistyped values (discard_row)',
    dataset: 'bsee.war',
    fault: { kind: 'bad-values', member: 'mv_war_main', every: 3 },
    ends: ['gate_refused_share'],
    attempts: 1,
  },
];
