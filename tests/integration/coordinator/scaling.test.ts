/** What autoscalers and alerts read about tasks: every coordinator gives it from the database, whichever leads. */
import { parseApiTokens } from '@freshet/coordinator-service';
import { startTelemetry, type Telemetry } from '@freshet/runtime';
import request from 'supertest';
import { definition, eventually, manifest, progress, useWorld, type Coordinator } from './world';

describe('tasks for scaling', () => {
  const world = useWorld('scaling');
  let telemetry: Telemetry;

  beforeEach(async () => {
    telemetry = await startTelemetry({ service: 'coordinator', instance: 'test' });
  });
  afterEach(() => telemetry.stop());

  const scaling = async (coordinator: Coordinator): Promise<unknown> =>
    (await request(coordinator.url).get('/internal/scaling').expect(200)).body;
  const tasks = (pending: number, leased: number): object => ({ tasks: { pending, leased, total: pending + leased } });
  const firstOf = (body: unknown): string => (body as { runs: Array<{ id: string }> }).runs[0]?.id ?? '';
  const reaches = (coordinator: Coordinator, expected: object): Promise<unknown> =>
    eventually(`${JSON.stringify(expected)}`, async () => {
      const body = await scaling(coordinator);
      return JSON.stringify(body) === JSON.stringify(expected) && body;
    });

  it('are counted while they wait for a fetcher and while one holds the lease, by a coordinator that does not lead too', async () => {
    const definitions = [definition('demo.main'), definition('demo.other')];
    const leader = await world.start({ definitions });
    await eventually('a leader', async () => (await request(leader.url).get('/health/ready')).text.includes('leads'));
    const follower = await world.start({ definitions });
    expect(await scaling(follower)).toEqual(tasks(0, 0));

    const { body } = await request(leader.url)
      .post('/api/v1/refreshes')
      .send({ datasets: ['demo.main', 'demo.other'] })
      .expect(202);
    for (const coordinator of [leader, follower]) await reaches(coordinator, tasks(2, 0));

    const fetch = await leader.announced(firstOf(body), 1);
    const lease = await leader.claim(fetch);
    for (const coordinator of [leader, follower]) await reaches(coordinator, tasks(1, 1));
    const text = await telemetry.metricsText();
    expect(text).toMatch(/^freshet_coordinator_tasks\{state="pending"[^}]*\} 1$/m);
    expect(text).toMatch(/^freshet_coordinator_tasks\{state="leased"[^}]*\} 1$/m);

    await leader.worker.complete(lease, manifest(), progress);
    for (const coordinator of [leader, follower]) await reaches(coordinator, tasks(1, 0));
  });

  it('do not count while their run waits for another, nor before their next try is due', async () => {
    const slow = definition('demo.main', {
      concurrency: 'queue',
      retry: { maxAttempts: 3, initialDelayMs: 600_000, maxDelayMs: 600_000 },
    });
    const coordinator = await world.start({ definitions: [slow] });
    const refresh = () =>
      request(coordinator.url)
        .post('/api/v1/refreshes')
        .send({ datasets: ['demo.main'] });
    const first = firstOf((await refresh().expect(202)).body);
    await refresh().expect(202);
    await reaches(coordinator, tasks(1, 0));
    const fetch = await coordinator.announced(first, 1);
    const lease = await coordinator.claim(fetch);
    await coordinator.worker.fail(
      lease,
      { code: 'connect_failed', kind: 'transient', message: 'refused', nextStep: 'Wait.', attributes: {} },
      0,
    );
    await reaches(coordinator, tasks(0, 0));
  });

  it('are not part of the control API, and need no token', async () => {
    const coordinator = await world.start({
      settings: { standalone: false, tokens: parseApiTokens('look:reader:a-token-of-16-characters') },
    });
    expect(await scaling(coordinator)).toEqual(tasks(0, 0));
    const { body } = await request(coordinator.url).get('/api/docs-json').expect(200);
    expect(Object.keys((body as { paths: object }).paths).filter((path) => path.includes('internal'))).toEqual([]);
  });
});
