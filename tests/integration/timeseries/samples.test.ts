import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { loadCatalog } from '@freshet/catalog';
import { checkTimeSeries, type CheckOutcome, type Merged } from '@freshet/database';
import type { DatasetDefinition, SeriesCheck, TaskManifest } from '@freshet/domain';
import { startPostgres, type RunningPostgres } from '@freshet/testing';
import { manifestOf } from '../loading/world';
import { PYTHON } from '../pickle/python-env';
import { MergeWorld } from './merge-world';
import { COUNTED, SAMPLES, WINDOW, deliver, recordsOf, total, valuesInFiles } from './sample-rows';

/** Checks that some of the definitions leave out, because the publisher's numbers are normally so. */
const MORE: readonly SeriesCheck[] = [
  { name: 'any-negative', kind: 'negative', severity: 'note' },
  { name: 'any-non-integer', kind: 'non-integer', severity: 'note' },
];
const catalog = loadCatalog();
const definitions = ['eia.demand', 'eia.fuel-mix', 'eia.interchange', 'eia.net-generation'].map(
  (id): DatasetDefinition => {
    const definition = catalog.get(id);
    if (!definition.timeseries) throw new Error(`${id} is no time series`);
    const { timeseries } = definition;
    return { ...definition, timeseries: { ...timeseries, checks: [...timeseries.checks, ...MORE] } };
  },
);
/** What was found in the files by a script that shares nothing with us. Without Python that is not looked at, which `CI=true` does not allow. */
describe('the script in Python', () => {
  it('finds in the files what the tests below expect', () => {
    if (!PYTHON && process.env['CI'] !== 'true') {
      process.stderr.write('\n*** SKIPPED: no Python 3, so what is expected of the real rows is not counted again\n\n');
      return;
    }
    const script = join(__dirname, 'count_samples.py');
    const printed = execFileSync(PYTHON ?? 'python3', [script, SAMPLES], { encoding: 'utf8', maxBuffer: 16 << 20 });
    const { observations, ...counted } = JSON.parse(printed) as typeof COUNTED & { observations: string[][] };
    expect(counted).toEqual(COUNTED);
    expect(observations.map((observation) => observation.join(' ')).sort()).toEqual(valuesInFiles());
  });
});

describe('real rows of the publisher', () => {
  jest.setTimeout(180_000);
  let postgres: RunningPostgres;
  let world: MergeWorld;
  const first = new Map<string, Merged>();

  beforeAll(async () => {
    postgres = await startPostgres();
    world = await MergeWorld.open(await postgres.createDatabase('samples'));
    for (const definition of definitions) first.set(definition.id, await publish(definition));
  });
  afterAll(async () => {
    await world?.close();
    await postgres?.stop();
  });

  async function publish(definition: DatasetDefinition): Promise<Merged> {
    const plan = await world.world.plan(definition);
    const deliveries = deliver(plan, recordsOf(definition));
    await world.world.load(deliveries);
    await world.world.readyToPublish(plan, deliveries);
    const manifest: TaskManifest = { ...manifestOf(definition, deliveries), window: WINDOW };
    await world.database.execute('UPDATE freshet.task_attempt SET manifest = $2::jsonb WHERE task_id = $1', [
      plan.taskId,
      JSON.stringify(manifest),
    ]);
    return world.merge(plan);
  }

  /** All checks of a dataset over everything stored, by name. */
  async function check(id: string): Promise<ReadonlyMap<string, CheckOutcome>> {
    const definition = definitions.find((candidate) => candidate.id === id) as DatasetDefinition;
    const window = { from: new Date(WINDOW.from), to: new Date(WINDOW.to) };
    const outcomes = await checkTimeSeries(world.database, definition, window);
    return new Map(outcomes.map((outcome) => [outcome.name, outcome]));
  }

  it('are all stored, each value as published to the last digit, with its row', async () => {
    const rows = await world.database.query<{
      dataset: string;
      name: string;
      startsAt: Date;
      value: string;
      source: string;
    }>(
      `SELECT s.dataset, s.name, o.starts_at AS "startsAt", o.value::text, o.source FROM freshet.observation o JOIN freshet.series s ON s.id = o.series_id`,
    );
    const stored = rows.map(({ dataset, name, startsAt, value, source }) => {
      expect((JSON.parse(source) as { value: string }).value).toBe(value);
      return [dataset, name, startsAt.toISOString(), value].join(' ');
    });
    expect(stored.sort()).toEqual(valuesInFiles());
    expect(stored).toHaveLength(2325);
    for (const { outcome, merge } of first.values())
      expect([outcome, merge?.duplicates, merge?.late]).toEqual(['published', 0, 0]);
  });

  it('have as many hours where demand is not generation minus interchange as the files', async () => {
    expect(total(COUNTED.balance)).toEqual({ evaluated: 125, failed: 88 });
    for (const dataset of ['eia.demand', 'eia.net-generation'])
      expect((await check(dataset)).get('balance')).toMatchObject(total(COUNTED.balance));
    expect(COUNTED.balance).toMatchObject({ PJM: { failed: 25 }, SWPP: { failed: 0 } });
    // Demand came first, when there was nothing to compare it with: that is no success.
    const atFirst = first.get('eia.demand')?.merge?.checks.find(({ name }) => name === 'balance');
    expect(atFirst).toMatchObject({ evaluated: 0, failed: 0 });
  });

  it('have as many hours where fuels do not sum to net generation', async () => {
    expect((await check('eia.fuel-mix')).get('fuel-sum')).toMatchObject(total(COUNTED.fuelSum));
    expect(total(COUNTED.fuelSum)).toEqual({ evaluated: 125, failed: 78 });
  });

  it('have as many pairs that are not symmetric, already in the run that brought them', async () => {
    expect(total(COUNTED.pairs)).toEqual({ evaluated: 75, failed: 73 });
    const inRun = first.get('eia.interchange')?.merge?.checks.find(({ name }) => name === 'pair-symmetry');
    expect(inRun).toMatchObject(total(COUNTED.pairs));
    expect((await check('eia.interchange')).get('pair-symmetry')).toMatchObject(total(COUNTED.pairs));
  });

  it('have as many negative values and values that are not whole', async () => {
    for (const { id } of definitions) {
      const outcomes = await check(id);
      expect([id, outcomes.get('any-negative')]).toMatchObject([id, COUNTED.negative[id] ?? {}]);
      expect([id, outcomes.get('any-non-integer')]).toMatchObject([id, COUNTED.nonInteger[id] ?? {}]);
    }
    expect(total(COUNTED.negative)).toEqual({ evaluated: 2325, failed: 656 });
  });

  it('are suspected of nothing by the built-in definitions, and a whole day of them is complete', async () => {
    const quality = await world.database.query('SELECT DISTINCT quality FROM freshet.observation');
    expect(quality).toEqual([{ quality: 'good' }]);
    for (const { id } of definitions)
      expect([id, (await check(id)).get('count')]).toMatchObject([id, { evaluated: 5, failed: 0 }]);
  });

  it('change nothing when they come again', async () => {
    const places = (): Promise<unknown[]> =>
      world.database.query(
        'SELECT tableoid::regclass::text, ctid::text, * FROM freshet.observation ORDER BY series_id, starts_at',
      );
    const before = await places();
    for (const definition of definitions) expect((await publish(definition)).outcome).toBe('unchanged');
    expect(await places()).toEqual(before);
    expect(await world.revisions()).toEqual([]);
  });
});
