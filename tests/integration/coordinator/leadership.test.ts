import { Relay, RefreshService, Engine } from '@freshet/coordinator-service';
import { Leadership, addToOutbox, currentLeader, pruneOutbox, wake } from '@freshet/database';
import { InProcessMessaging, type OutboundMessage } from '@freshet/messaging';
import { definition, eventually, loadChunk, manifest, progress, publishRun, useWorld, type Coordinator } from './world';

/** A broker that can be away, and that may take a message without saying so. */
class Moody extends InProcessMessaging {
  mood: 'well' | 'away' | 'forgetful' = 'well';
  readonly taken: OutboundMessage[] = [];
  override async publish(message: OutboundMessage): Promise<void> {
    if (this.mood === 'away') throw new Error('broker is away');
    this.taken.push(message);
    await super.publish(message);
    if (this.mood === 'forgetful') throw new Error('died after publishing');
  }
}

describe('several coordinators on one database', () => {
  const world = useWorld('lead');

  const start = (options: Parameters<typeof world.start>[0] = {}): Promise<Coordinator> => {
    const definitions = [definition('demo.main', { schedule: { cron: ['0 * * * *'], timeZone: 'America/Chicago' } })];
    return world.start({ definitions, ...options });
  };
  const leads = (coordinator: Coordinator): boolean => coordinator.app.get(Engine).isLeader;

  it('has one leader, and another one when it goes', async () => {
    const first = await start();
    await eventually('a leader', () => leads(first));
    const second = await start();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(leads(second)).toBe(false);
    // A coordinator that does not lead serves the API all the same.
    const [run] = await second.app.get(RefreshService).start({ datasets: ['demo.main'] });
    await first.announced(run?.id ?? '', 1);
    const { checks } = (await (await fetch(`${second.url}/api/v1/doctor`)).json()) as {
      checks: Array<{ name: string; detail: string }>;
    };
    expect(checks.find(({ name }) => name === 'leader')).toMatchObject({
      ok: true,
      detail: 'another coordinator leads',
    });
    await first.stop();
    await eventually('the second one leads', () => leads(second));
  });

  it('has a leader again after its session was ended by the server, and after a crash of the server', async () => {
    const first = await start();
    await eventually('a leader', () => leads(first));
    const epoch = async () => (await currentLeader(world.database))?.epoch;
    const before = await epoch();
    const renewals = async () =>
      world.database.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE application_name = 'freshet-leadership' AND datname = current_database()`,
      );
    const [session] = await renewals();
    await world.database.query('SELECT pg_terminate_backend($1)', [session?.pid]);
    await eventually('it has another session', async () => (await renewals()).some(({ pid }) => pid !== session?.pid));
    // The lease is longer than it takes to connect again.
    expect([leads(first), await epoch()]).toEqual([true, before]);
    if (world.postgres.ownsServer) {
      await world.postgres.kill();
      await eventually('its lease is over', () => !leads(first), 12_000);
      await world.postgres.restart();
      await eventually('it leads again', () => leads(first), 20_000);
      const [run] = await first.app.get(RefreshService).start({ datasets: ['demo.main'] });
      await first.announced(run?.id ?? '', 1);
    }
  });

  it('wakes the leader for what another one, or a worker, has to say', async () => {
    const leader = await start({ settings: { tickMs: { active: 60_000, idle: 60_000 } } });
    await eventually('a leader', () => leads(leader));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await world.database.transaction(async (tx) => {
      await addToOutbox(tx, { topic: 'freshet.run.events.v1', key: 'k', value: Buffer.from('x') });
      await wake(tx);
    });
    await eventually(
      'the message is sent',
      async () => (await world.database.query('SELECT 1 FROM freshet.outbox WHERE sent_at IS NOT NULL')).length === 1,
      3_000,
    );
  });

  it('delivers everything in order after the broker was away, and again what it died on', async () => {
    const messaging = new Moody();
    messaging.mood = 'away';
    const leader = await start({ messaging });
    const relay = leader.app.get(Relay);
    await eventually('a leader', () => leads(leader));
    for (const key of ['a', 'b', 'c'])
      await addToOutbox(world.database, { topic: 'freshet.load.commanded.v1', key, value: Buffer.from(key) });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(messaging.taken).toEqual([]);
    messaging.mood = 'forgetful';
    await expect(relay.flush(() => true)).rejects.toThrow('died after publishing');
    messaging.mood = 'well';
    await eventually(
      'all are sent',
      async () => (await world.database.query('SELECT 1 FROM freshet.outbox WHERE sent_at IS NULL')).length === 0,
    );
    const keys = messaging.taken.map(({ key }) => key);
    expect(keys.filter((key) => key === 'a').length).toBeGreaterThan(1);
    expect([...new Set(keys)]).toEqual(['a', 'b', 'c']);
    expect(await pruneOutbox(world.database, 3600)).toBe(0);
    expect(await pruneOutbox(world.database, 0)).toBe(3);
  });

  it('starts a tick once, remembers where it stood, and makes up for missed ticks with one run', async () => {
    let now = new Date('2026-11-20T10:30:00Z');
    const clock = { now: () => now };
    const settings = { schedule: true };
    await start({ settings, clock });
    const runs = () =>
      world.database.query<{ trigger: string; idempotency_key: string }>(
        'SELECT trigger, idempotency_key FROM freshet.run ORDER BY requested_at',
      );
    await eventually(
      'the baseline',
      async () => (await world.database.query('SELECT 1 FROM freshet.schedule_tick')).length === 1,
    );
    expect(await runs()).toEqual([]);
    now = new Date('2026-11-20T13:00:00Z');
    await eventually('a run', async () => (await runs()).length === 1);
    expect(await runs()).toEqual([
      { trigger: 'schedule', idempotency_key: 'schedule:demo.main:2026-11-20T13:00:00.000Z:demo.main' },
    ]);
    // The next tick comes while the dataset is being refreshed: it is left out, not queued up.
    now = new Date('2026-11-20T14:00:00Z');
    await eventually(
      'the tick',
      async () =>
        (
          await world.database.query(
            `SELECT 1 FROM freshet.schedule_tick WHERE due_at = '2026-11-20T14:00:00Z' AND run_id IS NULL`,
          )
        ).length === 1,
    );
    expect(await runs()).toHaveLength(1);
  });

  it('starts, fetches and publishes once even while two of them believe to lead', async () => {
    jest.spyOn(Leadership.prototype, 'isLeader', 'get').mockReturnValue(true);
    try {
      let now = new Date('2026-11-20T10:30:00Z');
      const shared = { settings: { schedule: true }, clock: { now: () => now }, messaging: new InProcessMessaging() };
      const [first, second] = await Promise.all([start(shared), start(shared)]);
      await eventually(
        'the baseline',
        async () => (await world.database.query('SELECT 1 FROM freshet.schedule_tick')).length > 0,
      );
      now = new Date('2026-11-20T11:00:00Z');
      const [run] = await eventually('a run', async () => {
        const found = await world.database.query<{ id: string }>('SELECT id FROM freshet.run');
        return found.length > 0 && found;
      });
      const runId = run?.id ?? '';
      // Both hear of it through one group, so that either may.
      const fetch = await eventually('the attempt', () => [...first.fetches, ...second.fetches][0]);
      const lease = await first.claim(fetch);
      await loadChunk(world.database, fetch);
      await second.worker.complete(lease, manifest(), progress);
      await eventually('publish is commanded', () =>
        [...first.commands, ...second.commands].find(({ type }) => type === 'publish'),
      );
      await publishRun(world.database, runId);
      await eventually(
        'the end',
        async () => (await world.database.query(`SELECT 1 FROM freshet.run WHERE state = 'published'`)).length === 1,
      );
      // Long enough for both to have looked again.
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      expect(await world.database.query('SELECT id, state FROM freshet.run')).toEqual([
        { id: runId, state: 'published' },
      ]);
      expect(await world.database.query('SELECT attempt FROM freshet.task_attempt')).toEqual([{ attempt: 1 }]);
      expect(await world.database.query('SELECT outcome FROM freshet.publication')).toHaveLength(1);
      expect([leads(first), leads(second)]).toEqual([true, true]);
    } finally {
      jest.restoreAllMocks();
    }
  });
});
