import { parseApiTokens } from '@freshet/coordinator-service';
import { definition, publishRun, useWorld, type Coordinator } from '../coordinator/world';
import { freshet as run } from './freshet';

const READER = 'reader-token-of-tests';
const OPERATOR = 'operator-token-of-tests';
const TOKENS = parseApiTokens(`look:reader:${READER},act:operator:${OPERATOR}`);

/** The command against a real coordinator on a real database; the fetcher and the loader are played by the test. */
describe('freshet with a real coordinator', () => {
  const world = useWorld('cli');
  let coordinator: Coordinator;

  beforeEach(async () => {
    const definitions = [definition('demo.main'), definition('demo.other')];
    coordinator = await world.start({ definitions, settings: { standalone: false, tokens: TOKENS } });
  });

  const freshet = (line: string, token = OPERATOR): ReturnType<typeof run> =>
    run(line, { FRESHET_URL: coordinator.url, FRESHET_TOKEN: token });
  const json = async <T>(line: string): Promise<T> => JSON.parse((await freshet(`${line} --json`)).out) as T;

  /** What fetcher and loader do for a run that the command has started. */
  async function serve(dataset: string): Promise<void> {
    for (let patience = 200; patience > 0; patience -= 1) {
      const [run] = await world.database.query<{ id: string }>(
        `SELECT id FROM freshet.run WHERE dataset = $1 AND state IN ('queued', 'running')`,
        [dataset],
      );
      if (run) {
        await coordinator.fetchAndLoad(run.id);
        await publishRun(world.database, run.id);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`no run of ${dataset}`);
  }

  it('refreshes, follows to the end, and shows what is published', async () => {
    const [refreshed] = await Promise.all([freshet('refresh demo.main --wait'), serve('demo.main')]);
    expect(refreshed).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^demo\.main {2}published +10 +0 +1\.0 kB +\d+\.\d +1$/m),
    });
    expect(refreshed.err).toMatch(/^demo\.main: published, 100 %, 1\.0 kB of 1\.0 kB, 10 rows,/m);

    const { out } = await freshet('status');
    expect(out).toMatch(/^demo\.main +fresh +1 +10 +\d+\.\d s ago +published/m);
    expect(out).toMatch(/^demo\.other +never +- +- +never +- +-$/m);
    expect((await freshet('generations demo.main')).out).toMatch(/^\* 1 .* 10 /m);
    const [run] = await json<Array<{ id: string }>>('runs --dataset demo.main');
    expect((await freshet(`runs ${run?.id ?? ''}`)).out).toMatch(/^main +published +10 +0 +100 B +abc$/m);
  });

  it('refuses a second refresh while one is under way, and cancels and retries', async () => {
    const { runs } = await json<{ runs: Array<{ id: string }> }>('refresh demo.main');
    const id = runs[0]?.id ?? '';
    const second = await freshet('refresh demo.main');
    expect(second).toMatchObject({
      code: 1,
      err: expect.stringContaining(`demo.main is being refreshed by run ${id}`),
    });
    expect((await freshet(`cancel ${id}`)).out).toBe(`demo.main: run ${id} is cancelled.\n`);
    expect((await freshet(`cancel ${id}`)).code).toBe(0);
    const retried = await freshet(`retry ${id}`);
    expect(retried).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^demo\.main: run [0-9a-f-]{36} running\.$/m),
    });
  });

  it('tells mistakes (2) from failures (1)', async () => {
    expect(await freshet('refresh demo.mian')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean demo.main'),
    });
    expect(await freshet('runs not-a-uuid')).toMatchObject({
      code: 2,
      err: expect.stringContaining('not the id of a run: not-a-uuid'),
    });
    expect(await freshet('refresh demo.main', READER)).toMatchObject({
      code: 2,
      err: expect.stringContaining('look is a reader, this needs an operator'),
    });
    expect(await freshet('status', 'no-such-token-at-all')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--token'),
    });
    expect((await freshet('rollback demo.main')).code).not.toBe(0);
    expect(await freshet('diff demo.main')).toMatchObject({
      code: 1,
      err: expect.stringContaining('nothing of demo.main is published yet'),
    });
    expect(await freshet('export demo.main')).toMatchObject({
      code: 1,
      err: expect.stringContaining('declares no exports'),
    });
  });

  it('shows empty lists and the findings of doctor', async () => {
    expect((await freshet('quarantine demo.main')).out).toBe('demo.main: nothing is in quarantine.\n');
    expect((await freshet('dead-letters')).out).toBe('There are no dead letters.\n');
    const { code, out } = await freshet('doctor --offline');
    expect(out).toMatch(/^coordinator +database +ok /m);
    expect(code).toBe(0);
  });
});
