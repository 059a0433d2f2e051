import { Inject, Injectable } from '@nestjs/common';
import { CATALOG, type Catalog } from '@freshet/catalog';
import type { CheckResultView, LineageView, ObservationView, PageView, SeriesView } from '@freshet/contracts';
import {
  lineage,
  listSeries,
  observations,
  pageOfCheckResults,
  runParameters,
  type Database,
  type ObservationKey,
  type SeriesKey,
} from '@freshet/database';
import { findCode, type DatasetDefinition, type PublisherCode } from '@freshet/domain';
import { DATABASE } from '../../tokens';
import { invalid, notFound } from '../problem';
import { noRun } from '../refreshes';
import { decodeCursor, encodeCursor } from './cursor';
import { nearest, resolveSeries } from './names';
import type { ChecksQuery, LineageQuery, ListSeriesQuery, ObservationsQuery } from './requests';
import { Turns } from './turns';

/** Rows read and encoded at a time: what a request holds of the database's answer. */
const BATCH_ROWS = 10_000;
/** Large reads at a time; others wait. Each holds a connection, and the engine needs some too. */
const LARGE_READS = 2;
const BEGINNING = new Date('0001-01-01T00:00:00Z');
const END = new Date('9999-12-31T00:00:00Z');

/** What can be asked about time series. Throws `Problem` or `FreshetError`. */
@Injectable()
export class TimeSeriesService {
  private readonly turns = new Turns(LARGE_READS);

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {}

  async series(query: ListSeriesQuery, limit: number): Promise<PageView<SeriesView>> {
    const codes = this.codes(query.dataset);
    const respondent =
      query.respondent === undefined ? undefined : (findCode(codes, query.respondent)?.code ?? query.respondent);
    const { dataset, kind } = query;
    const identity = { series: [dataset, respondent, kind] };
    const after = query.cursor === undefined ? undefined : decodeCursor(identity, query.cursor, seriesKey);
    const { items, next } = await listSeries(this.database, { dataset, respondent, kind, limit, after });
    if (items.length === 0 && respondent !== undefined && !findCode(codes, respondent))
      throw unknownRespondent(respondent, codes);
    return { items, next: next && encodeCursor(identity, [next.dataset, next.name]) };
  }

  /** By series (in the order they were first seen) and time. */
  async observations(query: ObservationsQuery, limit: number): Promise<PageView<ObservationView>> {
    const items: ObservationView[] = [];
    const next = await this.eachObservation(query, limit, (rows) => void items.push(...rows));
    return { items, next };
  }

  /**
   * The same page, given to `take` in pieces, so that only what is made of them is held. All of a page is of one moment: a merge that
   * is committed while it is read does not show in it. Gives the cursor of the next page.
   */
  async eachObservation(
    query: ObservationsQuery,
    limit: number,
    take: (rows: readonly ObservationView[]) => void,
  ): Promise<string | null> {
    const { dataset, from = BEGINNING, to = END, 'as-of': asOf } = query;
    const codes = this.codes(dataset);
    const found = query.series?.length ? await resolveSeries(this.database, codes, query.series, dataset) : null;
    const series = found?.map(({ name }) => name);
    const identity = { observations: [series && [...series].sort(), dataset, from, to, asOf] };
    let after = query.cursor === undefined ? undefined : decodeCursor(identity, query.cursor, observationKey);
    const next = await this.turns.take(limit > BATCH_ROWS, () =>
      this.database.transaction(
        async (tx) => {
          for (let rest = limit; rest > 0; rest -= BATCH_ROWS) {
            const batch = { series, dataset, from, to, asOf, after, limit: Math.min(rest, BATCH_ROWS) };
            const page = await observations(tx, batch);
            take(page.items);
            if (page.next === null) return null;
            after = page.next;
          }
          return after ?? null;
        },
        { isolation: 'repeatable read' },
      ),
    );
    return next && encodeCursor(identity, [next.seriesId, next.startsAt]);
  }

  /** Newest first. */
  async checks(query: ChecksQuery, limit: number): Promise<PageView<CheckResultView>> {
    const { dataset, run: runId } = query;
    if (dataset !== undefined) this.codes(dataset);
    const identity = { checks: [dataset, runId] };
    const before = query.cursor === undefined ? undefined : decodeCursor(identity, query.cursor, checkKey);
    const { items, next } = await pageOfCheckResults(this.database, { dataset, runId, limit, before });
    if (items.length === 0 && runId !== undefined && !(await runParameters(this.database, runId))) throw noRun(runId);
    return { items, next: next === null ? null : encodeCursor(identity, [next]) };
  }

  /** Where the value of the interval that holds `query.time` came from. */
  async lineage(query: LineageQuery): Promise<LineageView> {
    const [series] = await resolveSeries(this.database, this.codes(query.dataset), [query.series], query.dataset);
    // One name in, one series out, or an exception.
    const { dataset, name, firstStartsAt, lastEndsAt } = series as SeriesView;
    const view = await lineage(this.database, { dataset, series: name, at: query.time });
    if (view) return view;
    throw notFound(
      `${name} has no observation at ${query.time.toISOString()}`,
      firstStartsAt === null
        ? 'Nothing of it is stored.'
        : `Stored are intervals from ${firstStartsAt} to ${lastEndsAt}; freshet gaps ${dataset} shows what is missing between.`,
    );
  }

  /** Of the dataset, or of all that have series. @throws Problem for a dataset that has none */
  private codes(dataset: string | undefined): readonly PublisherCode[] {
    if (dataset === undefined) return uniqueCodes(this.catalog.all());
    const definition = this.catalog.get(dataset);
    if (!definition.timeseries)
      throw invalid([`dataset: ${dataset} is no time series (its mode is ${definition.mode})`]);
    return uniqueCodes([definition]);
  }
}

const uniqueCodes = (definitions: readonly DatasetDefinition[]): readonly PublisherCode[] => {
  const codes = definitions.flatMap(({ timeseries, paging }) => (timeseries ? (paging?.select.codes ?? []) : []));
  return [...new Map(codes.map((code) => [code.code, code])).values()];
};

const checkKey = ([id]: unknown[]): number | null => (typeof id === 'number' ? id : null);

const seriesKey = ([dataset, name]: unknown[]): SeriesKey | null =>
  typeof dataset === 'string' && typeof name === 'string' ? { dataset, name } : null;

const observationKey = ([seriesId, startsAt]: unknown[]): ObservationKey | null =>
  typeof seriesId === 'number' && typeof startsAt === 'string' ? { seriesId, startsAt } : null;

function unknownRespondent(respondent: string, codes: readonly PublisherCode[]) {
  const near = nearest(
    respondent,
    codes.map(({ code }) => code),
  );
  return notFound(
    `there is no respondent ${JSON.stringify(respondent)}${near.length > 0 ? `; did you mean ${near.join(' or ')}?` : ''}`,
    "Use the publisher's code, or a name it is known by.",
  );
}
