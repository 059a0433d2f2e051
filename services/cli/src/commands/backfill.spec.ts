import type { BackfillPlanView, BackfillView, GapView } from '@freshet/contracts';
import { runCli } from '../program';
import { BSEE, FakeCoordinator, runId, runView } from '../testing/fake-coordinator';
import { fakeWorld, type FakeWorld } from '../testing/fake-world';

const ID = runId(7);
const EIA = BSEE.slice(0, 1).map((dataset) => ({ ...dataset, id: 'eia.demand', source: 'eia', mode: 'timeseries' }));

const backfill = (over: Partial<BackfillView> = {}, counts: Partial<BackfillView['counts']> = {}): BackfillView => ({
  id: ID,
  dataset: 'eia.demand',
  origin: 'manual',
  from: '2026-11-01T00:00:00.000Z',
  to: '2026-11-06T00:00:00.000Z',
  selected: ['PJM', 'CISO'],
  state: 'running',
  requestedAt: '2026-11-20T10:00:00.000Z',
  counts: { pending: 0, leased: 0, done: 0, skipped: 0, failed: 0, ...counts },
  ...over,
});
const window = { selected: 'PJM', from: '2026-11-01T00:00:00.000Z', to: '2026-11-03T12:00:00.000Z' };
const gap = (over: Partial<GapView> = {}): GapView => ({
  dataset: 'eia.demand',
  series: 'PJM.demand',
  respondent: 'PJM',
  from: '2026-11-03T04:00:00.000Z',
  to: '2026-11-03T06:00:00.000Z',
  intervals: 2,
  kind: 'absent',
  tries: 0,
  givenUp: false,
  ...over,
});

