import { openDatabase } from '@freshet/database';
import { startPostgres, type RunningPostgres } from '@freshet/testing';
import { curve, demand, flow, fuel, generation, hoursOf, interchange, replace, type Stored } from './check-cases';
import { CheckWorld, checkedBy } from './check-world';
import type { SeriesOf } from './hourly';

jest.setTimeout(180_000);
let postgres: RunningPostgres;
let world: CheckWorld;
beforeAll(async () => {
  postgres = await startPostgres();
  const url = await postgres.createDatabase('edges');
  // Sessions in a civil time with seams of its own must find the same.
  const setup = await openDatabase(url);
  await setup.execute(
    `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone TO %L', current_database(), 'America/New_York'); END $$`,
  );
  await setup.close();
  world = new CheckWorld(await openDatabase(url));
});
afterAll(async () => {
  await world.database.close();
  await postgres.stop();
});
beforeEach(() => world.empty());

const [from, to] = ['2026-03-02T00:00:00Z', '2026-03-03T00:00:00Z'];
const at = (series: SeriesOf, values: Stored['values'], start = from): Stored => ({ series, start, values });
const same = (value: string, hours: number): string[] => Array<string>(hours).fill(value);

it('is asked in a session of another time zone', async () => {
  expect(await world.database.query('SHOW timezone')).toEqual([{ TimeZone: 'America/New_York' }]);
});

describe('a window', () => {
  const negative = checkedBy('eia.demand', { kind: 'negative', severity: 'suspect' });

  it('includes its first hour and not the one at its end', async () => {
    await world.store([at(demand(), ['-1', '-2', '-3', '-4'])]);
    const outcome = await world.checkOne(negative, '2026-03-02T01:00:00Z', '2026-03-02T03:00:00Z');
    expect(outcome).toMatchObject({ evaluated: 2, failed: 2 });
    expect(outcome.examples.map(({ startsAt }) => startsAt)).toEqual(['2026-03-02T02:00:00Z', '2026-03-02T01:00:00Z']);
    expect(await world.suspects()).toEqual(hoursOf('PJM.demand', '2026-03-02', [1, 2]));
  });

  it('may be limited to some series', async () => {
    await world.store([at(demand('PJM'), ['-1']), at(demand('CISO'), ['-1'])]);
    const id = await world.series(demand('CISO'));
    expect(await world.checkOne(negative, from, to, { seriesIds: [id] })).toMatchObject({ evaluated: 1, failed: 1 });
    expect(await world.suspects()).toEqual(['CISO.demand 2026-03-02T00']);
  });

  it('shows the newest hour of every series before a second of any', async () => {
    await world.store([at(demand('PJM'), same('-1', 20)), at(demand('CISO'), same('-1', 2))]);
    const { failed, examples } = await world.checkOne(negative, from, to);
    expect([failed, examples.length]).toEqual([22, 10]);
    expect(examples.slice(0, 3).map(({ series, startsAt, value }) => `${series} ${startsAt} ${value}`)).toEqual([
      'CISO.demand 2026-03-02T01:00:00Z -1',
      'PJM.demand 2026-03-02T19:00:00Z -1',
      'CISO.demand 2026-03-02T00:00:00Z -1',
    ]);
  });
});

it('keeps a flag for as long as any check of severity suspect fails, and no longer than checks say so', async () => {
  const both = checkedBy(
    'eia.demand',
    { kind: 'negative', severity: 'suspect' },
    { kind: 'non-integer', severity: 'suspect' },
  );
  await world.store([at(demand(), ['-1.5', '2.5', '-3'])]);
  await world.check(both, from, to);
  expect(await world.suspects()).toEqual(hoursOf('PJM.demand', '2026-03-02', [0, 1, 2]));
  await world.store([at(demand(), ['1.5', '2', '-3'])]);
  await world.check(both, from, to);
  expect(await world.suspects()).toEqual(hoursOf('PJM.demand', '2026-03-02', [0, 2]));
  await world.check(checkedBy('eia.demand'), from, to);
  expect(await world.suspects()).toEqual([]);
});

