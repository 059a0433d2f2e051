import type { PageView } from '@freshet/contracts';

export interface PageQuery {
  /** Items of a page; the coordinator's default when absent. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

export interface SeriesQuery extends PageQuery {
  readonly dataset?: string;
  /** Code or alias. */
  readonly respondent?: string;
  readonly kind?: string;
}

export interface ObservationsQuery extends PageQuery {
  /** Names of series; all of `dataset` when absent. */
  readonly series?: readonly string[];
  readonly dataset?: string;
  /** Interval starts, half-open: RFC 3339, or a date (UTC). */
  readonly from?: string;
  readonly to?: string;
  /** The values as they were known at this instant. */
  readonly asOf?: string;
}

export interface GapsQuery {
  readonly dataset: string;
  /** Name of one series. */
  readonly series?: string;
  /** Interval starts, half-open: RFC 3339, or a date (UTC). */
  readonly from?: string;
  readonly to?: string;
  /** 100 when absent, 1000 at most. */
  readonly limit?: number;
}

export interface ChecksQuery extends PageQuery {
  readonly dataset?: string;
  /** Id of a run. */
  readonly run?: string;
}

/** A page in one of the formats for analysis, as bytes of a file. */
export interface FilePage {
  readonly bytes: Uint8Array;
  readonly next: string | null;
}

/** Media types of the formats for analysis. */
export const FILE_TYPES = {
  csv: 'text/csv',
  arrow: 'application/vnd.apache.arrow.stream',
  parquet: 'application/vnd.apache.parquet',
} as const;
export type FileFormat = keyof typeof FILE_TYPES;

/** Every page from the first one, or from `query.cursor`. */
export async function* pagesOf<T, Query extends PageQuery>(
  ask: (query: Query) => Promise<PageView<T>>,
  query: Query,
): AsyncGenerator<readonly T[]> {
  for (let cursor = query.cursor; ;) {
    const { items, next } = await ask({ ...query, cursor });
    yield items;
    if (next === null) return;
    cursor = next;
  }
}

/** As the API names the parameters. */
export const observationParameters = ({
  series,
  asOf,
  ...rest
}: ObservationsQuery): Record<string, string | number | undefined> => ({
  series: series?.join(','),
  'as-of': asOf,
  ...rest,
});
