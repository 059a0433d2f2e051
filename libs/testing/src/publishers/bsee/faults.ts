/**
 * What can be made to go wrong with an archive. `byte` counts bytes of the response's body, so that a resumed download meets
 * the fault again unless it was limited to fewer requests.
 */
export type TransferFault =
  /** The page for a wrong path: status 200, some 28 KB of HTML. */
  | { readonly kind: 'html' }
  /** 304, asked for or not. */
  | { readonly kind: 'not-modified' }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'server-error'; readonly status?: number }
  | { readonly kind: 'rate-limited'; readonly retryAfterSeconds?: number; readonly asDate?: boolean }
  | { readonly kind: 'redirect'; readonly to: string }
  | { readonly kind: 'redirect-loop' }
  /** Redirects to the same archive behind a certificate nobody vouches for. */
  | { readonly kind: 'untrusted-tls' }
  | { readonly kind: 'empty-body' }
  | { readonly kind: 'not-a-zip' }
  /** Connection reset after so many bytes. */
  | { readonly kind: 'drop'; readonly atByte: number }
  /** Silence after so many bytes, the connection stays open. */
  | { readonly kind: 'stall'; readonly atByte: number }
  | { readonly kind: 'drip'; readonly bytes: number; readonly everyMs: number }
  /** No Content-Length: chunked transfer. */
  | { readonly kind: 'no-length' }
  /** Content-Length differs from what is sent by `delta` (more: the connection closes early; less: the body is cut). */
  | { readonly kind: 'wrong-length'; readonly delta: number }
  /** Reset at `atByte`; afterwards the publisher has rebuilt the archive, so that the rest no longer fits. */
  | { readonly kind: 'changed-mid-resume'; readonly atByte: number };

/** What can be wrong with the archive itself. `member` is a member's name; the dataset's largest one where it is left out. */
export type ArchiveFault =
  /** Cut off this many bytes; 22 takes exactly the end record, half the file reaches into the data. */
  | { readonly kind: 'truncate'; readonly bytes: number }
  /** Cut to this share of the file. */
  | { readonly kind: 'truncate-share'; readonly keep: number }
  | { readonly kind: 'corrupt-crc'; readonly member?: string }
  /** Some bytes in the middle of a member's compressed data are flipped. */
  | { readonly kind: 'corrupt-data'; readonly member?: string }
  | { readonly kind: 'bomb'; readonly megabytes?: number }
  | { readonly kind: 'missing-member'; readonly member?: string }
  | { readonly kind: 'no-members' }
  | { readonly kind: 'unsafe-entry'; readonly name?: string }
  | { readonly kind: 'encrypted' };

/** What can be wrong with the rows of a member. `row` counts from 0. */
export type ContentFault =
  | { readonly kind: 'extra-column'; readonly member?: string; readonly name?: string }
  | { readonly kind: 'renamed-column'; readonly member?: string; readonly from?: string; readonly to?: string }
  | { readonly kind: 'missing-column'; readonly member?: string; readonly name?: string }
  /** A letter in a number, or an impossible date, in one of `every` rows. */
  | { readonly kind: 'bad-values'; readonly member?: string; readonly every?: number }
  | { readonly kind: 'ragged-record'; readonly member?: string; readonly row?: number }
  /** In this row, where the next quote closes it; or, without a row, in one record more at the end, where none does. */
  | { readonly kind: 'unclosed-quote'; readonly member?: string; readonly row?: number }
  /** The first `count` records come twice. */
  | { readonly kind: 'duplicate-keys'; readonly member?: string; readonly count?: number }
  | { readonly kind: 'fewer-rows'; readonly member?: string; readonly keep?: number }
  /** Zero bytes. */
  | { readonly kind: 'empty-member'; readonly member?: string }
  | { readonly kind: 'header-only'; readonly member?: string };

export type BseeFault = TransferFault | ArchiveFault | ContentFault;

const CONTENT_KINDS: ReadonlySet<string> = new Set<ContentFault['kind']>([
  'extra-column',
  'renamed-column',
  'missing-column',
  'bad-values',
  'ragged-record',
  'unclosed-quote',
  'duplicate-keys',
  'fewer-rows',
  'empty-member',
  'header-only',
]);
const ARCHIVE_KINDS: ReadonlySet<string> = new Set<ArchiveFault['kind']>([
  'truncate',
  'truncate-share',
  'corrupt-crc',
  'corrupt-data',
  'bomb',
  'missing-member',
  'no-members',
  'unsafe-entry',
  'encrypted',
]);

export const isContentFault = (fault: BseeFault): fault is ContentFault => CONTENT_KINDS.has(fault.kind);
export const isArchiveFault = (fault: BseeFault): fault is ArchiveFault => ARCHIVE_KINDS.has(fault.kind);
