import type { DatasetView, DoctorCheckView } from '@freshet/contracts';
import { runCli } from '../program';
import { BSEE, FakeCoordinator } from '../testing/fake-coordinator';
import { fakeWorld, type FakeWorld } from '../testing/fake-world';

describe('what is not refreshed for want of a key', () => {
  const why = { reason: 'EIA_API_KEY is not set', nextStep: 'A key is to be had at https://example.org.' };
  const eia = (name: string, notScheduled: DatasetView['notScheduled']): DatasetView => ({
    ...(BSEE[0] as DatasetView),
    id: `eia.${name}`,
    lastRun: null,
    notScheduled,
  });
  let coordinator: FakeCoordinator;
  const world = (): FakeWorld => fakeWorld({ FRESHET_URL: coordinator.url, FRESHET_TOKEN: coordinator.token });
  afterEach(() => coordinator.stop());

  it('is said by status, once for all datasets that lack the same', async () => {
    coordinator = await new FakeCoordinator([
      ...BSEE,
      eia('demand', why),
      eia('forecast', why),
      eia('other', null),
    ]).start();
    const at = world();
    expect(await runCli(['status'], at)).toBe(0);
    expect(at.out()).toContain(
      '\nnot refreshed by schedule: EIA_API_KEY is not set\n  eia.demand, eia.forecast\n  Next: A key is to be had at https://example.org.\n',
    );
    expect(at.out().split('EIA_API_KEY')).toHaveLength(2);
  });

  it('is no failure of doctor, whose exit code stays 0', async () => {
    const missing: DoctorCheckView = {
      name: 'key EIA_API_KEY',
      ok: false,
      optional: true,
      detail: 'not set',
      nextStep: 'Get one.',
    };
    const failed: DoctorCheckView = { name: 'database', ok: false, detail: 'away', nextStep: 'Start it.' };
    let checks = [missing];
    coordinator = await new FakeCoordinator().on('GET doctor', () => ({ body: { checks } })).start();
    const at = world();
    expect(await runCli(['doctor', '--offline'], at)).toBe(0);
    expect(at.out()).toMatch(/^coordinator +key EIA_API_KEY +missing +not set$/m);
    expect(at.out()).toContain('key EIA_API_KEY: Get one.');
    checks = [missing, failed];
    expect(await runCli(['doctor', '--offline'], world())).toBe(1);
  });
});
