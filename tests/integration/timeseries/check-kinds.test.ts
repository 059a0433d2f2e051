import { SERIES_CHECK_KINDS, assertSeriesChecksKnown, openDatabase } from '@freshet/database';
import { loadCatalog } from '@freshet/catalog';
import { startPostgres, type RunningPostgres } from '@freshet/testing';
import { CASES } from './check-cases';
import { CheckWorld, checkedBy, definitionOf } from './check-world';

jest.setTimeout(180_000);
let postgres: RunningPostgres;
let world: CheckWorld;
beforeAll(async () => {
  postgres = await startPostgres();
  world = new CheckWorld(await openDatabase(await postgres.createDatabase('kinds')));
});
afterAll(async () => {
  await world.database.close();
  await postgres.stop();
});
beforeEach(() => world.empty());

describe('the registry of series checks', () => {
  it('has every kind that the built-in definitions name', () => {
    expect(() => assertSeriesChecksKnown(loadCatalog().all())).not.toThrow();
  });

  it('refuses to start with a definition that names a missing one', () => {
    expect(() => assertSeriesChecksKnown([checkedBy('eia.demand', { kind: 'horoscope' })])).toThrow(
      expect.objectContaining({ code: 'definition_invalid', message: 'there is no series check named "horoscope"' }),
    );
  });

  it('has a case below for every kind', () => {
    expect(CASES.map(({ kind }) => kind).sort()).toEqual(SERIES_CHECK_KINDS.map(({ kind }) => kind).sort());
  });
});

/** What every kind must do. A new one is added to the cases. */
describe.each(CASES)('the check $kind', (of) => {
  const { from, to } = of;

  it('counts what failed of what could be compared, with examples', async () => {
    await world.store(of.wrong);
    const outcome = await world.checkOne(definitionOf(of, 'note'), from, to);
    expect(outcome).toMatchObject({ name: of.kind, kind: of.kind, severity: 'note', held: false });
    expect([outcome.evaluated, outcome.failed]).toEqual([of.evaluated, of.failed]);
    expect(outcome.examples.length).toBeGreaterThan(0);
    for (const example of outcome.examples) {
      expect(example.series).toMatch(/^[A-Z]+[.-]/);
      expect(new Date(example.startsAt).getTime()).toBeGreaterThanOrEqual(Date.parse(from));
      expect(new Date(example.startsAt).getTime()).toBeLessThan(Date.parse(to));
      expect(example.detail).not.toBe('');
    }
    expect(await world.suspects()).toEqual([]);
  });

  it('finds nothing where nothing is wrong', async () => {
    await world.store(of.right);
    const outcome = await world.checkOne(definitionOf(of, 'hold'), from, to);
    expect(outcome).toMatchObject({ evaluated: of.evaluated, failed: 0, examples: [], held: false });
  });

  it('says that nothing was evaluated where nothing is stored', async () => {
    const outcome = await world.checkOne(definitionOf(of, 'note'), from, to, { seriesIds: [] });
    expect(outcome).toMatchObject({ evaluated: 0, failed: 0 });
  });

  it('holds the run when it is of that severity and failed', async () => {
    await world.store(of.wrong);
    expect(await world.checkOne(definitionOf(of, 'hold'), from, to)).toMatchObject({ held: true, failed: of.failed });
    expect(await world.suspects()).toEqual([]);
  });

  it('flags what failed, writes nothing when asked again, and takes the flag away when it is put right', async () => {
    await world.store(of.wrong);
    const definition = definitionOf(of, 'suspect');
    await world.check(definition, from, to);
    expect(await world.suspects()).toEqual(of.suspects);
    const before = await world.places();
    for (let times = 0; times < 3; times++) await world.check(definition, from, to);
    expect(await world.places()).toEqual(before);
    await world.store(of.right);
    await world.check(definition, from, to);
    expect(await world.suspects()).toEqual([]);
  });

  it('flags the same whichever half of the window comes first', async () => {
    const [last] = of.suspects.slice(-1);
    const middle = last ? `${last.split(' ')[1]}:00:00Z` : '2026-03-02T12:00:00Z';
    const halves = [{ to: middle }, { from: middle }];
    const definition = definitionOf(of, 'suspect');
    for (const order of [halves, [...halves].reverse()]) {
      await world.empty();
      for (const half of order) {
        await world.store(of.wrong, half);
        await world.check(definition, half.from ?? from, half.to ?? to);
      }
      expect(await world.suspects()).toEqual(of.suspects);
    }
  });

  it('leaves missing and estimated values, and those of other datasets, as they are', async () => {
    await world.store(of.wrong);
    await world.database.execute(`UPDATE freshet.observation SET quality = 'estimated' WHERE value IS NOT NULL`);
    const before = await world.places();
    await world.check(definitionOf(of, 'suspect'), from, to);
    expect(await world.places()).toEqual(before);
  });
});
