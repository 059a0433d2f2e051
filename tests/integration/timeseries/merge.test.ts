import 'reflect-metadata';
import { datasetViews, diffGenerations, ensureMonths, publish, retain, rollback } from '@freshet/database';
import { startPostgres, type RunningPostgres } from '@freshet/testing/postgres';
import {
  MergeWorld,
  dataset,
  demand,
  fuel,
  hoursFrom,
  interchange,
  type Answer,
  type Record,
  type Refresh,
} from './merge-world';

const DAY = { from: '2026-03-01T00:00:00.000Z', to: '2026-03-02T00:00:00.000Z' };
const START = DAY.from;
const NEXT = '2026-03-01T01:00:00.000Z';
const NOON = '2026-03-02T12:00:00.000Z';
const ONE = '2026-03-02T13:00:00.000Z';
const TWO = '2026-03-02T14:00:00.000Z';
const DEMAND = dataset('eia.demand');

const answered = (at: string, ...records: Record[]): Answer => ({ at, records });
const day = (...answers: Answer[]): Refresh => ({ window: DAY, answers });

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
    const values = ['-.2100', '1263.6001', '0.1', '123456789012345678901234567890.000000000000000000001'];
    const records = values.map((value, hour) => demand(hoursFrom(START, 4)[hour] ?? '', value));
    const merged = await world.refresh(DEMAND, day(answered(NOON, ...records)));
    expect(merged).toMatchObject({
      outcome: 'published',
      generation: null,
      merge: { added: 4, changed: 0, unchanged: 0, late: 0, duplicates: 0, newSeries: ['PJM.demand'] },
    });
    expect((await world.stored()).map(({ value }) => value)).toEqual(['-0.2100', ...values.slice(1)]);
    const [first] = await world.database.query(
      'SELECT starts_at, ends_at, answered_at, first_seen, corrected_starts_at, chunk, "row", source FROM freshet.observation ORDER BY starts_at LIMIT 1',
    );
    expect(first).toEqual({
      starts_at: new Date(START),
      ends_at: new Date(NEXT),
      answered_at: new Date(NOON),
      first_seen: new Date(NOON),
      corrected_starts_at: null,
      chunk: 0,
      row: 0,
      source: records[0]?.['source'],
    });
    expect(await world.database.query('SELECT * FROM freshet.series')).toEqual([
      expect.objectContaining({
        dataset: 'eia.demand',
        name: 'PJM.demand',
        respondent: 'PJM',
        aggregate: false,
        kind: 'demand',
        unit: 'MWh',
        codes: { respondent: 'PJM', type: 'D' },
        resolution_seconds: 3600,
      }),
    ]);
    expect(await world.world.stagingTables()).toBe(0);
  });

  it('records what was asked, answered and done', async () => {
    const refresh: Refresh = {
      window: DAY,
      selected: ['PJM', 'CISO'],
      answers: [answered(ONE, demand(START, '1')), answered(NOON, demand(START, '2', 'CISO'))],
    };
    const { plan } = await world.refresh(DEMAND, refresh);
    expect(await world.database.query('SELECT * FROM freshet.merge')).toEqual([
      expect.objectContaining({
        run_id: plan.runId,
        task_id: plan.taskId,
        attempt: 1,
        content_version: DEMAND.contentVersion,
        window_from: new Date(DAY.from),
        window_to: new Date(DAY.to),
        selected: ['PJM', 'CISO'],
        first_answered_at: new Date(NOON),
        answered_at: new Date(ONE),
        requests: [expect.objectContaining({ chunks: [0, 0] }), expect.objectContaining({ chunks: [1, 1] })],
        added: 2,
      }),
    ]);
    const at = await world.database.query('SELECT answered_at FROM freshet.observation ORDER BY chunk');
    expect(at).toEqual([{ answered_at: new Date(ONE) }, { answered_at: new Date(NOON) }]);
  });

  it('writes nothing for what it has already, however often and by however many it is merged', async () => {
    const records = hoursFrom(START, 24).map((start, hour) => demand(start, String(hour * 1.5)));
    await world.refresh(DEMAND, day(answered(NOON, ...records)));
    const places = (): Promise<unknown[]> =>
      world.database.query('SELECT ctid, xmin, * FROM freshet.observation ORDER BY starts_at');
    const before = await places();
    const plans = [];
    for (let count = 0; count < 6; count++) plans.push(await world.stage(DEMAND, day(answered(ONE, ...records))));
    // Every command delivered twice, all at once.
    const merged = await Promise.all([...plans, ...plans].map((plan) => world.merge(plan)));
    expect(
      merged.filter(({ decidedNow }) => decidedNow).map(({ outcome, merge }) => [outcome, merge?.unchanged]),
    ).toEqual(Array.from({ length: 6 }, () => ['unchanged', 24]));
    expect(await places()).toEqual(before);
    expect(await world.revisions()).toEqual([]);
    expect(await world.world.count('freshet.merge')).toBe(7);
    expect(await world.world.stagingTables()).toBe(0);
  });

  it('takes a value written differently for the same', async () => {
    await world.refresh(DEMAND, day(answered(NOON, demand(START, '12.50'))));
    expect(await world.refresh(DEMAND, day(answered(ONE, demand(START, '12.5'))))).toMatchObject({
      outcome: 'unchanged',
    });
    expect(await world.stored()).toMatchObject([{ value: '12.50' }]);
  });

  it('keeps a changed value as a revision', async () => {
    const { plan: first } = await world.refresh(DEMAND, day(answered(NOON, demand(START, '879'))));
    const { plan: second, ...merged } = await world.refresh(DEMAND, day(answered(ONE, demand(START, '6151'))));
    expect(merged).toMatchObject({ outcome: 'published', merge: { added: 0, changed: 1 } });
    const revisions = await world.database.query(
      `SELECT r.old_value, r.new_value, r.old_source, r.seen_at, r.late, r.run_id, m.run_id AS old_run FROM freshet.observation_revision r JOIN freshet.merge m ON m.id = r.old_merge_id`,
    );
    expect(revisions).toEqual([
      {
        old_value: '879',
        new_value: '6151',
        old_source: demand(START, '879')['source'],
        seen_at: new Date(ONE),
        late: false,
        run_id: second.runId,
        old_run: first.runId,
      },
    ]);
    const [stored] = await world.database.query(
      'SELECT value, first_seen, answered_at, source FROM freshet.observation',
    );
    expect(stored).toEqual({
      value: '6151',
      first_seen: new Date(NOON),
      answered_at: new Date(ONE),
      source: demand(START, '6151')['source'],
    });
  });

  it('puts an answer older than the stored one into the history and not on top', async () => {
    await world.refresh(DEMAND, day(answered(ONE, demand(START, '6151'))));
    for (const at of [NOON, '2026-03-02T11:00:00.000Z']) {
      const merged = await world.refresh(DEMAND, day(answered(at, demand(START, '879'), demand(NEXT, '5'))));
      expect(merged.merge).toMatchObject({ changed: 0, late: 1 });
    }
    expect(await world.stored()).toMatchObject([{ value: '6151' }, { value: '5' }]);
    // What the history has is not written into it again.
    expect(await world.revisions()).toEqual([
      { series: 'PJM.demand', startsAt: START, from: '6151', to: '879', late: true },
    ]);
  });

  it('knows an answer as late when a newer one has confirmed the stored value since', async () => {
    await world.refresh(DEMAND, day(answered(NOON, demand(START, '6151'))));
    await world.refresh(DEMAND, day(answered(TWO, demand(START, '6151'))));
    const late = await world.refresh(DEMAND, day(answered(ONE, demand(START, '879'))));
    expect(late).toMatchObject({ outcome: 'unchanged', merge: { late: 1 } });
    expect(await world.stored()).toMatchObject([{ value: '6151' }]);
  });

  it.each([
    ['another window', { window: { from: NEXT, to: DAY.to } }],
    ['other respondents', { selected: ['CISO'] }],
  ])('does not take a newer answer about %s for a confirmation', async (_, other) => {
    await world.refresh(DEMAND, day(answered(NOON, demand(START, '6151'))));
    await world.refresh(DEMAND, { ...day(answered(TWO, demand(NEXT, '1', 'CISO'))), ...other });
    const merged = await world.refresh(DEMAND, day(answered(ONE, demand(START, '879'))));
    expect(merged.merge).toMatchObject({ changed: 1, late: 0 });
  });

  it('has a null as missing, and what replaces it or is replaced by it as a revision', async () => {
    await world.refresh(DEMAND, day(answered(NOON, demand(START, null), demand(NEXT, '7'))));
    expect((await world.stored()).map(({ value, quality }) => [value, quality])).toEqual([
      [null, 'missing'],
      ['7', 'good'],
    ]);
    await world.refresh(DEMAND, day(answered(ONE, demand(START, null), demand(NEXT, null))));
    await world.refresh(DEMAND, day(answered(TWO, demand(START, '0'), demand(NEXT, null))));
    expect((await world.stored()).map(({ value, quality }) => [value, quality])).toEqual([
      ['0', 'good'],
      [null, 'missing'],
    ]);
    expect((await world.revisions()).map(({ from, to }) => [from, to])).toEqual([
      ['7', null],
      [null, '0'],
    ]);
  });

  it('takes the last of several rows for one interval, and counts the others', async () => {
    const merged = await world.refresh(
      DEMAND,
      day(answered(NOON, demand(START, '1'), demand(START, '2')), answered(ONE, demand(START, '3'), demand(NEXT, '4'))),
    );
    expect(merged.merge).toMatchObject({ added: 2, duplicates: 2 });
    expect(await world.stored()).toMatchObject([{ value: '3' }, { value: '4' }]);
    const again = await world.refresh(DEMAND, day(answered(TWO, demand(START, '9'), demand(START, '3'))));
    expect(again).toMatchObject({ outcome: 'unchanged', merge: { unchanged: 1, duplicates: 1 } });
  });

  it('keeps what is stored where rows for one interval contradict each other, in whatever order they come', async () => {
    const [one, other] = [demand(START, '5'), demand(START, '6')];
    await world.refresh(DEMAND, day(answered(NOON, one, other)));
    expect(await world.stored()).toMatchObject([{ value: '6' }]);
    for (const rows of [
      [other, one],
      [one, other],
    ])
      expect(await world.refresh(DEMAND, day(answered(ONE, ...rows)))).toMatchObject({
        outcome: 'unchanged',
        merge: { unchanged: 1, duplicates: 1 },
      });
    expect(await world.revisions()).toEqual([]);
    // A value of neither is a revision.
    await world.refresh(DEMAND, day(answered(TWO, demand(START, '8'), demand(START, null))));
    expect((await world.stored())[0]).toMatchObject({ value: null });
  });

  it('knows rows as duplicates that write the same series in two ways', async () => {
    const other = { ...demand(START, '2'), type: 'demand' };
    const merged = await world.refresh(DEMAND, day(answered(NOON, demand(START, '1'), other, demand(NEXT, '3'))));
    expect(merged.merge).toMatchObject({ added: 2, duplicates: 1, newSeries: ['PJM.demand'] });
    expect(await world.stored()).toMatchObject([{ value: '2' }, { value: '3' }]);
  });

  it('records a run without rows, and takes it for a confirmation of nothing', async () => {
    const merged = await world.refresh(DEMAND, day());
    expect(merged).toMatchObject({ outcome: 'unchanged', merge: { added: 0, unchanged: 0, newSeries: [] } });
    expect(await world.database.query('SELECT confirmed_at FROM freshet.dataset')).toEqual([{ confirmed_at: null }]);
  });

  it('keeps codes nobody has seen before, and codes that mean two things apart', async () => {
    const mix = dataset('eia.fuel-mix');
    const merged = await world.refresh(mix, day(answered(NOON, fuel(START, '-3', 'NG'), fuel(START, '5', 'FUSION'))));
    expect(merged.merge?.newSeries).toEqual(['PJM.fuel.FUSION', 'PJM.fuel.NG']);
    await world.refresh(dataset('eia.net-generation'), day(answered(NOON, { ...demand(START, '80'), type: 'NG' })));
    expect(await world.stored()).toMatchObject([
      { series: 'PJM.fuel.FUSION', value: '5' },
      { series: 'PJM.fuel.NG', value: '-3' },
      { series: 'PJM.net-generation', value: '80' },
    ]);
  });

  it('marks sums over others, on either side of a flow', async () => {
    await world.refresh(DEMAND, day(answered(NOON, demand(START, '1', 'US48'), demand(START, '1', 'PJM'))));
    await world.refresh(
      dataset('eia.interchange'),
      day(answered(NOON, interchange(START, '1', 'PJM', 'MISO'), interchange(START, '1', 'PJM', 'MIDW'))),
    );
    expect(await world.database.query('SELECT name, aggregate FROM freshet.series ORDER BY dataset, name')).toEqual([
      { name: 'PJM.demand', aggregate: false },
      { name: 'US48.demand', aggregate: true },
      { name: 'PJM-MIDW.interchange', aggregate: true },
      { name: 'PJM-MISO.interchange', aggregate: false },
    ]);
  });

  it('makes the months it needs, over the end of a year too', async () => {
    const window = { from: '2025-12-31T20:00:00.000Z', to: '2026-01-01T04:00:00.000Z' };
    const records = hoursFrom(window.from, 8).map((start, hour) => demand(start, String(hour)));
    await world.refresh(DEMAND, { window, answers: [answered(NOON, ...records)] });
    const counts = await world.database.query(
      'SELECT tableoid::regclass::text AS month, count(*) AS "rows" FROM freshet.observation GROUP BY 1 ORDER BY 1',
    );
    expect(counts).toEqual([
      { month: 'freshet.observation_2025_12', rows: 4 },
      { month: 'freshet.observation_2026_01', rows: 4 },
    ]);
    expect((await world.stored()).map(({ startsAt }) => startsAt)).toEqual(hoursFrom(window.from, 8));
  });

  it('makes months once when several want them at the same time', async () => {
    const months = [new Date('2031-01-01T00:00:00Z'), new Date('2031-02-01T00:00:00Z')];
    const made = await Promise.all(Array.from({ length: 6 }, () => ensureMonths(world.database, months)));
    expect(made.flat().sort()).toEqual(['observation_2031_01', 'observation_2031_02']);
  });

  it('refuses a run for whose months there is no room, and says so', async () => {
    await world.database.query('CREATE VIEW freshet.observation_2032_01 AS SELECT 1 AS "in the way"');
    const start = '2032-01-15T00:00:00.000Z';
    const window = { from: start, to: '2032-01-16T00:00:00.000Z' };
    const merged = await world.refresh(DEMAND, { window, answers: [answered(NOON, demand(start, '1'))] });
    expect(merged).toMatchObject({ outcome: 'refused', failure: { code: 'schema_change_blocked' } });
    expect(await world.stored()).toEqual([]);
  });

  it('leaves nothing of a merge that dies on the way, and does it whole the next time', async () => {
    await world.refresh(DEMAND, day(answered(NOON, demand(START, '1'))));
    const plan = await world.stage(DEMAND, day(answered(ONE, demand(START, '2'), demand(NEXT, '3', 'CISO'))));
    const before = [await world.stored(), await world.revisions()];
    const dying = await world.database.transaction(async (tx) => {
      // The last thing a merge writes before its outcome: it waits for us, with everything else done.
      await tx.query('SELECT FROM freshet.dataset WHERE id = $1 FOR UPDATE', [DEMAND.id]);
      const merging = world.merge(plan).catch((error: unknown) => error);
      const waiting = `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE freshet.dataset%' AND datname = current_database()`;
      let [found] = await world.database.query<{ pid: number }>(waiting);
      while (!found) [found] = await world.database.query<{ pid: number }>(waiting);
      await world.database.query('SELECT pg_terminate_backend($1)', [found.pid]);
      return merging;
    });
    expect(dying).toMatchObject({ code: 'dependency_unavailable' });
    expect([await world.stored(), await world.revisions()]).toEqual(before);
    expect(await world.world.count('freshet.series')).toBe(1);
    expect(await world.merge(plan)).toMatchObject({ outcome: 'published', merge: { added: 1, changed: 1 } });
    expect(await world.merge(plan)).toMatchObject({ outcome: 'published', decidedNow: false, merge: null });
  });

  it('shows corrected stamps beside the published ones while that is switched on', async () => {
    const entries = [
      { respondents: ['PJM'], from: NEXT, to: '2026-03-01T03:00:00Z', shiftHours: -1, reason: 'for the test' },
      { respondents: ['CISO'], from: null, to: null, shiftHours: 4, reason: 'for the test' },
    ];
    const on = dataset('eia.demand', { corrections: { enabled: true, entries } });
    const off = dataset('eia.demand', { corrections: { enabled: false, entries } });
    const records = hoursFrom(START, 4).map((start) => demand(start, '1'));
    const corrected = async (): Promise<unknown[]> =>
      (
        await world.database.query<{ hours: number | null }>(
          `SELECT extract(epoch FROM o.corrected_starts_at - o.starts_at)::int / 3600 AS hours FROM freshet.observation o JOIN freshet.series s ON s.id = o.series_id ORDER BY s.name DESC, starts_at`,
        )
      ).map(({ hours }) => hours);
    const refresh = (at: string): Refresh => day(answered(at, ...records, demand(START, '1', 'CISO')));
    await world.refresh(on, refresh(NOON));
    expect(await corrected()).toEqual([null, -1, -1, null, 4]);
    const without = await world.refresh(off, refresh(ONE));
    expect(without).toMatchObject({ outcome: 'unchanged', merge: { unchanged: 5, changed: 0 } });
    expect(await corrected()).toEqual([null, null, null, null, null]);
    await world.refresh(on, refresh(TWO));
    expect(await corrected()).toEqual([null, -1, -1, null, 4]);
    expect(await world.revisions()).toEqual([]);
  });

  it('stores nothing of a run that a check holds back but what the check found', async () => {
    await world.refresh(DEMAND, day(answered(NOON, demand(START, '1'))));
    const strict = dataset('eia.demand', { checks: [{ name: 'no-debt', kind: 'negative', severity: 'hold' }] });
    const refused = await world.refresh(strict, day(answered(ONE, demand(START, '-5'), demand(NEXT, '5'))));
    expect(refused).toMatchObject({
      outcome: 'refused',
      merge: null,
      failure: { code: 'check_failed', kind: 'terminal' },
    });
    expect(await world.stored()).toMatchObject([{ startsAt: START, value: '1', quality: 'good' }]);
    expect(await world.world.count('freshet.merge')).toBe(1);
    expect(await world.database.query('SELECT run_id, name, evaluated, failed FROM freshet.check_result')).toEqual([
      { run_id: refused.plan.runId, name: 'no-debt', evaluated: 2, failed: 1 },
    ]);
  });

  it('flags what a check suspects, and takes a flagged value for the same', async () => {
    const wary = dataset('eia.demand', { checks: [{ name: 'negative', kind: 'negative', severity: 'suspect' }] });
    await world.refresh(wary, day(answered(NOON, demand(START, '-5'), demand(NEXT, '5'))));
    const again = await world.refresh(wary, day(answered(ONE, demand(START, '-5'), demand(NEXT, '5'))));
    expect(again).toMatchObject({ outcome: 'unchanged' });
    expect((await world.stored()).map(({ quality }) => quality)).toEqual(['suspect', 'good']);
    await world.refresh(wary, day(answered(TWO, demand(START, '6'))));
    expect((await world.stored()).map(({ quality }) => quality)).toEqual(['good', 'good']);
  });

  it('refuses a series whose unit changes', async () => {
    await world.refresh(DEMAND, day(answered(NOON, demand(START, '1'))));
    const kilo = { ...demand(NEXT, '1000'), 'value-units': 'kilowatthours' };
    expect(await world.refresh(DEMAND, day(answered(ONE, kilo)))).toMatchObject({
      outcome: 'refused',
      failure: { code: 'check_failed', message: 'the unit of PJM.demand was MWh and is now kilowatthours' },
    });
    const unsaid = { ...demand(NEXT, '2'), 'value-units': null };
    expect(await world.refresh(DEMAND, day(answered(TWO, unsaid)))).toMatchObject({ outcome: 'published' });
  });

  it('is confirmed as far as the respondent that is furthest behind', async () => {
    const confirmed = async (): Promise<unknown> => {
      const [row] = await world.database.query<{ at: Date }>('SELECT confirmed_at AS at FROM freshet.dataset');
      return row?.at.toISOString();
    };
    const newest = '2026-03-01T09:00:00.000Z';
    await world.refresh(
      DEMAND,
      day(
        answered(
          NOON,
          demand(newest, '1'),
          demand(START, '1', 'CISO'),
          demand(NEXT, null, 'CISO'),
          demand(START, '1', 'TVA'),
        ),
      ),
    );
    // Its end, and the lag of an hour. TVA is not asked for by the definition, MISO has never had a value.
    expect(await confirmed()).toBe('2026-03-01T02:00:00.000Z');
    const { plan } = await world.refresh(DEMAND, day(answered(ONE, demand(NEXT, '1', 'CISO'))));
    expect(await confirmed()).toBe('2026-03-01T03:00:00.000Z');
    expect(
      await world.database.query('SELECT confirmed_at FROM freshet.publication WHERE run_id = $1', [plan.runId]),
    ).toEqual([{ confirmed_at: new Date('2026-03-01T03:00:00.000Z') }]);
    const [view] = await datasetViews(world.database, [DEMAND], new Date('2026-03-01T05:00:00Z'));
    expect(view).toMatchObject({
      freshness: 'stale',
      generation: null,
      rows: 4,
      confirmedAt: '2026-03-01T03:00:00.000Z',
    });
    expect(view?.publishedAt).not.toBeNull();
    const ahead = new Date(Date.now() + 5 * 3_600_000).toISOString().replace(/:.*/, ':00:00.000Z');
    const window = { from: START, to: '2100-01-01T00:00:00Z' };
    await world.refresh(DEMAND, { window, answers: [answered(TWO, demand(ahead, '1'), demand(ahead, '1', 'CISO'))] });
    expect(new Date(String(await confirmed())).getTime()).toBeLessThanOrEqual(Date.now());
  });

  it('does nothing for a run that is not waiting, of another definition, or fenced', async () => {
    const other = await world.stage(DEMAND, day(answered(NOON, demand(START, '1'))));
    const changed = { ...DEMAND, contentVersion: 'another' };
    await expect(world.merge({ ...other, definition: changed })).rejects.toMatchObject({ code: 'definition_unknown' });
    await world.world.nextAttempt(other);
    expect(await world.merge(other)).toMatchObject({ outcome: 'skipped', merge: null });
    expect(await world.stored()).toEqual([]);
  });

  it('refuses rows that are not those of the ledger', async () => {
    const plan = await world.stage(DEMAND, day(answered(NOON, demand(START, '1'), demand(NEXT, '2'))));
    await world.database.execute(
      `DELETE FROM freshet_stage."${plan.taskId.replaceAll('-', '')}_1_demand" WHERE _row = 1`,
    );
    expect(await world.merge(plan)).toMatchObject({ outcome: 'refused', failure: { code: 'balance_mismatch' } });
    expect(await world.stored()).toEqual([]);
  });

  it('has no generations to roll back to, to compare or to let go of', async () => {
    const { plan } = await world.refresh(DEMAND, day(answered(NOON, demand(START, '1'))));
    const none = { code: 'not_found', message: expect.stringContaining('has no generations') };
    await expect(rollback(world.database, DEMAND.id)).rejects.toMatchObject(none);
    await expect(diffGenerations(world.database, DEMAND, plan.generation, plan.generation)).rejects.toMatchObject(none);
    const retained = await retain(world.database, { dataset: DEMAND.id, keep: 2, resources: ['demand'] });
    expect(retained).toMatchObject({ retired: [], dropped: [], waiting: [] });
    expect(await publish(world.database, DEMAND, plan.runId)).toMatchObject({
      outcome: 'published',
      decidedNow: false,
    });
    expect(await world.stored()).toHaveLength(1);
  });
});
