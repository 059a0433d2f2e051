import 'reflect-metadata';
import { lineage, listSeries, observations, type Queryable } from '@freshet/database';
import { startPostgres, type RunningPostgres } from '@freshet/testing/postgres';
import { MergeWorld, dataset, demand, fuel, hoursFrom, interchange, type Record, type Refresh } from './merge-world';

const DAY = { from: '2026-03-01T00:00:00.000Z', to: '2026-03-02T00:00:00.000Z' };
const START = DAY.from;
const NEXT = '2026-03-01T01:00:00.000Z';
const [TEN, NOON, TWO, FOUR] = [10, 12, 14, 16].map((hour) => `2026-03-02T${hour}:00:00.000Z`) as [
  string,
  string,
  string,
  string,
];
const DEMAND = dataset('eia.demand');
const range = { from: new Date(DAY.from), to: new Date(DAY.to) };

const answer = (at: string, ...records: Record[]): Refresh => ({ window: DAY, answers: [{ at, records }] });

describe('asking for time series', () => {
  jest.setTimeout(120_000);
  let postgres: RunningPostgres;
  let world: MergeWorld;
  beforeAll(async () => {
    postgres = await startPostgres();
    world = await MergeWorld.open(await postgres.createDatabase('queries'));
  });
  afterAll(async () => {
    await world.close();
    await postgres.stop();
  });

  describe('with a few runs', () => {
    beforeEach(() => world.empty());

    it('lists series with their extent, page by page', async () => {
      await world.refresh(DEMAND, answer(NOON, demand(START, '1'), demand(NEXT, '2'), demand(START, '1', 'US48')));
      await world.refresh(dataset('eia.fuel-mix'), answer(NOON, fuel(START, '3', 'SUN')));
      const first = await listSeries(world.database, { limit: 2 });
      expect(first.items.map(({ name }) => name)).toEqual(['PJM.demand', 'US48.demand']);
      expect(first.items[0]).toEqual({
        dataset: 'eia.demand',
        name: 'PJM.demand',
        respondent: 'PJM',
        aggregate: false,
        kind: 'demand',
        unit: 'MWh',
        codes: { respondent: 'PJM', type: 'D' },
        resolutionSeconds: 3600,
        firstStartsAt: START,
        lastEndsAt: '2026-03-01T02:00:00.000Z',
      });
      expect(first.next).toEqual({ dataset: 'eia.demand', name: 'US48.demand' });
      const rest = await listSeries(world.database, { limit: 2, ...(first.next && { after: first.next }) });
      expect(rest).toMatchObject({ items: [{ name: 'PJM.fuel.SUN', kind: 'fuel' }], next: null });
      const names = async (query: Partial<Parameters<typeof listSeries>[1]>): Promise<string[]> =>
        (await listSeries(world.database, { limit: 10, ...query })).items.map(({ name }) => name);
      expect(await names({ respondent: 'PJM' })).toEqual(['PJM.demand', 'PJM.fuel.SUN']);
      expect(await names({ respondent: 'PJM', kind: 'fuel' })).toEqual(['PJM.fuel.SUN']);
      expect(await names({ dataset: 'eia.demand', names: ['US48.demand', 'PJM.fuel.SUN'] })).toEqual(['US48.demand']);
    });

    it('gives observations by series and time, each once, whatever the size of a page', async () => {
      const hours = hoursFrom(START, 5);
      await world.refresh(
        DEMAND,
        answer(
          NOON,
          ...hours.flatMap((start, hour) => [demand(start, `${hour}.10`), demand(start, String(hour), 'CISO')]),
        ),
      );
      const all = await observations(world.database, { dataset: 'eia.demand', ...range, limit: 100 });
      expect(all.next).toBeNull();
      expect(all.items).toHaveLength(10);
      for (const limit of [1, 3, 5, 10]) {
        const seen = [];
        let page = await observations(world.database, { dataset: 'eia.demand', ...range, limit });
        seen.push(...page.items);
        while (page.next) {
          page = await observations(world.database, { dataset: 'eia.demand', ...range, limit, after: page.next });
          seen.push(...page.items);
        }
        expect(seen).toEqual(all.items);
      }
      const some = await observations(world.database, {
        series: ['PJM.demand'],
        from: new Date(NEXT),
        to: new Date('2026-03-01T03:00:00Z'),
        limit: 10,
      });
      expect(some.items).toEqual([
        {
          series: 'PJM.demand',
          startsAt: NEXT,
          endsAt: '2026-03-01T02:00:00.000Z',
          value: '1.10',
          unit: 'MWh',
          quality: 'good',
          correctedStartsAt: null,
          firstSeen: NOON,
          revisions: 0,
        },
        expect.objectContaining({ startsAt: '2026-03-01T02:00:00.000Z', value: '2.10' }),
      ]);
      expect(await observations(world.database, { ...range, limit: 10 })).toEqual({ items: [], next: null });
    });

    it('tells what was known at an earlier time', async () => {
      await world.refresh(DEMAND, answer(TEN, demand(START, '1'), demand(NEXT, null)));
      await world.refresh(
        DEMAND,
        answer(NOON, demand(START, '2'), demand(NEXT, null), demand('2026-03-01T02:00:00.000Z', '5')),
      );
      await world.refresh(DEMAND, answer(TWO, demand(START, '3'), demand(NEXT, '9')));
      // Too late to have been known by anyone who asked us, and no part of what stood on top.
      await world.refresh(DEMAND, answer('2026-03-02T11:00:00.000Z', demand(START, '77')));
      const at = async (asOf?: string): Promise<unknown[]> =>
        (
          await observations(world.database, {
            series: ['PJM.demand'],
            ...range,
            limit: 10,
            ...(asOf ? { asOf: new Date(asOf) } : {}),
          })
        ).items.map(({ value, quality, revisions }) => [value, quality, revisions]);
      expect(await at('2026-03-02T09:00:00Z')).toEqual([]);
      expect(await at(TEN)).toEqual([
        ['1', 'good', 0],
        [null, 'missing', 0],
      ]);
      expect(await at('2026-03-02T13:59:59.999Z')).toEqual([
        ['2', 'good', 1],
        [null, 'missing', 0],
        ['5', 'good', 0],
      ]);
      const now = [
        ['3', 'good', 2],
        ['9', 'good', 1],
        ['5', 'good', 0],
      ];
      expect(await at(TWO)).toEqual(now);
      expect(await at(FOUR)).toEqual(now);
      expect(await at()).toEqual(now);
    });

    it('leads a value to its run, its request and its row, and to what it replaced', async () => {
      const first = await world.refresh(DEMAND, answer(TEN, demand(START, '1')));
      const second = await world.refresh(DEMAND, answer(TWO, demand(NEXT, '8'), demand(START, '2')));
      const late = await world.refresh(DEMAND, answer(NOON, demand(START, '77')));
      const last = await world.refresh(DEMAND, answer(FOUR, demand(START, '2')));
      const found = await lineage(world.database, { series: 'PJM.demand', at: new Date('2026-03-01T00:30:00Z') });
      expect(found).toMatchObject({ dataset: 'eia.demand', series: 'PJM.demand', startsAt: START, endsAt: NEXT });
      expect(found?.lastConfirmed).toEqual({ at: FOUR, runId: last.plan.runId });
      const step = (of: typeof first, at: string, value: string) => ({
        value,
        seenAt: at,
        runId: of.plan.runId,
        taskId: of.plan.taskId,
        attempt: 1,
        contentVersion: DEMAND.contentVersion,
        chunk: 0,
        request: expect.objectContaining({ at, status: 200 }) as unknown,
        source: demand(START, value)['source'],
      });
      expect(found?.steps).toEqual([
        expect.objectContaining({ ...step(second, TWO, '2'), row: 1, late: false }),
        expect.objectContaining({ ...step(late, NOON, '77'), row: 0, late: true }),
        expect.objectContaining({ ...step(first, TEN, '1'), row: 0, late: false }),
      ]);
      const none = { series: 'PJM.demand', at: new Date('2026-03-01T02:00:00Z') };
      expect(await lineage(world.database, none)).toBeNull();
      expect(await lineage(world.database, { ...none, dataset: 'eia.forecast', at: new Date(START) })).toBeNull();
    });

    it('has views for the newest demand, the mix of fuels and net interchange, with sums over others marked', async () => {
      await world.refresh(
        DEMAND,
        answer(NOON, demand(START, '1'), demand(NEXT, null), demand(NEXT, '9', 'CISO'), demand(START, '100', 'US48')),
      );
      await world.refresh(dataset('eia.fuel-mix'), answer(NOON, fuel(START, '-3', 'NG'), fuel(START, null, 'SUN')));
      await world.refresh(
        dataset('eia.interchange'),
        answer(
          NOON,
          interchange(START, '10.5', 'PJM', 'MISO'),
          interchange(START, '-4', 'PJM', 'NYIS'),
          interchange(START, null, 'PJM', 'TVA'),
          interchange(START, '6.5', 'PJM', 'MIDW'),
        ),
      );
      const rows = (sql: string): Promise<unknown[]> => world.database.query(sql);
      expect(
        await rows('SELECT respondent, aggregate, starts_at, value, unit FROM eia.latest_demand ORDER BY respondent'),
      ).toEqual([
        { respondent: 'CISO', aggregate: false, starts_at: new Date(NEXT), value: '9', unit: 'MWh' },
        { respondent: 'PJM', aggregate: false, starts_at: new Date(START), value: '1', unit: 'MWh' },
        { respondent: 'US48', aggregate: true, starts_at: new Date(START), value: '100', unit: 'MWh' },
      ]);
      expect(
        await rows('SELECT respondent, aggregate, fuel, value, quality FROM eia.fuel_mix_hourly ORDER BY fuel'),
      ).toEqual([
        { respondent: 'PJM', aggregate: false, fuel: 'NG', value: '-3', quality: 'good' },
        { respondent: 'PJM', aggregate: false, fuel: 'SUN', value: null, quality: 'missing' },
      ]);
      expect(
        await rows(
          'SELECT respondent, aggregate, value, neighbours, missing, quality FROM eia.net_interchange ORDER BY aggregate',
        ),
      ).toEqual([
        { respondent: 'PJM', aggregate: false, value: '6.5', neighbours: 2, missing: 1, quality: 'missing' },
        { respondent: 'PJM', aggregate: true, value: '6.5', neighbours: 1, missing: 0, quality: 'good' },
      ]);
    });
  });

  describe('with three months of a hundred series', () => {
    /** Plans of everything asked through `db`. */
    const explaining = (plans: string[]): Queryable => ({
      query: async (sql, values = []) => {
        const rows = await world.database.query<{ 'QUERY PLAN': string }>(
          `EXPLAIN (ANALYZE, TIMING OFF) ${sql}`,
          values,
        );
        plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
        return world.database.query(sql, values);
      },
      execute: (sql, values) => world.database.execute(sql, values),
    });

    beforeAll(async () => {
      await world.empty();
      const hours = hoursFrom('2026-01-01T00:00:00.000Z', 24);
      // Three months are made by a merge, and filled by hand.
      for (const month of ['01', '02', '03']) {
        const window = { from: `2026-${month}-01T00:00:00.000Z`, to: `2026-${month}-02T00:00:00.000Z` };
        const start = hours[0]?.replace('-01-', `-${month}-`) ?? '';
        await world.refresh(DEMAND, { window, answers: [{ at: NOON, records: [demand(start, '1')] }] });
      }
      await world.database.execute(
        `INSERT INTO freshet.series (dataset, name, respondent, aggregate, kind, unit, codes, resolution_seconds, run_id)
         SELECT 'eia.demand', 'BA' || n || '.demand', 'BA' || n, false, 'demand', 'MWh', '{}', 3600, gen_random_uuid() FROM generate_series(10, 109) n`,
      );
      await world.database.execute(
        `INSERT INTO freshet.observation (series_id, starts_at, ends_at, value, quality, answered_at, first_seen, merge_id, chunk, "row", source)
         SELECT s.id, h, h + interval '1 hour', 1000, 'good', $1, $1, 1, 0, 0, 'row' FROM freshet.series s, generate_series('2026-01-01Z'::timestamptz, '2026-03-31 23:00Z', interval '1 hour') h
         WHERE s.respondent LIKE 'BA%'`,
        [NOON],
      );
      await world.database.execute(
        `INSERT INTO freshet.observation_revision (series_id, starts_at, old_value, new_value, old_quality, old_source, old_merge_id, old_chunk, old_row, merge_id, run_id, seen_at, late)
         SELECT series_id, starts_at, 999, 1000, 'good', '', 1, 0, 0, 1, gen_random_uuid(), $1, false FROM freshet.observation WHERE extract(hour FROM starts_at) < 3`,
        [NOON],
      );
      await world.database.query('ANALYZE freshet.observation, freshet.observation_revision, freshet.series');
    });

    const window = { from: new Date('2026-01-30T00:00:00Z'), to: new Date('2026-02-02T00:00:00Z') };
    const one = { series: ['BA20.demand'], ...window, limit: 1_000 };
    const many = { dataset: 'eia.demand', ...window, limit: 500 };
    it.each<[string, (db: Queryable) => Promise<unknown>]>([
      ['the observations of one series', (db) => observations(db, one)],
      ['a page of the observations of a dataset', (db) => observations(db, many)],
      [
        'a further page',
        async (db) => {
          const { next } = await observations(world.database, many);
          if (!next) throw new Error('there should be more');
          await observations(db, { ...many, after: next });
        },
      ],
      ['what was known earlier', (db) => observations(db, { ...one, asOf: new Date(TEN) })],
      ['the list of series', (db) => listSeries(db, { dataset: 'eia.demand', limit: 50 })],
      ['lineage', (db) => lineage(db, { series: 'BA20.demand', at: new Date('2026-02-10T05:00:00Z') })],
      ['the newest demand', (db) => db.query('SELECT * FROM eia.latest_demand')],
    ])('reads %s by index', async (_, ask) => {
      const plans: string[] = [];
      await ask(explaining(plans));
      expect(plans.length).toBeGreaterThan(0);
      const text = plans.join('\n');
      expect(text).toMatch(/Index (Only )?Scan.* on observation_2026/);
      expect(text).not.toMatch(/Seq Scan on observation/);
    });

    it('reads no more of a dataset than the page shows', async () => {
      const plans: string[] = [];
      await observations(explaining(plans), many);
      // Without a sort, of which the limit would save nothing.
      expect(plans.at(-1)).not.toMatch(/->\s+Sort/);
      const read = [...(plans.at(-1) ?? '').matchAll(/Index Scan.* on observation_2026_\d+ .*actual rows=(\d+)/g)];
      expect(read.length).toBeGreaterThan(0);
      expect(read.reduce((sum, [, rows]) => sum + Number(rows), 0)).toBeLessThanOrEqual(510);
    });
  });
});
