import 'reflect-metadata';
import { startPostgres } from '@freshet/testing/postgres';
import { observations } from '@freshet/database';
import { MergeWorld, dataset, demand, hoursFrom, type Refresh } from './merge-world';

const SERVER = process.env['FRESHET_TIMESCALE_URL'];
const window = { from: '2025-11-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' };
const hours = hoursFrom('2025-11-30T12:00:00.000Z', 48);
const DEMAND = dataset('eia.demand');

const refresh = (at: string, value: (hour: number) => string): Refresh => ({
  window,
  answers: [{ at, records: hours.map((start, hour) => demand(start, value(hour))) }],
});

/** Months are what all other tests use. `FRESHET_TIMESCALE_URL` names a server that has TimescaleDB preloaded. */
describe('observations in a hypertable', () => {
  jest.setTimeout(120_000);

  it('are merged, revised and read as in months', async () => {
    if (SERVER === undefined) {
      process.stderr.write('\n*** SKIPPED: FRESHET_TIMESCALE_URL is not set, so nothing is tried with TimescaleDB\n\n');
      return;
    }
    process.env['FRESHET_TEST_DATABASE_URL'] = SERVER;
    const postgres = await startPostgres();
    const world = await MergeWorld.open(await postgres.createDatabase('timescale'));
    try {
      expect(
        await world.database.query(
          `SELECT FROM timescaledb_information.hypertables WHERE hypertable_schema = 'freshet' AND hypertable_name = 'observation'`,
        ),
      ).toHaveLength(1);
      const first = await world.refresh(DEMAND, refresh('2026-01-01T00:00:00.000Z', String));
      expect(first).toMatchObject({ outcome: 'published', merge: { added: 48 } });
      const again = await world.refresh(DEMAND, refresh('2026-01-02T00:00:00.000Z', String));
      expect(again).toMatchObject({ outcome: 'unchanged', merge: { unchanged: 48 } });
      const changed = await world.refresh(
        DEMAND,
        refresh('2026-01-03T00:00:00.000Z', (hour) => String(hour < 3 ? 99 : hour)),
      );
      expect(changed).toMatchObject({ outcome: 'published', merge: { changed: 3, unchanged: 45 } });
      const query = { series: ['PJM.demand'], from: new Date(window.from), to: new Date(window.to), limit: 100 };
      const { items } = await observations(world.database, query);
      expect(items.map(({ value }) => value)).toEqual(hours.map((_, hour) => String(hour < 3 ? 99 : hour)));
      const before = await observations(world.database, { ...query, asOf: new Date('2026-01-02T00:00:00.000Z') });
      expect(before.items.map(({ value }) => value)).toEqual(hours.map((_, hour) => String(hour)));
    } finally {
      await world.close();
      await postgres.stop();
    }
  });
});