describe('the balance', () => {
  const balance = (tolerance = 0, dataset = 'eia.demand') =>
    checkedBy(dataset, { kind: 'balance', severity: 'suspect', tolerance });

  it('has nothing to compare without the counterparts, or where one of them is of another source', async () => {
    await world.store([at(demand(), ['1', '2']), at(generation(), ['5', '6'])]);
    await world.store([at({ ...interchange(), dataset: 'ferc.net-generation' }, ['1', '1'])]);
    expect(await world.checkOne(balance(), from, to)).toMatchObject({ evaluated: 0, failed: 0, examples: [] });
  });

  it('goes on with the others where one respondent is missing', async () => {
    for (const respondent of ['PJM', 'CISO'])
      await world.store([at(demand(respondent), ['1', '2']), at(generation(respondent), ['1', '2'])]);
    await world.store([at(interchange('CISO'), ['0', '1'])]);
    expect(await world.checkOne(balance(), from, to)).toMatchObject({
      evaluated: 2,
      failed: 1,
      examples: [
        {
          series: 'CISO.demand',
          startsAt: '2026-03-02T01:00:00Z',
          value: '2',
          detail: 'net generation 2 minus total interchange 1 is 1',
        },
      ],
    });
  });

  it('bears a difference of just its tolerance', async () => {
    await world.store([at(demand(), ['10', '10']), at(generation(), ['12.1', '11.9']), at(interchange(), ['2', '2'])]);
    expect(await world.checkOne(balance(0.1), from, to)).toMatchObject({ evaluated: 2, failed: 0 });
    expect(await world.checkOne(balance(0.0999), from, to)).toMatchObject({ evaluated: 2, failed: 2 });
  });

  it('counts an hour once where a dataset has two of the three, and flags both', async () => {
    await world.store([at(demand(), ['10', '10']), at(generation(), ['12', '12']), at(interchange(), ['2', '3'])]);
    expect(await world.checkOne(balance(0, 'eia.net-generation'), from, to)).toMatchObject({ evaluated: 2, failed: 1 });
    expect(await world.suspects()).toEqual(['PJM.net-generation 2026-03-02T01', 'PJM.total-interchange 2026-03-02T01']);
  });
});

describe('the sum of fuels', () => {
  it('takes a fuel without a value as nothing, and says so', async () => {
    await world.store([at(generation(), ['9']), at(fuel('COL'), ['5']), at(fuel('OIL'), [null])]);
    const outcome = await world.checkOne(checkedBy('eia.fuel-mix', { kind: 'fuel-sum', tolerance: 0 }), from, to);
    expect(outcome).toMatchObject({ evaluated: 1, failed: 1 });
    expect(outcome.examples[0]).toMatchObject({
      series: 'PJM.net-generation',
      detail: '1 fuels sum to 5, 1 without a value',
    });
  });

  it('does not take natural gas for net generation, which has the same code', async () => {
    await world.store([at(fuel('NG'), ['5']), at(fuel('COL'), ['5'])]);
    const fuelSum = checkedBy('eia.fuel-mix', { kind: 'fuel-sum', tolerance: 0 });
    expect(await world.checkOne(fuelSum, from, to)).toMatchObject({ evaluated: 0 });
  });
});

it('compares a pair whose directions are stored by two datasets of the source', async () => {
  const elsewhere = { ...flow('PJM', 'MISO'), dataset: 'eia.interchange-east' };
  await world.store([at(flow('MISO', 'PJM'), ['5', '6']), at(elsewhere, ['-5', '5'])]);
  const symmetry = checkedBy('eia.interchange', { kind: 'pair-symmetry', severity: 'suspect', tolerance: 0 });
  expect(await world.checkOne(symmetry, from, to)).toMatchObject({ evaluated: 2, failed: 1 });
  expect(await world.suspects()).toEqual(['MISO-PJM.interchange 2026-03-02T01']);
});

describe('an identical run', () => {
  const run = (hours: number, ignoreZero = true) =>
    checkedBy('eia.demand', { kind: 'identical-run', severity: 'suspect', hours, ignoreZero });

  it('is seen across the borders of the window, of a day and of a month', async () => {
    await world.store([at(demand(), ['1', ...same('7', 6), '2'], '2026-02-28T20:00:00Z')]);
    const outcome = await world.checkOne(run(6), '2026-03-01T00:00:00Z', '2026-03-01T01:00:00Z');
    expect(outcome).toMatchObject({ evaluated: 1, failed: 1 });
    expect(await world.suspects()).toEqual([
      ...hoursOf('PJM.demand', '2026-02-28', [21, 22, 23]),
      ...hoursOf('PJM.demand', '2026-03-01', [0, 1, 2]),
    ]);
  });

  it('is not made of the same value before and after another, or around a missing one', async () => {
    await world.store([at(demand(), ['7', '7', '8', '7', '7', null, '7', '7', undefined, '7', '7'])]);
    expect(await world.checkOne(run(3), from, to)).toMatchObject({ evaluated: 9, failed: 0 });
  });

  it('may be of zeros, where they are looked at', async () => {
    await world.store([at(demand(), ['0', '0', '0.0', '1'])]);
    expect(await world.checkOne(run(3, false), from, to)).toMatchObject({ evaluated: 4, failed: 3 });
    expect(await world.checkOne(run(3, true), from, to)).toMatchObject({ evaluated: 1, failed: 0 });
  });
});

