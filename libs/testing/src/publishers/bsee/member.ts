import type { Rng } from './random';

export type BseeDataset = 'bsee.well' | 'bsee.production' | 'bsee.war';

/** Oracle type as the exporter shows it: text and numbers are quoted, dates are not. */
export type RawType = 'text' | 'number' | 'date';

export interface RowContext {
  /** Rows of another member of the same archive, for foreign keys. */
  count(member: string): number;
}

/** One table of an archive: the simulator's own statement of what BSEE publishes, independent of the catalog's definitions. */
export interface MemberSpec {
  readonly name: string;
  readonly columns: ReadonlyArray<readonly [name: string, type: RawType]>;
  /** Published names of the columns that identify a record; empty where there is no key. */
  readonly key: readonly string[];
  /** Rows at scale 1. */
  readonly rows: number;
  /** The number of rows does not follow the scale (yearly sums). */
  readonly fixed?: boolean;
  /** Every so many records one comes twice, equal throughout. */
  readonly repeatEvery?: number;
  /**
   * Fields of row `index`, as the exporter writes them (quotes included), one character per byte. Keys depend on the index
   * alone, everything else on the random numbers too, so that a later vintage changes values and never keys.
   */
  row(rng: Rng, index: number, context: RowContext): string[];
}

export interface ArchiveSpec {
  readonly dataset: BseeDataset;
  /** Path on the site, exact case. */
  readonly path: string;
  /** Folder inside the archive; equals the archive's base name. */
  readonly folder: string;
  /** Row of the portal page. */
  readonly title: string;
  readonly frequency: string;
  readonly members: readonly MemberSpec[];
}

/** `"T NAME NAME N NAME …"`: compact column lists, T text, N number, D date. */
export function columns(list: string): Array<readonly [string, RawType]> {
  let type: RawType = 'text';
  const result: Array<readonly [string, RawType]> = [];
  for (const word of list.trim().split(/\s+/)) {
    if (word === 'T' || word === 'N' || word === 'D') type = word === 'T' ? 'text' : word === 'N' ? 'number' : 'date';
    else result.push([word, type]);
  }
  return result;
}
