import { randomUUID } from 'node:crypto';
import { healthSummary, listCheckResults, openDatabase, runSeriesChecks } from '@freshet/database';
import { startPostgres, type RunningPostgres } from '@freshet/testing';
import { curve, demand, replace } from './check-cases';
import { CheckWorld, checkedBy } from './check-world';

jest.setTimeout(180_000);
let postgres: RunningPostgres;
let world: CheckWorld;
beforeAll(async () => {
  postgres = await startPostgres();
  world = new CheckWorld(await openDatabase(await postgres.createDatabase('results')));
});
afterAll(async () => {
  await world.database.close();
  await postgres.stop();
});
beforeEach(() => world.empty());

const [from, to] = ['2026-03-02T00:00:00Z', '2026-03-03T00:00:00Z'];
const definition = checkedBy(
  'eia.demand',
  { kind: 'negative', severity: 'suspect' },
  { kind: 'non-integer', name: 'whole' },
);
const list = (limit = 100, of: { dataset?: string; runId?: string } = {}) =>
  listCheckResults(world.database, { ...of, limit });

describe('results of checks', () => {
  it('are stored one a check, and found by dataset and by run, newest first', async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    await world.store([{ series: demand(), start: from, values: ['-1', '2.5', '3'] }]);
    await world.check(definition, from, to, { runId: first });
    await world.check(definition, from, to, { runId: second });
    await world.check(definition, from, to);
    await world.check(checkedBy('eia.forecast', { kind: 'negative' }), from, to);
    expect((await list()).map(({ dataset, runId, name }) => [dataset, runId, name])).toEqual([
      ['eia.forecast', null, 'negative'],
      ['eia.demand', null, 'whole'],
      ['eia.demand', null, 'negative'],
      ['eia.demand', second, 'whole'],
      ['eia.demand', second, 'negative'],
      ['eia.demand', first, 'whole'],
      ['eia.demand', first, 'negative'],
    ]);
    expect(await list(2, { dataset: 'eia.demand' })).toHaveLength(2);
    expect(await list(100, { runId: second })).toEqual([
      expect.objectContaining({ name: 'whole', kind: 'non-integer', severity: 'note', evaluated: 3, failed: 1 }),
      {
        dataset: 'eia.demand',
        runId: second,
        name: 'negative',
        kind: 'negative',
        severity: 'suspect',
        from: '2026-03-02T00:00:00.000Z',
        to: '2026-03-03T00:00:00.000Z',
        evaluated: 3,
        failed: 1,
        examples: [{ series: 'PJM.demand', startsAt: '2026-03-02T00:00:00Z', value: '-1', detail: 'below zero' }],
        checkedAt: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
      },
    ]);
  });

  it('of a run are there once, however often it is checked', async () => {
    const runId = randomUUID();
    for (let times = 0; times < 3; times++) await world.check(definition, from, to, { runId });
    expect(await list()).toHaveLength(2);
  });

  it('go with a transaction that is given up', async () => {
    await world.store([{ series: demand(), start: from, values: ['-1'] }]);
    const holding = checkedBy('eia.demand', { kind: 'negative', severity: 'hold' });
    const scope = { from: new Date(from), to: new Date(to), runId: randomUUID() };
    const merge = world.database.transaction(async (tx) => {
      const [outcome] = await runSeriesChecks(tx, holding, scope);
      if (outcome?.held) throw new Error('held');
    });
    await expect(merge).rejects.toThrow('held');
    expect(await list()).toEqual([]);
  });

  it('are none for an empty window, or a dataset that is no time series', async () => {
    expect(await world.check(definition, to, to)).toEqual([]);
    const scope = { from: new Date(from), to: new Date(to), runId: null };
    const snapshot = { ...definition, timeseries: null };
    expect(await world.database.transaction((tx) => runSeriesChecks(tx, snapshot, scope))).toEqual([]);
    expect(await list()).toEqual([]);
  });
});

describe('the health of a dataset', () => {
  /** An hour and a half after the end of the day: with a lag of one hour, everything should be there. */
  const now = new Date('2026-03-03T01:30:00Z');

  it('is how much of the expected hours has a value, since each series began', async () => {
    await world.store([
      { series: demand('PJM'), start: from, values: replace(curve(24), 3, null, undefined) },
      { series: demand('CISO'), start: '2026-03-02T12:00:00Z', values: ['-1', ...curve(11)] },
    ]);
    await world.check(definition, from, to);
    const health = await healthSummary(world.database, definition, now);
    expect(health).toMatchObject({
      dataset: 'eia.demand',
      from: '2026-02-24T00:00:00.000Z',
      to: '2026-03-03T00:00:00.000Z',
      series: 2,
      expected: 36,
      observed: 34,
      suspect: 1,
      completeness: 34 / 36,
      newestEndsAt: '2026-03-03T00:00:00.000Z',
      checks: [
        { name: 'negative', evaluated: 34, failed: 1 },
        { name: 'whole', failed: 0 },
      ],
    });
  });

  it('is open where nothing is stored, and no question for a snapshot', async () => {
    expect(await healthSummary(world.database, definition, now)).toMatchObject({
      series: 0,
      expected: 0,
      completeness: null,
      newestEndsAt: null,
      checks: [],
    });
    expect(await healthSummary(world.database, { ...definition, timeseries: null }, now)).toBeNull();
  });
});