describe('a spike', () => {
  const spike = checkedBy('eia.demand', { kind: 'spike', severity: 'suspect', factor: 12, windowHours: 25 });

  it('is none in a series that hardly moves, or that mostly rests', async () => {
    const still = replace(same('1000', 30), 15, '1400');
    const resting = replace(same('0', 30), 15, '5000');
    await world.store([at(demand('PJM'), still), at(demand('CISO'), resting)]);
    expect(await world.checkOne(spike, from, '2026-03-04T00:00:00Z')).toMatchObject({ evaluated: 30, failed: 0 });
  });

  it('is one in a series that stands still, from far enough', async () => {
    await world.store([at(demand(), replace(same('1000', 30), 15, '1601'))]);
    expect(await world.checkOne(spike, from, to)).toMatchObject({ failed: 1 });
  });

  it('is not looked for where less than 40 % of the window has values', async () => {
    await world.store([at(demand(), replace(curve(10), 4, '90000'))]);
    expect(await world.checkOne(spike, from, to)).toMatchObject({ evaluated: 0 });
    await world.store([at(demand(), replace(curve(11), 4, '90000'))]);
    expect(await world.checkOne(spike, from, to)).toMatchObject({ evaluated: 11, failed: 1 });
  });

  it('is measured by the quarter of the day it lies in, and ten hours on each side of that', async () => {
    await world.store([
      at(demand(), same('100', 10), '2026-03-01T20:00:00Z'),
      at(demand(), [...same('100', 6), ...same('900', 6), ...same('100', 4), ...same('900', 8)], from),
    ]);
    const quarter = await world.checkOne(spike, '2026-03-02T06:00:00Z', '2026-03-02T12:00:00Z');
    expect(quarter).toMatchObject({ evaluated: 6, failed: 6 });
    expect(quarter.examples[0]?.detail).toBe('median 100.0, typical deviation 5.0');
  });
});

describe('a repeated day', () => {
  const repeated = checkedBy('eia.demand', { kind: 'repeated-day', severity: 'suspect' });
  const [begin, end] = [from, '2026-03-06T00:00:00Z'];

  it('may begin at any hour, as days of local time do', async () => {
    const own = curve(24, 3000);
    await world.store([at(demand(), [...curve(5), ...own, ...own, ...curve(5, 9000)])]);
    expect(await world.checkOne(repeated, begin, end)).toMatchObject({ evaluated: 34, failed: 24 });
    expect((await world.suspects())[0]).toBe('PJM.demand 2026-03-03T05');
  });

  it('is none with 23 hours, a missing hour, or one value all along', async () => {
    const day = curve(24);
    await world.store([
      at(demand('PJM'), [...day, ...replace(day, 23, '1')]),
      at(demand('CISO'), [...day, ...replace(day, 12, undefined)]),
      at(demand('MISO'), same('7', 72)),
    ]);
    expect(await world.checkOne(repeated, begin, end)).toMatchObject({ evaluated: 24 + 23 + 48, failed: 0 });
  });
});

describe('a seam of civil time', () => {
  const seam = checkedBy('eia.demand', { kind: 'dst-seam', severity: 'suspect' });
  const check = (day: string) =>
    world.checkOne(seam, `${day}T00:00:00Z`, new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString());
  /** Hour 0 of the curve is midnight UTC of the day. */
  const on = (
    day: string,
    respondent: string,
    ...[hour, ...by]: [number, ...Array<string | null | undefined>]
  ): Stored => at(demand(respondent), replace(curve(24), hour, ...by), `${day}T00:00:00Z`);

  it.each([
    ['2026-03-08', 'PJM', 7],
    ['2026-03-08', 'ERCO', 8],
    ['2026-03-08', 'PACE', 9],
    ['2026-03-08', 'CISO', 10],
    ['2026-11-01', 'PJM', 6],
    ['2026-11-01', 'ERCO', 7],
    ['2026-11-01', 'PACE', 8],
    ['2026-11-01', 'CISO', 9],
  ])('is on %s for %s before %i o’clock UTC', async (day, respondent, hour) => {
    for (const missing of [hour - 1, hour]) {
      await world.empty();
      await world.store([on(day, respondent, missing, undefined)]);
      expect(await check(day)).toMatchObject({ evaluated: 1, failed: 1 });
      expect(await world.suspects()).toEqual(
        hoursOf(`${respondent}.demand`, day, [missing === hour ? hour - 1 : hour]),
      );
      await world.store([on(day, respondent, missing, null)]);
      expect(await check(day)).toMatchObject({ evaluated: 1, failed: 1 });
    }
    await world.store([on(day, respondent, hour - 1, '500', '500')]);
    expect((await check(day)).examples).toMatchObject([
      { detail: 'the hours on both sides of the change of clocks are the same' },
    ]);
    await world.store([on(day, respondent, 0, '1')]);
    expect(await check(day)).toMatchObject({ evaluated: 1, failed: 0 });
  });

  it('is none where no summer time is kept, or on any other day', async () => {
    for (const respondent of ['AZPS', 'MISO', 'US48']) await world.store([on('2026-11-01', respondent, 0, '1')]);
    await world.store([on('2026-10-31', 'PJM', 6, undefined)]);
    expect(await check('2026-11-01')).toMatchObject({ evaluated: 0 });
    expect(await check('2026-10-31')).toMatchObject({ evaluated: 0 });
  });

  it('is not judged by zeros, by a series that stands still, or in the middle of a gap', async () => {
    await world.store([
      on('2026-11-01', 'PJM', 5, '0', '0'),
      on('2026-11-01', 'NYIS', 4, '7', '7', '7', '7'),
      on('2026-11-01', 'ISNE', 4, undefined, undefined, undefined),
    ]);
    expect(await check('2026-11-01')).toMatchObject({ evaluated: 2, failed: 0 });
  });
});

