import 'reflect-metadata';
import { startPostgres, type RunningPostgres } from '@freshet/testing/postgres';
import { MergeWorld, dataset, demand, fuel, hoursFrom, interchange, type Record, type Refresh } from './merge-world';

const DAY = { from: '2026-03-01T00:00:00.000Z', to: '2026-03-02T00:00:00.000Z' };
const START = DAY.from;
const NOON = '2026-03-02T12:00:00.000Z';
const ONE = '2026-03-02T13:00:00.000Z';
const DEMAND = dataset('eia.demand');

const answer = (at: string, ...records: Record[]): Refresh => ({ window: DAY, answers: [{ at, records }] });

describe('merging a time series', () => {
  jest.setTimeout(120_000);
  let postgres: RunningPostgres;
  let world: MergeWorld;
  beforeAll(async () => {
    postgres = await startPostgres();
    world = await MergeWorld.open(await postgres.createDatabase('merge'));
  });
  afterAll(async () => {
    await world.close();
    await postgres.stop();
  });
  beforeEach(() => world.empty());

  it('stores what is new, with the interval the stamp ends and the value to the last digit', async () => {
    const merged = await world.refresh(
      DEMAND,
      answer(NOON, demand(START, '-.2100'), demand(START, '1263.6001', 'CISO')),
    );
    expect(merged).toMatchObject({
      outcome: 'published',
      generation: null,
      merge: { added: 2, changed: 0, unchanged: 0, late: 0, duplicates: 0, newSeries: ['CISO.demand', 'PJM.demand'] },
    });
    expect(await world.stored()).toEqual([
      { series: 'CISO.demand', startsAt: START, value: '1263.6001', quality: 'good' },
      { series: 'PJM.demand', startsAt: START, value: '-0.2100', quality: 'good' },
    ]);
    expect(
      await world.database.query(
        'SELECT ends_at, answered_at, first_seen, chunk, "row", source FROM freshet.observation ORDER BY "row" LIMIT 1',
      ),
    ).toEqual([
      {
        ends_at: new Date('2026-03-01T01:00:00Z'),
        answered_at: new Date(NOON),
        first_seen: new Date(NOON),
        chunk: 0,
        row: 0,
        source: demand(START, '-.2100')['source'],
      },
    ]);
    expect(
      await world.database.query(
        "SELECT name, respondent, aggregate, kind, unit, codes, resolution_seconds FROM freshet.series WHERE name = 'PJM.demand'",
      ),
    ).toEqual([
      {
        name: 'PJM.demand',
        respondent: 'PJM',
        aggregate: false,
        kind: 'demand',
        unit: 'MWh',
        codes: { respondent: 'PJM', type: 'D' },
        resolution_seconds: 3600,
      },
    ]);
    expect(await world.world.stagingTables()).toBe(0);
  });
});