describe('freshet on gaps and backfills', () => {
  let coordinator: FakeCoordinator;
  beforeEach(async () => {
    coordinator = await new FakeCoordinator([...BSEE, ...EIA]).start();
  });
  afterEach(() => coordinator.stop());

  const world = (options: Parameters<typeof fakeWorld>[1] = {}): FakeWorld =>
    fakeWorld({ FRESHET_URL: coordinator.url, FRESHET_TOKEN: coordinator.token }, options);
  const run = async (argv: string, at: FakeWorld = world()): Promise<{ code: number; out: string; err: string }> => ({
    code: await runCli(argv.split(' '), at),
    out: at.out(),
    err: at.err(),
  });
  const lastBody = () => coordinator.seen.at(-1)?.body;
  const START = 'POST datasets/eia.demand/backfills';

  describe('gaps', () => {
    it('are shown with what they are, and whether they were given up', async () => {
      coordinator.on('GET gaps?dataset=eia.demand&limit=100', () => ({
        body: [gap(), gap({ series: 'CISO.*', kind: 'missing', intervals: 1234, tries: 5, givenUp: true })],
      }));
      const { code, out, err } = await run('gaps eia.demand');
      expect(code).toBe(0);
      expect(out).toMatch(/PJM\.demand +2026-11-03 04:00:00Z +2026-11-03 06:00:00Z +2 +not stored +-\n/);
      expect(out).toMatch(/CISO\.\* .* 1,234 +no value +5× +given up\n/);
      expect(err).toContain('freshet backfill eia.demand --from');
    });

    it('are looked for in one series and interval, in the time people write', async () => {
      coordinator.on(
        'GET gaps?dataset=eia.demand&series=PJM.demand&from=2026-11-01&to=2026-11-02T05%3A00%3A00Z&limit=1',
        () => ({ body: [gap()] }),
      );
      const { code, err } = await run(
        'gaps eia.demand --series PJM.demand --from 2026-11-01 --to 2026-11-02T05 --limit 1',
      );
      expect(code).toBe(0);
      expect(err).toContain('There may be more');
    });

    it('that are none are good news, and JSON is an empty list', async () => {
      coordinator.on('GET gaps?dataset=eia.demand&limit=100', () => ({ body: [] }));
      expect((await run('gaps eia.demand')).out).toBe('eia.demand: nothing is missing.\n');
      expect(JSON.parse((await run('gaps eia.demand --json')).out)).toEqual([]);
    });

    it('of a dataset that is not there, or that has none, are a mistake', async () => {
      expect(await run('gaps eia.demnad')).toMatchObject({
        code: 2,
        err: expect.stringContaining('Did you mean eia.demand?'),
      });
      coordinator.on('GET gaps?dataset=bsee.well&limit=100', () => ({
        status: 400,
        body: { error: 'bsee.well is no time series', nextStep: 'Ask for another one.' },
      }));
      expect((await run('gaps bsee.well')).code).toBe(2);
    });
  });

  describe('a backfill', () => {
    const order = 'backfill eia.demand --from 2026-11-01 --to 2026-11-06';

    it('is planned in windows, requests, missing intervals and time', async () => {
      const plan: BackfillPlanView = {
        dataset: 'eia.demand',
        from: window.from,
        to: '2026-11-06T00:00:00.000Z',
        partitions: [
          { ...window, requests: 0, missing: 0, skip: 'complete already' },
          { ...window, selected: 'CISO', requests: 1, missing: 1060, skip: null },
        ],
        requests: 1,
        estimatedSeconds: 75,
      };
      coordinator.on(START, () => ({ body: plan }));
      const { code, out } = await run(`${order} --dry-run --only respondent=PJM --only CAISO,ERCOT`);
      expect(code).toBe(0);
      expect(lastBody()).toEqual({
        from: '2026-11-01',
        to: '2026-11-06',
        only: ['respondent=PJM', 'CAISO', 'ERCOT'],
        dryRun: true,
      });
      expect(out).toMatch(/PJM +2026-11-01 00:00:00Z +2026-11-03 12:00:00Z +0 +0 +complete already\n/);
      expect(out).toMatch(/CISO .* 1,060 +1\n/);
      expect(out).toContain(
        '1 window to ask for, 1 request, 1,060 missing intervals; the rate limit alone takes 1 min 15 s.',
      );
      coordinator.on(START, () => ({ body: { ...plan, partitions: plan.partitions.slice(0, 1), requests: 0 } }));
      expect((await run(`${order} --dry-run`)).out).toContain('everything is stored; --force asks for it again.');
    });

    it('is started with a key, and says how to follow it', async () => {
      coordinator.on(START, () => ({ status: 202, body: backfill({}, { pending: 3, skipped: 1 }) }));
      const { code, out, err } = await run(`${order} --force`);
      expect(code).toBe(0);
      expect(lastBody()).toEqual({
        from: '2026-11-01',
        to: '2026-11-06',
        force: true,
        idempotencyKey: expect.any(String),
      });
      expect(out).toBe(`eia.demand: backfill ${ID} is running: 4 windows, 1 of them complete already.\n`);
      expect(err).toContain(`freshet backfills ${ID}`);
    });

    it.each([
      ['done', 0],
      ['failed', 1],
      ['cancelled', 1],
    ] as const)('that is waited for and ends as %s exits with %i', async (state, exit) => {
      coordinator.on(START, () => ({ status: 202, body: backfill({}, { pending: 2, skipped: 1 }) }));
      const answers = [
        backfill({}, { pending: 1, leased: 1, skipped: 1 }),
        backfill(
          {
            state,
            partitions: [
              {
                ...window,
                state: state === 'failed' ? 'failed' : 'done',
                reason: 'page_limit: too much',
                runId: runId(1),
              },
            ],
          },
          { done: 1, skipped: 1, failed: 1 },
        ),
      ];
      coordinator.on(`GET backfills/${ID}`, () => ({ body: answers.length > 1 ? answers.shift() : answers[0] }));
      const { code, out, err } = await run(`${order} --wait`);
      expect(code).toBe(exit);
      expect(err).toContain('eia.demand: 1 of 3 windows, 33 %, 1 under way\n');
      expect(out).toMatch(new RegExp(`state +${state}\n`));
      expect(out).toContain('page_limit: too much');
      if (state === 'failed') expect(err).toContain('asks for what failed');
    });

    it('is followed in one line on a terminal', async () => {
      coordinator.on(START, () => ({ status: 202, body: backfill({}, { pending: 2 }) }));
      const answers = [backfill({}, { pending: 1, leased: 1 }), backfill({ state: 'done' }, { done: 2 })];
      coordinator.on(`GET backfills/${ID}`, () => ({ body: answers.length > 1 ? answers.shift() : answers[0] }));
      const { code, err } = await run(`${order} --wait`, world({ terminal: 100 }));
      expect(code).toBe(0);
      expect(err).toContain('eia.demand  [                    ]  0 of 2 windows, 0 %, 1 under way');
      expect(err.endsWith('\r\u001b[K')).toBe(true);
    });

    it('goes on when following it is interrupted', async () => {
      coordinator.on(START, () => ({ status: 202, body: backfill({}, { pending: 2 }) }));
      const at = world();
      coordinator.on(`GET backfills/${ID}`, () => (at.interrupt(), { body: backfill({}, { pending: 2 }) }));
      const { code, err } = await run(`${order} --wait`, at);
      expect(code).toBe(130);
      expect(err).toContain(`stop it: freshet backfills ${ID} --cancel`);
    });

    it('needs an interval whose ends are times in order', async () => {
      expect(await run('backfill eia.demand --to 2026-11-06')).toMatchObject({
        code: 2,
        err: expect.stringContaining('--from'),
      });
      expect(await run('backfill eia.demand --from yesterday --to 2026-11-06')).toMatchObject({
        code: 2,
        err: expect.stringContaining('--from: "yesterday" is not a time'),
      });
      expect(await run('backfill eia.demand --from 2026-11-06 --to 2026-11-06')).toMatchObject({
        code: 2,
        err: expect.stringContaining('is not before'),
      });
      expect(await run(`${order} --only ,`)).toMatchObject({
        code: 2,
        err: expect.stringContaining('--only names nothing'),
      });
      expect(coordinator.seen).toEqual([]);
    });

    it('is listed, shown with its windows, and cancelled', async () => {
      coordinator.on('GET backfills?limit=20', () => ({
        body: [backfill({ selected: ['A', 'B', 'C', 'D', 'E', 'F'], origin: 'gap' }, { done: 12, pending: 78 })],
      }));
      const list = await run('backfills');
      expect(list.out).toMatch(
        /running +by itself +2026-11-01 00:00:00Z .* A B C D and 2 more +12 of 90 windows, 13 %/,
      );

      const partitions = [
        { ...window, state: 'skipped' as const, reason: 'the publisher has nothing', runId: runId(1) },
      ];
      coordinator.on(`GET backfills/${ID}`, () => ({ body: backfill({ state: 'done', partitions }, { skipped: 1 }) }));
      const one = await run(`backfills ${ID}`);
      expect(one.out).toMatch(new RegExp(`PJM +.* skipped +${runId(1)} +the publisher has nothing`));

      coordinator.on(`POST backfills/${ID}/cancel`, () => ({ body: backfill({ state: 'cancelled' }, { skipped: 2 }) }));
      expect(await run(`backfills ${ID} --cancel`)).toMatchObject({
        code: 0,
        out: expect.stringMatching(/state +cancelled/),
      });
      expect((await run('backfills --cancel')).code).toBe(2);
      expect((await run('backfills 17')).code).toBe(2);
      coordinator.on('GET backfills?limit=20', () => ({ body: [] }));
      expect((await run('backfills')).out).toBe('No backfills yet.\n');
    });
  });

  it('refreshes an interval of some respondents', async () => {
    coordinator.on('POST refreshes', () => ({ status: 202, body: { runs: [runView({ dataset: 'eia.demand' })] } }));
    expect(
      (await run('refresh eia.demand --from 2026-11-01 --to 2026-11-02T12:00:00Z --only respondent=PJM')).code,
    ).toBe(0);
    expect(lastBody()).toMatchObject({
      datasets: ['eia.demand'],
      from: '2026-11-01',
      to: '2026-11-02T12:00:00Z',
      only: ['respondent=PJM'],
    });
    expect((await run('refresh eia.demand --from 2026-11-02 --to 2026-11-01')).code).toBe(2);
  });
});
