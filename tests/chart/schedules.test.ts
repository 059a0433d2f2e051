import { loadCatalog } from '@freshet/catalog';
import { isSeriesDefinition, tickKey } from '@freshet/domain';
import { cronCalendar } from '../../services/coordinator/src/engine/cron-calendar';
import { startOf } from '../../services/cli/src/job';
import { CI, describeWithHelm, named, render, type Manifest } from './helm';
import { podsOf } from './pods';

interface CronJobSpec {
  readonly schedule: string;
  readonly timeZone: string;
  readonly suspend: boolean;
  readonly concurrencyPolicy: string;
  readonly jobTemplate: {
    readonly spec: { readonly activeDeadlineSeconds: number; readonly podFailurePolicy: object };
  };
}
interface Scheduled extends CronJobSpec {
  readonly name: string;
  readonly dataset: string;
  readonly kind: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

const KEY = { 'datasets.credentials': { EIA_API_KEY: { secret: 'eia', key: 'api-key' } } };

const scheduled = (objects: readonly Manifest[]): Scheduled[] =>
  objects
    .filter(({ kind }) => kind === 'CronJob')
    .map((object) => {
      const [container] = podsOf([object])[0]?.spec.containers ?? [];
      return {
        ...(object.spec as CronJobSpec),
        name: object.metadata.name,
        dataset: object.metadata.labels['freshet.dev/dataset'] ?? '',
        kind: object.metadata.labels['freshet.dev/schedule'] ?? '',
        args: container?.args ?? [],
        env: Object.fromEntries(container?.env.map(({ name, value }) => [name, value]) ?? []),
      };
    });

/** What the definitions of the catalog say: dataset, kind, cron expression, zone. */
const wanted = loadCatalog()
  .all()
  .flatMap((definition) => {
    const health = isSeriesDefinition(definition) ? definition.timeseries.health : null;
    return [['refresh', definition.schedule] as const, ['health', health] as const].flatMap(([kind, schedule]) =>
      (schedule?.cron ?? []).map((cron) => ({
        dataset: String(definition.id),
        kind,
        cron,
        timeZone: schedule?.timeZone,
      })),
    );
  });

const minuteOf = (cron: string): number => Number(cron.split(' ')[0]);

describeWithHelm('CronJobs', () => {
  const all = scheduled(render([CI.default], KEY));
  const of = (set: object, file: string = CI.default): Scheduled[] => scheduled(render([file], { ...KEY, ...set }));

  it('exist for every schedule of every dataset, and for nothing else', () => {
    const unspread = of({ 'cronjobs.spreadMinutes': 0 });
    const shown = unspread.map(({ dataset, kind, schedule, timeZone }) => ({
      dataset,
      kind,
      cron: schedule,
      timeZone,
    }));
    const order = (one: object, other: object): number => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1);
    expect(wanted.length).toBeGreaterThan(9);
    expect(shown.sort(order)).toEqual([...wanted].sort(order));
  });

  it('are named after their dataset', () => {
    expect(all.find(({ dataset }) => dataset === 'bsee.well')?.name).toBe('freshet-bsee-well');
    expect(of({}, CI.everythingOn).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['freshet-acme-wells', 'freshet-acme-wells-2', 'freshet-eia-fuel-mix-health']),
    );
  });

  it('run the command that does what the schedule is for', () => {
    for (const { dataset, kind, args } of all)
      expect(args).toEqual(kind === 'refresh' ? ['refresh', dataset, '--wait'] : ['checks', dataset, '--now']);
  });

