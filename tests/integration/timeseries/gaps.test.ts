import { findGaps, gapsByRespondent, missingHours, openDatabase, type Database } from '@freshet/database';
import type { SeriesDefinition } from '@freshet/domain';
import { startPostgres, type RunningPostgres } from '@freshet/testing';
import { HOUR, StoredSeries, seriesDefinition } from './stored';

/** One hour is the publisher's lag of demand: hours up to 11:00 should be there. */
const NOW = new Date('2026-11-20T12:30:00Z');
const day = (of: number, hour = 0): string => new Date(Date.UTC(2026, 10, of, hour)).toISOString();

describe('gaps of a time series', () => {
  jest.setTimeout(180_000);
  let postgres: RunningPostgres;
  let database: Database;
  let stored: StoredSeries;
  let demand: SeriesDefinition;

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    database = await openDatabase(await postgres.createDatabase('gaps'));
    stored = new StoredSeries(database);
    const { paging } = seriesDefinition('eia.demand');
    demand = seriesDefinition('eia.demand', {
      paging: { ...paging, select: { ...paging.select, values: ['PJM', 'CISO'] } },
    });
  });
  afterEach(() => database.close());

  const gaps = async (filter: { from?: Date; to?: Date; series?: string; limit?: number } = {}, definition = demand) =>
    (await findGaps(database, definition, { limit: 100, ...filter }, NOW)).map(
      ({ series, kind, from, to, intervals }) =>
        `${series} ${kind} ${from.slice(5, 13)}..${to.slice(5, 13)} ${intervals}`,
    );

  it('are hours that are not stored, and hours stored without a value, apart', async () => {
    await stored.hours('eia.demand', 'PJM.demand', 'PJM', day(1), day(20, 11), {
      except: [day(3, 4), day(3, 5), day(3, 8), day(4)],
      missing: [day(3, 6), day(3, 7), day(9)],
    });
    await stored.hours('eia.demand', 'CISO.demand', 'CISO', day(10), day(20, 11));
    expect(await gaps()).toEqual([
      'PJM.demand absent 11-03T04..11-03T06 2',
      'PJM.demand missing 11-03T06..11-03T08 2',
      'PJM.demand absent 11-03T08..11-03T09 1',
      'PJM.demand absent 11-04T00..11-04T01 1',
      'PJM.demand missing 11-09T00..11-09T01 1',
    ]);
    expect(await gaps({ limit: 2 })).toHaveLength(2);
    expect(await gaps({ series: 'CISO.demand' })).toEqual([]);
  });

  it('begin with the first stored hour of the series, unless asked from earlier, and never before the publisher does', async () => {
    await stored.hours('eia.demand', 'PJM.demand', 'PJM', day(10), day(20, 11));
    await stored.hours('eia.demand', 'CISO.demand', 'CISO', day(12), day(20, 11));
    expect(await gaps()).toEqual([]);
    expect(await gaps({ from: new Date(day(9, 12)) })).toEqual([
      'CISO.demand absent 11-09T12..11-12T00 60',
      'PJM.demand absent 11-09T12..11-10T00 12',
    ]);
    const young = { ...demand, timeseries: { ...demand.timeseries, since: day(11) } };
    expect(await gaps({ from: new Date(day(1)) }, young)).toEqual(['CISO.demand absent 11-11T00..11-12T00 24']);
  });

  it('end where the lag of the dataset does, or earlier when asked', async () => {
    await stored.hours('eia.demand', 'PJM.demand', 'PJM', day(10), day(20, 5));
    await stored.hours('eia.demand', 'CISO.demand', 'CISO', day(10), day(20, 12));
    expect(await gaps()).toEqual(['PJM.demand absent 11-20T05..11-20T11 6']);
    expect(await gaps({ to: new Date(day(20, 7)) })).toEqual(['PJM.demand absent 11-20T05..11-20T07 2']);
    expect(await gaps({ to: new Date(day(25)) })).toEqual(['PJM.demand absent 11-20T05..11-20T11 6']);
    const slow = { ...demand, timeseries: { ...demand.timeseries, lagSeconds: 30 * 3600 } };
    expect(await gaps({}, slow)).toEqual([]);
  });

  it('are bounded by what was asked inside of them as well', async () => {
    await stored.hours('eia.demand', 'PJM.demand', 'PJM', day(1), day(2));
    await stored.hours('eia.demand', 'PJM.demand', 'PJM', day(6), day(20, 11));
    await stored.hours('eia.demand', 'CISO.demand', 'CISO', day(1), day(20, 11));
    expect(await gaps({ from: new Date(day(3)), to: new Date(day(5)) })).toEqual([
      'PJM.demand absent 11-03T00..11-05T00 48',
    ]);
    expect(await gaps({ from: new Date(day(8)), to: new Date(day(8)) })).toEqual([]);
  });

  it('include a respondent of the definition of whom nothing was ever stored', async () => {
    expect(await gaps()).toEqual(['CISO.* absent 11-17T11..11-20T11 72', 'PJM.* absent 11-17T11..11-20T11 72']);
    await stored.hours('eia.demand', 'PJM.demand', 'PJM', day(10), day(20, 11));
    expect(await gaps()).toEqual(['CISO.* absent 11-10T00..11-20T11 251']);
    expect(await gaps({ series: 'CISO.*' })).toHaveLength(1);
    const mix = seriesDefinition('eia.fuel-mix');
    expect((await gaps({}, mix))[0]).toBe('CISO.fuel.* absent 11-16T06..11-19T06 72');
  });

  it('say how often they were asked for by themselves, and when that was given up', async () => {
    await stored.hours('eia.demand', 'PJM.demand', 'PJM', day(1), day(20, 11), { except: [day(3), day(5)] });
    await stored.hours('eia.demand', 'CISO.demand', 'CISO', day(1), day(20, 11), { except: [day(5)] });
    const partition = async (origin: string, from: string, to: string, state: string): Promise<void> => {
      await database.execute(
        `WITH b AS (INSERT INTO freshet.backfill (id, dataset, origin, from_at, to_at, selected, idempotency_key)
                    VALUES (gen_random_uuid(), 'eia.demand', $1, $2, $3, '{PJM}', gen_random_uuid()::text) RETURNING id)
         INSERT INTO freshet.backfill_partition (backfill_id, dataset, selected, from_at, to_at, state) SELECT id, 'eia.demand', 'PJM', $2, $3, $4 FROM b`,
        [origin, from, to, state],
      );
    };
    for (let count = 0; count < 4; count += 1) await partition('gap', day(5), day(5, 2), 'skipped');
    await partition('gap', day(3), day(5, 1), 'done');
    await partition('manual', day(3), day(4), 'done');
    const views = await findGaps(database, demand, { limit: 10 }, NOW);
    expect(views.map(({ series, tries, givenUp }) => ({ series, tries, givenUp }))).toEqual([
      { series: 'PJM.demand', tries: 1, givenUp: false },
      { series: 'CISO.demand', tries: 0, givenUp: false },
      { series: 'PJM.demand', tries: 5, givenUp: true },
    ]);
    expect(views[0]).toMatchObject({ dataset: 'eia.demand', respondent: 'PJM', from: day(3), to: day(3, 1) });
  });

  it('of all series of a respondent are one, for those who ask for a respondent', async () => {
    await stored.hours('eia.demand', 'PJM.a', 'PJM', day(1), day(20, 11), { except: [day(3), day(3, 1)] });
    await stored.hours('eia.demand', 'PJM.b', 'PJM', day(2), day(20, 11), {
      except: [day(3, 1)],
      missing: [day(3, 2)],
    });
    await stored.hours('eia.demand', 'CISO.a', 'CISO', day(1), day(20, 11), { except: [day(3, 9)] });
    expect(await gapsByRespondent(database, demand, NOW, null)).toEqual([
      { respondent: 'CISO', from: new Date(day(3, 9)), to: new Date(day(3, 10)) },
      { respondent: 'PJM', from: new Date(day(3)), to: new Date(day(3, 3)) },
    ]);
    expect(await gapsByRespondent(database, demand, NOW, new Date('2026-11-03T02:59:59.5Z'))).toMatchObject([
      { respondent: 'CISO' },
      { respondent: 'PJM', from: new Date(day(3, 2)) },
    ]);
  });

  it('are none, for those who ask for a respondent, of a series that ended while others went on', async () => {
    await stored.hours('eia.demand', 'PJM.ended', 'PJM', day(1), day(5));
    await stored.hours('eia.demand', 'PJM.late', 'PJM', day(1), day(15));
    await stored.hours('eia.demand', 'PJM.a', 'PJM', day(1), day(20, 11), { except: [day(6)] });
    await stored.hours('eia.demand', 'CISO.a', 'CISO', day(1), day(6));
    expect(await gapsByRespondent(database, demand, NOW, null)).toEqual([
      { respondent: 'CISO', from: new Date(day(6)), to: new Date(day(20, 11)) },
      { respondent: 'PJM', from: new Date(day(6)), to: new Date(day(6, 1)) },
      { respondent: 'PJM', from: new Date(day(15)), to: new Date(day(20, 11)) },
    ]);
    expect(await gaps({ series: 'PJM.ended' })).toHaveLength(1);
  });

  it('are counted window by window for a plan', async () => {
    await stored.hours('eia.demand', 'PJM.a', 'PJM', day(1), day(3), { except: [day(1, 5)], missing: [day(1, 6)] });
    await stored.hours('eia.demand', 'PJM.b', 'PJM', day(2), day(3));
    const window = (selected: string, from: number, to: number) => ({
      selected,
      from: new Date(day(from)),
      to: new Date(day(to)),
    });
    const windows = [window('PJM', 1, 2), window('PJM', 2, 3), window('PJM', 3, 4), window('CISO', 1, 2)];
    // The second series misses its first day, a respondent without series what the definition expects of one.
    expect(await missingHours(database, demand, windows)).toEqual([26, 0, 48, 24]);
    expect(await missingHours(database, seriesDefinition('eia.fuel-mix'), [window('PJM', 1, 2)])).toEqual([240]);
    expect(await missingHours(database, demand, [])).toEqual([]);
  });

  it('of a year of fifty series are found from the index alone', async () => {
    for (let series = 0; series < 50; series += 1) {
      await stored.hours('eia.demand', `S${series}.demand`, `S${series}`, '2025-11-20T11:00:00Z', day(20, 11), {
        except: [day(3, series % 24)],
        missing: [day(4, series % 24)],
      });
    }
    await database.execute('VACUUM (ANALYZE) freshet.observation');
    const definition = {
      ...demand,
      paging: { ...demand.paging, select: { ...demand.paging.select, values: ['S1', 'S2'] } },
    };
    const took: number[] = [];
    for (let count = 0; count < 3; count += 1) {
      const start = performance.now();
      expect(await findGaps(database, definition, { limit: 1000 }, NOW)).toHaveLength(100);
      took.push(performance.now() - start);
    }
    expect(Math.min(...took)).toBeLessThan(5000);

    const plan = await explainGaps(database, definition, NOW);
    const scans = nodesOf(plan).filter(({ 'Relation Name': table }) => table?.startsWith('observation'));
    expect(scans.length).toBeGreaterThan(0);
    expect([...new Set(scans.map((node) => node['Node Type']))]).toEqual(['Index Only Scan']);
    // Nothing is sorted or spilled: each series is read in the order of its key.
    expect(nodesOf(plan).filter((node) => node['Node Type'] === 'Sort' && (node['Actual Rows'] ?? 0) > 1000)).toEqual(
      [],
    );
    const hours = 50 * (365 * 24);
    const read = scans.reduce((sum, node) => sum + (node['Actual Rows'] ?? 0) * (node['Actual Loops'] ?? 0), 0);
    expect(read).toBeLessThan(hours * 1.1);
    const windows = [{ selected: 'S1', from: new Date(NOW.getTime() - 365 * 24 * HOUR), to: NOW }];
    expect((await missingHours(database, demand, windows))[0]).toBeGreaterThan(0);
  });
});

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** What the database does for `findGaps`: its own statement and values, taken down on the way. */
async function explainGaps(database: Database, definition: SeriesDefinition, now: Date): Promise<PlanNode> {
  const asked: Array<{ sql: string; values: readonly unknown[] }> = [];
  const spy = {
    query: async (sql: string, values: readonly unknown[] = []) => (asked.push({ sql, values }), []),
    execute: async () => 0,
  };
  await findGaps(spy, definition, { limit: 1000 }, now);
  const [first] = asked;
  const [row] = await database.query<{ 'QUERY PLAN': ReadonlyArray<{ Plan: PlanNode }> }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${first?.sql ?? ''}`,
    first?.values,
  );
  const plan = row?.['QUERY PLAN'][0]?.Plan;
  if (!plan) throw new Error('no plan');
  return plan;
}

const nodesOf = (node: PlanNode): readonly PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];
