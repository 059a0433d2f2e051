import { BatchLoader, Database, contentHash, publish } from '@freshet/database';
import { Engine, RefreshService } from '@freshet/coordinator-service';
import { SilentProxy } from '@freshet/testing';
import { World as LoadingWorld, WELLS, definition as loadable, deliveriesOf } from '../loading/world';
import { eventually, loadChunk, manifest, progress, publishRun, useWorld, type Coordinator } from './world';

const leads = (coordinator: Coordinator): boolean => coordinator.app.get(Engine).isLeader;

/** The node of a process is lost: nothing is closed, and PostgreSQL is not told. */
describe('on one database', () => {
  const world = useWorld('silent');

  describe('a process that vanishes without closing its connections', () => {
    let proxy: SilentProxy;
    let database: Database;

    beforeEach(async () => {
      proxy = await SilentProxy.start(world.url);
      database = Database.connect(proxy.url, { applicationName: 'freshet-test' });
    });
    // Before the coordinators are stopped, which would wait for answers.
    afterEach(async () => {
      await proxy.close();
      await database.close();
    });

    it('is replaced as the leader within 15 s, having stopped to lead before, and its run goes on', async () => {
      const settings = { standalone: true };
      const lost = await world.start({ database, settings });
      await eventually('a leader', () => leads(lost));
      const standby = await world.start({ settings });
      const [run] = await lost.app.get(RefreshService).start({ datasets: ['demo.main'] });
      const runId = run?.id ?? '';
      await lost.announced(runId, 1);

      const overlaps: number[] = [];
      const watch = setInterval(() => leads(lost) && leads(standby) && overlaps.push(performance.now()), 5);
      const silentAt = performance.now();
      proxy.fallSilent();
      await eventually('the standby leads', () => leads(standby), 15_000);
      const seconds = (performance.now() - silentAt) / 1000;
      clearInterval(watch);
      expect({ overlaps, lostLeads: leads(lost) }).toEqual({ overlaps: [], lostLeads: false });
      expect(seconds).toBeLessThan(15);

      const [fetch] = await eventually('the announced attempt', () => lost.fetches.length > 0 && lost.fetches);
      if (!fetch) throw new Error('no attempt');
      const lease = await standby.claim(fetch);
      await loadChunk(world.database, fetch);
      await standby.worker.complete(lease, manifest(), progress);
      await standby.commanded(runId, 'publish');
      await publishRun(world.database, runId);
      expect(await standby.ended(runId)).toMatchObject({ outcome: 'published' });
    });

    it('hands over at once when it is stopped in order', async () => {
      const first = await world.start({ database });
      await eventually('a leader', () => leads(first));
      const second = await world.start();
      await eventually('the second one waits', async () => (await connectedToLead()) === 2);
      await first.stop();
      const stoppedAt = performance.now();
      await eventually('the second one leads', () => leads(second));
      expect(performance.now() - stoppedAt).toBeLessThan(1_000);
    });

    const connectedToLead = async (): Promise<number> =>
      (
        await world.database.query(
          `SELECT 1 FROM pg_stat_activity WHERE application_name = 'freshet-leadership' AND datname = current_database()`,
        )
      ).length;

    it('leaves a COPY that the leader ends, so that another loader loads the batch', async () => {
      await world.start();
      const loading = await LoadingWorld.open(world.url);
      const of = loadable('demo.wells', [WELLS]);
      const rows = Array.from({ length: 300 }, (_, n) => [String(n).padStart(5, '0'), 'a', String(n)]);
      const reference = await loading.refresh(of, { wells: rows });
      const plan = await loading.plan(of, { force: true });
      const deliveries = deliveriesOf(plan, { wells: rows });
      const [first] = deliveries;
      if (!first) throw new Error('no batch');

      const silent = proxy.fallSilentAfter('FROM STDIN');
      const vanished = new BatchLoader(database).load(first.batch, first.body).catch((error: unknown) => error);
      await silent;
      await eventually('the server waits for bytes', async () => (await waitingCopies()) === 1);
      const began = performance.now();
      await loading.load(deliveries);
      expect((performance.now() - began) / 1000).toBeLessThan(20);
      expect(await waitingCopies()).toBe(0);

      await loading.readyToPublish(plan, deliveries, 'e2');
      const publication = await publish(loading.database, of, plan.runId);
      expect([reference.outcome, publication.outcome]).toEqual(['published', 'published']);
      const content = async (generation: number) =>
        (await contentHash(loading.database, of.id, generation)).map(({ rows, sha256 }) => ({ rows, sha256 }));
      expect(await content(plan.generation)).toEqual(await content(reference.plan.generation));
      expect(await content(plan.generation)).toMatchObject([{ rows: 300 }]);
      await proxy.close();
      expect(await vanished).toMatchObject({ code: 'dependency_unavailable' });
      await loading.close();
    });

    const waitingCopies = async (): Promise<number> =>
      (
        await world.database.query(
          `SELECT 1 FROM pg_stat_activity WHERE wait_event = 'ClientRead' AND query LIKE 'COPY % FROM STDIN' AND state = 'active' AND datname = current_database()`,
        )
      ).length;

    it('leaves an open transaction that the server ends within 20 s', async () => {
      const { runId } = await openTransaction();
      await eventually(
        'the row is free',
        async () =>
          (await world.database.query('SELECT 1 FROM freshet.run WHERE id = $1 FOR UPDATE SKIP LOCKED', [runId]))
            .length === 1,
        20_000,
      );
    });

    async function openTransaction(): Promise<{ runId: string }> {
      const loading = await LoadingWorld.open(world.url);
      const { runId } = await loading.plan(loadable('demo.wells', [WELLS]));
      await loading.close();
      void database
        .transaction(async (tx) => {
          await tx.query('SELECT 1 FROM freshet.run WHERE id = $1 FOR UPDATE', [runId]);
          proxy.fallSilent();
          await tx.query('SELECT 1');
        })
        .catch(() => undefined);
      await eventually(
        'the row is locked',
        async () =>
          (await world.database.query('SELECT 1 FROM freshet.run WHERE id = $1 FOR UPDATE SKIP LOCKED', [runId]))
            .length === 0,
      );
      return { runId };
    }
  });
});