describe('the count of a day', () => {
  const count = (expectedPerDay: number | null = 24, dataset = 'eia.demand') =>
    checkedBy(dataset, { kind: 'count', expectedPerDay });

  it('is of whole days in the window only', async () => {
    await world.store([at(demand(), curve(72))]);
    const three = await world.checkOne(count(), '2026-03-01T13:00:00Z', '2026-03-05T00:00:00Z');
    expect(three).toMatchObject({ evaluated: 3, failed: 0 });
    const none = await world.checkOne(count(), '2026-03-02T00:00:00Z', '2026-03-02T23:00:00Z');
    expect(none).toMatchObject({ evaluated: 0 });
  });

  it('waits for the publication lag', async () => {
    await world.store([at(demand(), curve(20))]);
    const asOf = (now: string) => world.checkOne(count(), from, to, { now: new Date(now) });
    expect(await asOf('2026-03-03T00:59:59Z')).toMatchObject({ evaluated: 0 });
    expect(await asOf('2026-03-03T01:00:00Z')).toMatchObject({
      evaluated: 1,
      failed: 1,
      examples: [{ series: 'PJM.demand', value: '20', detail: '20 values of PJM in a day, 24 expected' }],
    });
  });

  it('misses a respondent that has nothing stored, unless only some series are looked at', async () => {
    expect(await world.checkOne(count(), from, to)).toMatchObject({
      failed: 1,
      examples: [{ series: 'PJM', value: '0' }],
    });
    await world.store([at(demand('CISO'), curve(24))]);
    const id = await world.series(demand('CISO'));
    expect(await world.checkOne(count(), from, to, { seriesIds: [id] })).toMatchObject({ evaluated: 1, failed: 0 });
  });

  it('expects a whole day of every series that has values, where no number is given', async () => {
    const fuels = count(null, 'eia.fuel-mix');
    await world.store([at(fuel('COL'), curve(48)), at(fuel('NUC'), curve(48)), at(fuel('UNK'), [null, null])]);
    const check = (): ReturnType<CheckWorld['checkOne']> => world.checkOne(fuels, from, '2026-03-04T00:00:00Z');
    expect(await check()).toMatchObject({ evaluated: 2, failed: 0 });
    await world.store([at(fuel('SUN'), curve(40))]);
    expect(await check()).toMatchObject({
      evaluated: 2,
      failed: 1,
      examples: [{ startsAt: '2026-03-03T00:00:00Z', detail: '64 values of PJM in a day, 72 expected' }],
    });
    await world.empty();
    expect(await check()).toMatchObject({ evaluated: 2, failed: 2, examples: [{ series: 'PJM' }, { series: 'PJM' }] });
  });

  it('adds the series of a respondent, also one too many', async () => {
    await world.store([at(generation(), curve(24)), at(interchange(), curve(24))]);
    expect(await world.checkOne(count(48, 'eia.net-generation'), from, to)).toMatchObject({ evaluated: 1, failed: 0 });
    expect(await world.checkOne(count(24, 'eia.net-generation'), from, to)).toMatchObject({ evaluated: 1, failed: 1 });
  });
});

it('knows the range of one respondent, not of a sum of several', async () => {
  await world.store([at({ ...demand('US48'), aggregate: true }, ['900000']), at(demand(), ['900000'])]);
  const range = checkedBy('eia.demand', { kind: 'range', min: null, max: 250000 });
  expect(await world.checkOne(range, from, to)).toMatchObject({
    evaluated: 1,
    failed: 1,
    examples: [{ series: 'PJM.demand', detail: 'above 250000' }],
  });
});
