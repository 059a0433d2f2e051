import type { StoredColumn } from '@freshet/contracts';
import type { PickleExport, ResourceDefinition } from '@freshet/domain';

/** One resource of a published generation, as a writer sees it. */
export interface PublishedResource {
  readonly dataset: string;
  /** Stem of `definition.member` is the stem of the file. */
  readonly definition: ResourceDefinition;
  /** Generation whose partition holds the rows; an earlier one when the content did not change. */
  readonly rowsFrom: number;
  readonly rows: number;
  /** SHA-256 (hex) of the resource as received. */
  readonly sha256: string;
}

/**
 * Rows as COPY text, ordered by position: buffers of whole or partial lines `_chunk \t _row \t _verbatim \t columns…`, each line
 * ended by `\n`. A buffer may end inside a line.
 */
export type CopyRows = AsyncIterable<Buffer>;

export interface ExportRequest {
  /** The published generation the files stand for. */
  readonly generation: number;
  readonly resource: PublishedResource;
  /** The first pass over the rows. */
  readonly rows: CopyRows;
  /** A further pass over the same rows, all or only the named stored columns (after the three leading ones), in the given order. Any number of passes; one at a time. */
  readonly openRows: (columns?: readonly string[]) => CopyRows;
  /** Chunk summaries of the ledger, in chunk order. */
  readonly summaries: readonly unknown[];
  /** Columns of a row after the three leading ones, in the order of `rows`. */
  readonly columns: readonly StoredColumn[];
  readonly export: PickleExport;
  /** Absolute folder below which everything is written. */
  readonly root: string;
  /** Aborted when the work was taken away: stop, and remove part-files. */
  readonly signal: AbortSignal;
}

export interface ExportedFile {
  /** Below the root, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** For the operator, for example that a file is too large for git. */
  readonly warning: string | null;
}

/**
 * Writes one resource of a published generation to files. Called once a resource and export, after the publication committed.
 * - Memory is bounded by configuration and does not grow with the rows.
 * - A file is written beside its target under a name that ends in `PART_SUFFIX` and renamed into place when it is complete; a
 *   reader never sees half a file. Writing the same generation again gives the same bytes.
 * - Throws `export_failed` when files cannot be written; the published generation is not touched by that.
 */
export interface ExportWriter {
  readonly kind: string;
  write(request: ExportRequest): Promise<readonly ExportedFile[]>;
}

/** Part-files left by a killed process end in this and are removed when the loader starts. */
export const PART_SUFFIX = '.freshet-part';
