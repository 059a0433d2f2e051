import { loadCatalog } from '@freshet/catalog';
import type { DatasetView, DoctorCheckView } from '@freshet/contracts';
import { GapSensor, RefreshService } from '@freshet/coordinator-service';
import { coolDown, ensureMonths, ensureMonthsAhead, observationStorage } from '@freshet/database';
import { silentLogger, type Logger } from '@freshet/domain';
import { StoredSeries } from '../timeseries/stored';
import { definition, eventually, useWorld, type Coordinator } from './world';

const KEY = new Set(['EIA_API_KEY']);
const NO_KEY = new Set<string>();

describe('keys of publishers', () => {
  const world = useWorld('keys');
  const hourly = { cron: ['0 * * * *'], timeZone: 'UTC' };
  const definitions = [
    { ...loadCatalog().get('eia.demand'), schedule: hourly },
    definition('demo.main', { schedule: hourly }),
  ];

  const ask = async <T>(coordinator: Coordinator, path: string): Promise<T> =>
    (await (await fetch(`${coordinator.url}/api/v1/${path}`)).json()) as T;
  const checks = async (coordinator: Coordinator): Promise<Record<string, DoctorCheckView>> => {
    const found = await ask<{ checks: DoctorCheckView[] }>(coordinator, 'doctor');
    return Object.fromEntries(found.checks.map((check) => [check.name, check]));
  };
  const scheduled = async (): Promise<string[]> =>
    (await world.database.query<{ dataset: string }>(`SELECT dataset FROM freshet.run WHERE trigger = 'schedule'`)).map(
      ({ dataset }) => dataset,
    );

  it('that are missing keep schedules from starting what would fail, which is said once', async () => {
    let now = new Date('2026-11-20T10:30:00Z');
    const said: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (_fields, text) => void said.push(text), child: () => logger };
    const options = { definitions, clock: { now: () => now }, logger };
    const without = await world.start({ ...options, settings: { schedule: true, credentials: NO_KEY } });
    const baseline = (): Promise<unknown[]> =>
      world.database.query(`SELECT 1 FROM freshet.schedule_tick WHERE dataset = 'demo.main'`);
    await eventually('the baseline', async () => (await baseline()).length === 1);
    now = new Date('2026-11-20T11:00:00Z');
    await eventually('a run', async () => (await scheduled()).length > 0);
    // In the order of the definitions: eia.demand was looked at before.
    expect(await scheduled()).toEqual(['demo.main']);
    expect(said.filter((text) => text.includes('EIA_API_KEY'))).toEqual([
      expect.stringMatching(
        /^EIA_API_KEY is not set, so schedules leave out eia\.demand\. A key is to be had at https:/,
      ),
    ]);

    const views = await ask<DatasetView[]>(without, 'datasets');
    expect(views.map(({ id, notScheduled }) => [id, notScheduled?.reason])).toEqual([
      ['demo.main', undefined],
      ['eia.demand', 'EIA_API_KEY is not set'],
    ]);
    // By hand it is started, and its fetcher says what is missing.
    const [run] = await without.app.get(RefreshService).start({ datasets: ['eia.demand'] });
    expect((await without.announced(run?.id ?? '', 1)).dataset).toBe('eia.demand');
  });

  it('that are there let schedules start', async () => {
    let now = new Date('2026-11-20T10:30:00Z');
    const coordinator = await world.start({
      definitions,
      clock: { now: () => now },
      settings: { schedule: true, credentials: KEY },
    });
    const ticks = (): Promise<unknown[]> =>
      world.database.query(`SELECT 1 FROM freshet.schedule_tick WHERE dataset IN ('eia.demand', 'demo.main')`);
    await eventually('the baselines', async () => (await ticks()).length === 2);
    now = new Date('2026-11-20T11:00:00Z');
    await eventually('both runs', async () => (await scheduled()).length === 2);
    const views = await ask<DatasetView[]>(coordinator, 'datasets');
    expect(views.map(({ notScheduled }) => notScheduled)).toEqual([null, null]);
  });

  it.each([
    [
      'missing',
      NO_KEY,
      { ok: false, optional: true, detail: 'not set; needed by eia.demand, so schedules leave them out' },
    ],
    ['there', KEY, { ok: true, detail: 'set; needed by eia.demand' }],
    ['elsewhere', null, { ok: true, detail: 'needed by eia.demand; the fetchers have it, so it is not known here' }],
  ])('are named by doctor where they are %s', async (_, credentials, expected) => {
    const found = await checks(await world.start({ definitions, settings: { credentials } }));
    expect(found['key EIA_API_KEY']).toMatchObject(expected);
  });

  it('that are missing keep gaps from being asked for in vain', async () => {
    const stored = new StoredSeries(world.database);
    await stored.hours('eia.demand', 'PJM.demand', 'PJM', '2026-11-10', '2026-11-12', {
      except: ['2026-11-10T05:00:00Z'],
    });
    const sense = async (credentials: ReadonlySet<string>): Promise<number> => {
      const coordinator = await world.start({ definitions, settings: { credentials, gapsEveryMs: 3_600_000 } });
      return (await coordinator.app.get(GapSensor).sense()).length;
    };
    expect(await sense(NO_KEY)).toBe(0);
    expect(await sense(KEY)).toBe(1);
  });

  it('share a limit, whose cool-down doctor tells', async () => {
    const coordinator = await world.start({ definitions });
    expect((await checks(coordinator))['rate limit eia']).toEqual({
      name: 'rate limit eia',
      ok: true,
      detail: '5 in 1 s, 4800 in 3600 s, for eia.demand together',
    });
    await coolDown(world.database, 'eia', 120_000);
    expect((await checks(coordinator))['rate limit eia']).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^cool-down until 20\d\d-.*Z, for 1[12]\d s more/),
      nextStep: expect.stringContaining('ends by itself'),
    });
  });

  it('need somewhere for what is fetched: doctor tells until when there are partitions', async () => {
    const coordinator = await world.start({ definitions });
    const storage = async (): Promise<DoctorCheckView | undefined> => (await checks(coordinator))['time series'];
    if ((await observationStorage(world.database)).timescaledb !== null) {
      expect(await storage()).toMatchObject({ ok: true, detail: expect.stringContaining('TimescaleDB') });
      return;
    }
    expect(await storage()).toMatchObject({ ok: true, detail: expect.stringContaining('from the first refresh on') });
    await ensureMonths(world.database, [new Date('2019-01-01T00:00:00Z'), new Date('2019-02-01T00:00:00Z')]);
    expect(await storage()).toMatchObject({
      ok: false,
      detail: '2 partitions by month, made until 2019-03-01: there is none for now',
    });
    const made = await ensureMonthsAhead(world.database, new Date());
    expect(await storage()).toMatchObject({
      ok: true,
      detail: expect.stringContaining(`${made.length + 2} partitions`),
    });
  });
});
