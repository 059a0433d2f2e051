import { randomUUID } from 'node:crypto';
import { coolDown, openDatabase, takePermit, type Database } from '@freshet/database';
import { RefreshService } from '@freshet/coordinator-service';
import { WORKER_PROTO, type Lease, type PermitAnswer } from '@freshet/contracts';
import { paceOf, type RateLimit } from '@freshet/domain';
import { Metadata, credentials, loadPackageDefinition, type Client, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { definition, useWorld, type Coordinator } from './world';

const limit = (key: string, requests: number, perSeconds: number): RateLimit => ({
  key,
  limits: [{ requests, perSeconds }],
  coolDownMs: 1000,
});

describe('permits', () => {
  const world = useWorld('permits');

  /** Asks from `callers` at once until `until` refusals came; the earliest and the latest each request may be sent. */
  async function askAll(
    databases: readonly Database[],
    rate: RateLimit,
    callers: number,
  ): Promise<[number[], number[]]> {
    const earliest: number[] = [];
    const latest: number[] = [];
    const caller = async (index: number): Promise<void> => {
      const database = databases[index % databases.length] ?? world.database;
      for (;;) {
        const before = performance.now();
        const { granted, waitMs } = await takePermit(database, rate, 'normal');
        // What is granted ahead stays so: nobody has to wait for it here.
        if (!granted) return;
        earliest.push(before + waitMs - 1);
        latest.push(performance.now() + waitMs);
      }
    };
    await Promise.all(Array.from({ length: callers }, (_, index) => caller(index)));
    return [earliest.sort((a, b) => a - b), latest.sort((a, b) => a - b)];
  }

  it('never let more through in any window than the limit, to many callers of two coordinators', async () => {
    const other = await openDatabase(await databaseUrl());
    try {
      const [requests, perSeconds] = [200, 4];
      const [earliest, latest] = await askAll([world.database, other], limit('one', requests, perSeconds), 24);
      const { burst, interval } = paceOf({ requests, perSeconds });
      // Ten seconds ahead are given away.
      expect(earliest.length).toBeGreaterThanOrEqual(Math.floor(10_000_000 / interval) + burst - 1);
      for (let index = 0; index + requests < earliest.length; index += 1)
        expect((latest[index + requests] ?? 0) - (earliest[index] ?? 0)).toBeGreaterThanOrEqual(perSeconds * 1000);
      // And they are evenly spaced: so many callers at once would otherwise have come at once.
      const span = (earliest.at(-1) ?? 0) - (earliest[0] ?? 0);
      expect(span).toBeGreaterThan(9_500);
      const [row] = await world.database.query<{ ahead: number }>(
        `SELECT extract(epoch FROM max(tat) - clock_timestamp())::float8 AS ahead FROM freshet.rate_limit WHERE key = 'one'`,
      );
      expect(row?.ahead).toBeLessThan(10 + ((burst + 1) * interval) / 1e6);
    } finally {
      await other.close();
    }
  });

  it('hold every limit of a key, and each key for itself', async () => {
    const rate = { key: 'two', coolDownMs: 0, limits: [...limit('', 1000, 1).limits, ...limit('', 3, 3600).limits] };
    expect(await takePermit(world.database, rate, 'normal')).toEqual({ granted: true, waitMs: 0 });
    expect(await takePermit(world.database, rate, 'normal')).toEqual({ granted: false, waitMs: 10_000 });
    expect(await takePermit(world.database, { ...rate, key: 'three' }, 'normal')).toMatchObject({ granted: true });
  });

  it('are given to nobody during a cool-down, which a shorter one does not shorten', async () => {
    const rate = limit('cool', 1000, 1);
    await coolDown(world.database, 'cool', 60_000);
    await coolDown(world.database, 'cool', 1_000);
    expect(await takePermit(world.database, rate, 'normal')).toEqual({ granted: false, waitMs: 10_000 });
    await world.database.execute(`UPDATE freshet.cool_down SET until = clock_timestamp() + interval '5 seconds'`);
    const { granted, waitMs } = await takePermit(world.database, rate, 'normal');
    expect(granted).toBe(true);
    expect(waitMs).toBeGreaterThan(4_000);
    await world.database.execute(`UPDATE freshet.cool_down SET until = 'epoch'`);
  });

  it('leave something of a large burst when the run has a low priority', async () => {
    const rate = limit('low', 400, 7200);
    const count = async (priority: 'normal' | 'low'): Promise<number> => {
      for (let granted = 0; ; granted += 1) {
        const answer = await takePermit(world.database, rate, priority);
        if (!answer.granted) return granted;
      }
    };
    expect([await count('low'), await count('normal')]).toEqual([15, 5]);
  });

  describe('of a task', () => {
    const limited = definition('demo.limited', { rateLimit: limit('demo', 3, 3600), concurrency: 'queue' });
    const free = definition('demo.free', { rateLimit: null });

    const leaseOf = async (coordinator: Coordinator, dataset: string): Promise<Lease & { runId: string }> => {
      const [run] = await coordinator.app.get(RefreshService).start({ datasets: [dataset] });
      const lease = await coordinator.claim(await coordinator.announced(run?.id ?? '', 1));
      return { ...lease, runId: run?.id ?? '' };
    };

    it('follow the limit of its dataset, and its lease', async () => {
      const coordinator = await world.start({ definitions: [limited, free] });
      const { worker } = coordinator;
      const lease = await leaseOf(coordinator, 'demo.limited');
      expect(await worker.permit(lease)).toEqual({ granted: true, waitMs: 0 });
      expect(await worker.permit(lease)).toMatchObject({ granted: false });
      expect(await worker.permit({ ...lease, token: randomUUID() })).toEqual({ granted: false, waitMs: 1_000 });
      const unlimited = await leaseOf(coordinator, 'demo.free');
      for (let asked = 0; asked < 5; asked += 1)
        expect(await worker.permit(unlimited)).toEqual({ granted: true, waitMs: 0 });
      await coordinator.app.get(RefreshService).cancel(unlimited.runId);
      expect(await worker.permit(unlimited)).toEqual({ granted: false, waitMs: 1_000 });
    });

    it('count as progress: who waits for leave does not hang', async () => {
      const coordinator = await world.start({ definitions: [limited] });
      const lease = await leaseOf(coordinator, 'demo.limited');
      await world.database.execute(`UPDATE freshet.run SET progressed_at = clock_timestamp() - interval '4 minutes'`);
      await coordinator.worker.permit(lease);
      const [run] = await world.database.query<{ quiet: number }>(
        `SELECT extract(epoch FROM clock_timestamp() - progressed_at)::float8 AS quiet FROM freshet.run`,
      );
      expect(run?.quiet).toBeLessThan(60);
    });

    it('come over gRPC too, and a suspension goes back', async () => {
      const workerToken = 'wwwwwwwwwwwwwwww';
      const coordinator = await world.start({
        definitions: [definition('demo.limited', { rateLimit: limit('demo', 1000, 1) })],
        settings: { workerTokens: [workerToken], grpc: { host: '127.0.0.1', port: 0 } },
      });
      const { taskId, attempt, token } = await leaseOf(coordinator, 'demo.limited');
      const Worker = serviceClient();
      const client = new Worker(`127.0.0.1:${coordinator.grpcPort}`, credentials.createInsecure());
      const metadata = new Metadata();
      metadata.set('authorization', `Bearer ${workerToken}`);
      const call = (method: string, message: object): Promise<unknown> =>
        new Promise((resolve, reject) => {
          const methods = client as unknown as Record<
            string,
            (message: object, metadata: Metadata, done: (error: ServiceError | null, answer: unknown) => void) => void
          >;
          methods[method]?.(message, metadata, (error, answer) => (error ? reject(error) : resolve(answer)));
        });
      const lease = { taskId, attempt, leaseToken: token };
      try {
        expect(await call('Permit', lease)).toEqual({ granted: true, waitMs: 0 } satisfies PermitAnswer);
        expect(await call('CoolDown', { ...lease, ms: 60_000 })).toEqual({});
        expect(await call('Permit', lease)).toEqual({ granted: false, waitMs: 10_000 } satisfies PermitAnswer);
      } finally {
        client.close();
      }
    });
  });

  async function databaseUrl(): Promise<string> {
    const [row] = await world.database.query<{ name: string }>('SELECT current_database() AS name');
    const url = new URL(world.postgres.url);
    url.pathname = `/${row?.name ?? ''}`;
    return url.href;
  }
});

function serviceClient(): new (address: string, credentials: unknown) => Client {
  const loaded = loadPackageDefinition(loadSync(WORKER_PROTO.path, { longs: Number, defaults: true }));
  const found = WORKER_PROTO.package
    .split('.')
    .reduce<unknown>((tree, part) => (tree as Record<string, unknown> | undefined)?.[part], loaded);
  return (found as Record<string, never>)['Worker'] as unknown as new (address: string, credentials: unknown) => Client;
}