  it('start a little later than the definition says, within the hour, and always the same', () => {
    const delays = all.map(({ dataset, kind, schedule, timeZone, env }) => {
      const candidates = wanted.filter((entry) => entry.dataset === dataset && entry.kind === kind);
      const [{ cron = '' } = {}] = candidates;
      expect(candidates).toHaveLength(1);
      expect(timeZone).toBe(candidates[0]?.timeZone);
      expect(schedule.split(' ').slice(1)).toEqual(cron.split(' ').slice(1));
      const delay = minuteOf(schedule) - minuteOf(cron);
      expect(env['FRESHET_SCHEDULE_DELAY_SECONDS']).toBe(String(delay * 60));
      return delay;
    });
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...delays)).toBeLessThanOrEqual(5);
    // Not all at once.
    expect(new Set(delays).size).toBeGreaterThan(3);
    const elsewhere = of({ fullnameOverride: 'other' }).map(({ schedule }) => schedule);
    expect(elsewhere).toEqual(all.map(({ schedule }) => schedule));
  });

  it.each([
    ['57 3 * * *', 59],
    ['59 23 31 12 *', 59],
    ['*/15 * * * *', null],
    ['0,30 * * * *', null],
  ])('of "%s" never leave the hour', (cron, latest) => {
    const definition = `id: a.b\nschedule: { cron: '${cron}' }\n`;
    const [job] = of({ 'datasets.extra': { 'a.yaml': definition }, 'cronjobs.spreadMinutes': 59 }).filter(
      ({ dataset }) => dataset === 'a.b',
    );
    if (latest === null) expect(job?.schedule).toBe(cron);
    else expect(minuteOf(job?.schedule ?? '')).toBeLessThanOrEqual(latest);
    expect(job?.schedule.split(' ').slice(1)).toEqual(cron.split(' ').slice(1));
  });

  it('start the tick of the definition, so that the scheduler of the coordinator and they start it once', () => {
    const now = new Date('2026-11-20T12:00:00Z');
    for (const { name, dataset, schedule, timeZone, env } of all.filter(({ kind }) => kind === 'refresh')) {
      const at = cronCalendar([schedule], timeZone).previous(now);
      const definition = loadCatalog().get(dataset).schedule;
      const due = definition && cronCalendar(definition.cron, definition.timeZone).previous(now);
      if (!at || !due) throw new Error(`${dataset} has no tick`);
      // As the CronJob controller names the Job, and the downward API tells it.
      const start = startOf(
        {
          FRESHET_CRONJOB_NAME: env['FRESHET_CRONJOB_NAME'],
          FRESHET_JOB_NAME: `${name}-${at.getTime() / 60_000}`,
          FRESHET_JOB_UID: 'uid',
          FRESHET_SCHEDULE_DELAY_SECONDS: Number(env['FRESHET_SCHEDULE_DELAY_SECONDS']),
        },
        now,
      );
      expect(start.trigger === 'schedule' && start.key(dataset)).toBe(tickKey(dataset, due));
    }
  });

  it('leave the coordinator nothing to start, and it starts refreshes where there are none', () => {
    const schedules = (set: object): string | undefined => {
      const deployment = named(render([CI.default], { ...KEY, ...set }), 'Deployment', 'freshet-coordinator');
      return podsOf([deployment])[0]?.spec.containers[0]?.env.find(({ name }) => name === 'FRESHET_SCHEDULES')?.value;
    };
    expect([schedules({}), schedules({ 'cronjobs.enabled': false })]).toEqual(['false', 'true']);
    expect(of({ 'cronjobs.enabled': false })).toEqual([]);
  });

  it('forbid a second refresh at a time, and do not repeat one that failed', () => {
    for (const { concurrencyPolicy, jobTemplate } of all) {
      expect(concurrencyPolicy).toBe('Forbid');
      expect(jobTemplate.spec.podFailurePolicy).toMatchObject({
        rules: [{ action: 'Ignore' }, { action: 'FailJob', onExitCodes: { operator: 'In', values: [1, 2] } }],
      });
    }
  });

  it('may take as long as all attempts, with their growing timeouts and their waits, and an hour', () => {
    const deadline = (id: string): number | undefined =>
      all.find(({ dataset, kind }) => dataset === id && kind === 'refresh')?.jobTemplate.spec.activeDeadlineSeconds;
    for (const { id, timeouts, retry } of loadCatalog().all()) {
      const attempts = Array.from(
        { length: retry.maxAttempts },
        (_, n) => timeouts.totalMs * (1 + timeouts.growth * n),
      );
      const downloads = attempts.reduce((sum, each) => sum + each, 0);
      const waits = (retry.maxAttempts - 1) * retry.maxDelayMs;
      expect([id, deadline(id)]).toEqual([id, (downloads + waits) / 1000 + 3600]);
    }
  });

  it('are suspended by name, and where the publisher asks for a credential that is not there', () => {
    const suspended = (set: object): string[] =>
      scheduled(render([CI.default], { ...set }))
        .filter(({ suspend, kind }) => suspend && kind === 'refresh')
        .map(({ dataset }) => dataset);
    expect(suspended({ ...KEY, 'datasets.suspended': ['bsee.war'] })).toEqual(['bsee.war']);
    expect(suspended({})).toEqual(
      loadCatalog()
        .find('eia')
        .map(({ id }) => id),
    );
    expect(suspended(KEY)).toEqual([]);
  });

  it('have names short enough for their Jobs, each its own', () => {
    const id = `a${'x'.repeat(40)}.b${'y'.repeat(40)}`;
    const names = of({ 'datasets.extra': { 'a.yaml': `id: ${id}\nschedule: { cron: ['1 1 * * *', '2 2 * * *'] }` } })
      .filter(({ dataset }) => id.startsWith(dataset))
      .map(({ name, dataset }) => {
        expect(dataset.length).toBeLessThanOrEqual(63);
        return name;
      });
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^freshet-[a-z0-9-]{1,43}[a-z0-9]$/);
  });

  it('refuses datasets whose names would meet', () => {
    const extra = {
      'a.yaml': "id: a-b.c\nschedule: { cron: '1 1 * * *' }",
      'b.yaml': "id: a.b-c\nschedule: { cron: '1 1 * * *' }",
    };
    expect(() => of({ 'datasets.extra': extra })).toThrow(/same name, freshet-a-b-c/);
  });
});
