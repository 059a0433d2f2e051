import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GenerationView } from '@freshet/contracts';
import { runCli } from './program';
import { BSEE, FakeCoordinator, published, runId, runView } from './testing/fake-coordinator';
import { fakeWorld, type FakeWorld } from './testing/fake-world';

describe('freshet', () => {
  let coordinator: FakeCoordinator;
  let folder: string;

  beforeEach(async () => {
    coordinator = await new FakeCoordinator().start();
    folder = mkdtempSync(join(tmpdir(), 'freshet-cli-'));
  });
  afterEach(async () => {
    await coordinator.stop();
    rmSync(folder, { recursive: true });
  });

  const world = (options: Parameters<typeof fakeWorld>[1] = {}): FakeWorld =>
    fakeWorld({ FRESHET_URL: coordinator.url, FRESHET_TOKEN: coordinator.token }, { cwd: folder, ...options });
  const run = async (argv: string, at: FakeWorld = world()): Promise<{ code: number; out: string; err: string }> => ({
    code: await runCli(argv.split(' '), at),
    out: at.out(),
    err: at.err(),
  });
  const startsRuns = (...views: ReturnType<typeof runView>[]): void =>
    void coordinator.on('POST refreshes', () => ({ status: 202, body: { runs: views } }));

  describe('finding the coordinator', () => {
    it('uses the connection file of the standalone in this folder or above it', async () => {
      mkdirSync(join(folder, '.freshet'));
      mkdirSync(join(folder, 'deep', 'er'), { recursive: true });
      writeFileSync(
        join(folder, '.freshet', 'standalone.json'),
        JSON.stringify({ url: coordinator.url, token: coordinator.token }),
      );
      expect((await run('status', fakeWorld({}, { cwd: join(folder, 'deep', 'er') }))).code).toBe(0);
      expect((await run('status', fakeWorld({ FRESHET_HOME: join(folder, '.freshet') }))).code).toBe(0);
    });

    it('never sends the token of that file to another address', async () => {
      mkdirSync(join(folder, '.freshet'));
      writeFileSync(
        join(folder, '.freshet', 'standalone.json'),
        JSON.stringify({ url: 'http://127.0.0.1:1', token: coordinator.token }),
      );
      const { code, err } = await run(`status --url ${coordinator.url}`, fakeWorld({}, { cwd: folder }));
      expect(code).toBe(2);
      expect(err).toContain(
        'freshet: the token is not known\nGive a token with --token, FRESHET_TOKEN or FRESHET_TOKEN_FILE.',
      );
    });

    it('exits with 3 when no coordinator is known, and when none answers', async () => {
      expect(await run('status', fakeWorld({}, { cwd: folder }))).toMatchObject({
        code: 3,
        err: expect.stringContaining('Start Freshet with `npm start`'),
      });
      await coordinator.stop();
      expect(await run('status')).toMatchObject({
        code: 3,
        err: expect.stringContaining(`no coordinator answers at ${coordinator.url}: connection refused`),
      });
    });

    it('says that another Freshet answers when it does not know the token of this folder', async () => {
      mkdirSync(join(folder, '.freshet'));
      const file = join(folder, '.freshet', 'standalone.json');
      writeFileSync(file, JSON.stringify({ url: coordinator.url, token: 'of-a-former-one' }));
      const { code, err } = await run('status', fakeWorld({}, { cwd: folder }));
      expect(code).toBe(2);
      expect(err).toContain(`another Freshet answers at ${coordinator.url}: it does not know the token in ${file}`);
    });

    it('says that the standalone has stopped when its file is there and nobody answers', async () => {
      mkdirSync(join(folder, '.freshet'));
      const file = join(folder, '.freshet', 'standalone.json');
      writeFileSync(file, JSON.stringify({ url: coordinator.url, token: 't' }));
      await coordinator.stop();
      const { code, err } = await run('status', fakeWorld({}, { cwd: folder }));
      expect(code).toBe(3);
      expect(err).toContain(`the address stands in ${file}`);
      expect(err).toContain('Freshet seems to have stopped: start it again with `npm start`.');
    });
  });

  describe('a standalone that is not there', () => {
    const connectionFile = (content: string): void => {
      mkdirSync(join(folder, '.freshet'), { recursive: true });
      writeFileSync(join(folder, '.freshet', 'standalone.json'), content);
    };

    it('says that it is still starting, or that its file is damaged', async () => {
      connectionFile('{"url":"http://127.0.0.1:0","token":"t","pid":1}');
      const starting = await run('status', fakeWorld({}, { cwd: folder }));
      expect(starting).toMatchObject({ code: 3, err: expect.stringContaining('Freshet is still starting') });
      connectionFile('{"url":"no address","token":"t"}');
      const damaged = await run('status', fakeWorld({}, { cwd: folder }));
      expect(damaged).toMatchObject({ code: 2, err: expect.stringContaining('is not a connection file') });
    });
  });

  describe('usage', () => {
    it('suggests the command that was meant', async () => {
      const { code, err } = await run('refrehs bsee.well');
      expect(code).toBe(2);
      expect(err).toContain('Did you mean refresh?');
    });

    it('suggests datasets and sources', async () => {
      expect(await run('refresh bsee.wel')).toMatchObject({
        code: 2,
        err: 'freshet: there is no dataset or source "bsee.wel"\nDid you mean bsee.well or bsee.war?\n',
      });
      expect(await run('refresh production')).toMatchObject({
        code: 2,
        err: expect.stringContaining('Did you mean bsee.production?'),
      });
      expect(await run('generations bse.war')).toMatchObject({
        code: 2,
        err: expect.stringContaining('Did you mean bsee.war?'),
      });
      expect(coordinator.seen.every(({ method }) => method === 'GET')).toBe(true);
    });

    it('names every unknown dataset at once', async () => {
      const { err } = await run('refresh bsee.wall nothing-like-it');
      expect(err).toContain(
        '2 names are not known\n  - bsee.wall: Did you mean bsee.well or bsee.war?\n  - nothing-like-it: See `freshet datasets`',
      );
    });

    it('gives mistakes of the command line as JSON too', async () => {
      const { code, out, err } = await run('refresh --frobnicate --json');
      expect({ code, err }).toEqual({ code: 2, err: '' });
      expect(JSON.parse(out)).toMatchObject({ error: { error: "unknown option '--frobnicate'" } });
    });

    it('has no later commands', async () => {
      for (const later of ['collect', 'notifications']) expect((await run(later)).code).toBe(2);
    });

    it('gives errors as JSON with --json', async () => {
      const { code, out, err } = await run('refresh bsee.wel --json');
      expect(code).toBe(2);
      expect(JSON.parse(out)).toEqual({
        error: {
          error: 'there is no dataset or source "bsee.wel"',
          nextStep: 'Did you mean bsee.well or bsee.war?',
          details: [],
        },
      });
      expect(err).toBe('');
    });
  });

  describe('arguments that no coordinator needs to see', () => {
    it.each([
      ['runs nope', 'not the id of a run: nope'],
      ['cancel nope', 'not the id of a run: nope'],
      ['retry nope', 'not the id of a run: nope'],
      ['runs --limit 1000', 'It must be 200 at most.'],
      ['quarantine bsee.well --limit 1000', 'It must be 500 at most.'],
      ['dead-letters --replay x', 'It must be a whole number above 0.'],
    ])('%s', async (argv, message) => {
      expect(await run(argv)).toMatchObject({ code: 2, err: expect.stringContaining(message) });
      expect(coordinator.seen).toEqual([]);
    });
  });

  it('shows differences in lines that can be read, however wide the table is', async () => {
    const wide = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`COLUMN_${n}`, 'x'.repeat(50)]));
    const changedColumns = Object.fromEntries(Object.keys(wide).map((name) => [name, 40]));
    const sample = { change: 'added', key: { SN: '7' }, after: { SN: '7', ...wide } };
    const counts = { added: 1, removed: 0, changed: 40, unchanged: 5 };
    coordinator.on('GET datasets/bsee.well/diff', () => ({
      body: {
        ...{ dataset: 'bsee.well', from: 1, to: 2 },
        resources: [{ resource: 'apd', by: 'key', ...counts, changedColumns, samples: [sample] }],
      },
    }));
    const { code, out } = await run('diff bsee.well');
    expect(code).toBe(0);
    expect(out).toContain('COLUMN_11 40 and 48 more');
    expect(out).toContain('  added    SN=7  COLUMN_0=x');
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThan(200);
  });

  describe('refresh', () => {
    it('starts runs and says how to follow them', async () => {
      startsRuns(runView());
      const { code, out, err } = await run('refresh bsee.well --force');
      expect(code).toBe(0);
      expect(out).toBe(`bsee.well: run ${runId(1)} queued\n`);
      expect(err).toContain(`Follow with "freshet runs ${runId(1)}"`);
      expect(coordinator.seen.at(-1)?.body).toMatchObject({ datasets: ['bsee.well'], force: true, trigger: 'manual' });
    });

    it('takes a source, --all, and names twice only once', async () => {
      startsRuns(runView());
      const all = BSEE.map(({ id }) => id);
      await run('refresh bsee bsee.well');
      expect(coordinator.seen.at(-1)?.body['datasets']).toEqual(all);
      await run('refresh --all');
      expect(coordinator.seen.at(-1)?.body['datasets']).toEqual(all);
      expect((await run('refresh --all bsee.well')).code).toBe(2);
      expect((await run('refresh')).code).toBe(2);
    });

    it('waits, prints progress lines without a terminal, and ends with the table, the files and 0', async () => {
      startsRuns(runView());
      const progress = {
        bytesReceived: 7_300_000,
        bytesExpected: 14_600_000,
        chunksCut: 20,
        chunksLoaded: 10,
        rowsLoaded: 200_000,
        rowsRefused: 0,
      };
      coordinator.runIs(runId(1), [runView({ state: 'running', taskState: 'leased', progress }), published()]);
      const { code, out, err } = await run('refresh bsee.well --wait');
      expect(code).toBe(0);
      expect(err).toContain('bsee.well: fetching, 25 %, 7.3 MB of 14.6 MB, 200,000 rows, 10/20 chunks\n');
      expect(out.split('\n')).toEqual([
        'dataset    outcome       rows  refused    bytes  seconds  generation',
        'bsee.well  published  867,000        2  14.6 MB     12.5           4',
        '',
        'bsee.well: files',
        '  data/modules/bsee/bin/apd/mv_apd_main_all.bin  (123.5 MB)',
        '',
      ]);
      expect(err).toContain('larger than 100 MB: keep it out of git');
      expect(err).toContain('bsee.well: 2 rows refused, see "freshet quarantine bsee.well".');
    });

    it('follows several runs at the same time and exits with 1 when one of them failed, with what to do next', async () => {
      const failure = {
        code: 'payload_html',
        kind: 'terminal',
        message: 'the publisher answered with a web page',
        nextStep: 'Look at the portal.',
        attributes: {},
      } as const;
      startsRuns(runView(), runView({ id: runId(2), dataset: 'bsee.war' }));
      coordinator.runIs(runId(1), [published({ state: 'unchanged' })]);
      coordinator.runIs(runId(2), [
        runView({ id: runId(2), dataset: 'bsee.war', state: 'failed', endedAt: '2026-11-20T10:00:02Z', failure }),
      ]);
      const { code, out } = await run('refresh bsee.well bsee.war --wait');
      expect(code).toBe(1);
      expect(out).toMatch(/bsee\.well {2}unchanged/);
      expect(out).toMatch(/bsee\.war {3}failed/);
      expect(out).toContain(
        'bsee.war: failed, payload_html\n  the publisher answered with a web page\n  Next: Look at the portal.',
      );
    });

    it('shows what stays published when nothing has changed', async () => {
      startsRuns(runView());
      const unchanged = runView({ state: 'unchanged', endedAt: '2026-11-20T10:00:01.100Z', taskState: 'done' });
      coordinator.runIs(runId(1), [unchanged]);
      const { code, out } = await run('refresh bsee.well --wait');
      expect(code).toBe(0);
      expect(out.split('\n')[1]).toBe('bsee.well  unchanged  1,234,567        0    0 B      0.1           3');
    });

    it('shows what readers see, and why, while a rollback holds', async () => {
      coordinator.on('GET datasets', () => ({ body: [{ ...BSEE[0], generation: 2, pinned: true }] }));
      startsRuns(runView());
      coordinator.runIs(runId(1), [
        runView({ state: 'unchanged', endedAt: '2026-11-20T10:00:01.100Z', generation: 3 }),
      ]);
      const { code, out, err } = await run('refresh bsee.well --wait');
      expect(code).toBe(0);
      expect(out.split('\n')[1]).toMatch(/ 2$/);
      expect(err).toContain('readers stay at generation 2');
    });

    it('gives one JSON value with --json --wait', async () => {
      startsRuns(runView());
      coordinator.runIs(runId(1), [published()]);
      const { code, out, err } = await run('refresh bsee.well --wait --json');
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(JSON.parse(out)).toEqual({ runs: [published()] });
    });

    it('draws bars on a terminal no wider than it is', async () => {
      startsRuns(runView());
      const progress = {
        bytesReceived: 7_300_000,
        bytesExpected: 14_600_000,
        chunksCut: 20,
        chunksLoaded: 20,
        rowsLoaded: 200_000,
        rowsRefused: 0,
      };
      coordinator.runIs(runId(1), [runView({ state: 'running', taskState: 'leased', progress }), published()]);
      const { code, err, out } = await run('refresh bsee.well --wait', world({ terminal: 72 }));
      expect(code).toBe(0);
      expect(err).toMatch(/bsee\.well {2}\[=+\] {2}100 % {2}published/);
      const lines = err.replace(/\u001b\[[0-9;?]*[a-zA-Z]/g, '\n').split(/[\r\n]/);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(72);
      expect(out).toContain('\u001b[32mpublished\u001b[39m');
    });

    it('obeys NO_COLOR', async () => {
      startsRuns(runView());
      coordinator.runIs(runId(1), [published()]);
      const at = fakeWorld(
        { FRESHET_URL: coordinator.url, FRESHET_TOKEN: coordinator.token, NO_COLOR: '1' },
        { terminal: 100, cwd: folder },
      );
      expect((await run('refresh bsee.well --wait', at)).out).not.toContain('\u001b');
    });

    it('names only the runs that go on when it detaches', async () => {
      startsRuns(runView(), runView({ id: runId(2), dataset: 'bsee.war' }));
      coordinator.runIs(runId(1), [published()]);
      const at = world();
      coordinator.on(`GET runs/${runId(2)}`, () => {
        if (at.err().includes('bsee.well: published')) at.interrupt();
        return { body: runView({ id: runId(2), dataset: 'bsee.war', state: 'running' }) };
      });
      const { code, err } = await run('refresh bsee.well bsee.war --wait', at);
      expect(code).toBe(130);
      expect(err).toContain(`freshet cancel ${runId(2)}`);
      expect(err).not.toContain(`freshet cancel ${runId(1)}`);
    });

    it('detaches on Ctrl-C, leaves the run alone, and says how to look again', async () => {
      startsRuns(runView());
      const at = world();
      coordinator.on(`GET runs/${runId(1)}`, () => {
        at.interrupt();
        return { body: runView({ state: 'running' }) };
      });
      const { code, err } = await run('refresh bsee.well --wait', at);
      expect(code).toBe(130);
      expect(err).toContain('Stopped following; the refresh goes on.');
      expect(err).toContain(`  look again: freshet runs ${runId(1)}\n  stop it: freshet cancel ${runId(1)}\n`);
      expect(coordinator.seen.some(({ path }) => path.includes('cancel'))).toBe(false);
    });

    it('sends --file as an absolute path, for one dataset and a local coordinator only', async () => {
      startsRuns(runView());
      writeFileSync(join(folder, 'APDRawData.zip'), 'PK');
      await run('refresh bsee.well --file ./APDRawData.zip');
      expect(coordinator.seen.at(-1)?.body['file']).toBe(join(folder, 'APDRawData.zip'));
      expect(await run('refresh bsee --file ./APDRawData.zip')).toMatchObject({
        code: 2,
        err: expect.stringContaining('3 datasets were named'),
      });
      expect(await run('refresh bsee.well --file missing.zip')).toMatchObject({
        code: 2,
        err: expect.stringContaining('there is no'),
      });
    });

    it('reads the datasets from an original configuration and explains the rest of it', async () => {
      startsRuns(runView());
      writeFileSync(
        join(folder, 'c.yml'),
        'meta: {basename: bsee, mode: enhanced}\ndata: {well: true, production: false, war: true}\ncache: {enabled: true, ttl_hours: 24}\n',
      );
      const { code, err } = await run('refresh bsee --config c.yml');
      expect(code).toBe(0);
      expect(coordinator.seen.at(-1)?.body['datasets']).toEqual(['bsee.well', 'bsee.war']);
      expect(err.replace(/\s+/g, ' ')).toContain(
        'cache.*: there is no cache to expire: each refresh asks the publisher conditionally',
      );
      expect(await run('refresh bsee.well --config c.yml')).toMatchObject({
        code: 2,
        err: expect.stringContaining('the file says which datasets to refresh'),
      });
    });
  });

  it('shows freshness, pins and the last failure in status', async () => {
    const [well, production, war] = BSEE;
    if (!well || !production || !war) throw new Error('three datasets');
    const failure = {
      code: 'stalled',
      kind: 'transient',
      message: 'nothing came for 60 s',
      nextStep: 'Try again later.',
      attributes: {},
    } as const;
    const stale = {
      ...war,
      freshness: 'stale',
      confirmedAt: '2026-11-17T10:00:00Z',
      lastRun: { id: runId(9), state: 'failed', endedAt: '2026-11-20T09:58:00Z', failure },
    } as const;
    await coordinator.stop();
    coordinator = await new FakeCoordinator([
      { ...well, pinned: true },
      { ...production, freshness: 'never', generation: null, rows: null, confirmedAt: null, lastRun: null },
      stale,
    ]).start();
    const { code, out } = await run('status');
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'dataset          freshness  generation       rows  confirmed  last run   ended',
      'bsee.well        fresh      3 (pinned)  1,234,567  1 h ago    published  1 h ago',
      'bsee.production  never               -          -  never      -          -',
      'bsee.war         stale               3  1,234,567  3 d ago    failed     2 min 00 s ago',
      '',
      'bsee.war: stalled',
      '  nothing came for 60 s',
      '  Next: Try again later.',
      '',
    ]);
  });

  it('rolls back and says how long it holds', async () => {
    coordinator.on('POST datasets/bsee.well/rollback', () => ({ body: { from: 4, to: 3 } }));
    const { out, err } = await run('rollback bsee.well --to 3');
    expect(coordinator.seen.at(-1)?.body).toEqual({ to: 3 });
    expect(out).toBe('bsee.well: readers see generation 3 now, instead of 4.\n');
    expect(err.replace(/\s+/g, ' ')).toContain('until "freshet refresh bsee.well --force"');
    expect((await run('rollback bsee.well --to zero')).code).toBe(2);
  });

  it('makes control characters of the publisher visible', async () => {
    const row = {
      id: '7',
      dataset: 'bsee.war',
      runId: runId(1),
      resource: 'mv_war_main',
      chunk: 0,
      row: 3,
      reason: 'record_ragged',
      column: null,
      detail: '2 of 23 fields',
      record: '"1"\r\n\u001b[2Jgone',
    };
    coordinator.on('GET datasets/bsee.war/quarantine?limit=50', () => ({ body: [row] }));
    const { out } = await run('quarantine bsee.war');
    expect(out).toContain('"1"\\r\\n\\u001b[2Jgone');
    expect(out).not.toContain('\u001b');
  });

  it('shows one run with its access, attempts and memory', async () => {
    const failure = {
      code: 'connection_lost',
      kind: 'transient',
      message: 'the connection was lost',
      nextStep: '-',
      attributes: {},
    } as const;
    coordinator.runIs(runId(1), [
      published({
        access: {
          kind: 'url',
          url: 'https://www.data.bsee.gov/Well/Files/APDRawData.zip',
          skipped: [{ kind: 'portal', reason: 'no link to APDRawData.zip' }],
        },
        attempts: [
          {
            attempt: 1,
            worker: 'f-1',
            startedAt: '2026-11-20T10:00:01Z',
            endedAt: '2026-11-20T10:00:03Z',
            end: 'failed',
            failure,
          },
          {
            attempt: 2,
            worker: 'f-1',
            startedAt: '2026-11-20T10:00:05Z',
            endedAt: '2026-11-20T10:00:09Z',
            end: 'fetched',
            failure: null,
          },
        ],
        notes: [
          { resource: 'mv_apd_main_all', note: 'column_added:NEW_ONE', rows: 867_000 },
          { resource: 'mv_apd_main_all', note: 'check_range:WATER_DEPTH', rows: 3 },
        ],
        peakMemory: [{ service: 'fetcher', instance: 'f-1', peakRssBytes: 120_000_000 }],
      }),
    ]);
    const { out } = await run(`runs ${runId(1)}`);
    expect(out).toContain('ended       2026-11-20 10:00:13Z (13 s)');
    expect(out).toContain('not by      portal: no link to APDRawData.zip');
    expect(out).toContain('connection_lost: the connection was lost');
    expect(out).toMatch(/fetcher \(f-1\) +120\.0 MB/);
    expect(out).toMatch(/mv_apd_main_all +NEW_ONE +867,000 +new column, stored as text/);
    expect(out).toMatch(/mv_apd_main_all +WATER_DEPTH +3 +row kept, although it does not pass the check range/);
  });

  it('shows with each generation what it changed', async () => {
    const generation = (n: number, changes: GenerationView['changes']): GenerationView => ({
      ...{ dataset: 'bsee.well', generation: n, current: n === 4, runId: runId(n), rows: 10, changes },
      publishedAt: '2026-11-20T10:00:00Z',
      resources: [{ resource: 'mv_apd_main_all', rows: 10, sha256: 'ab', rowsFrom: n }],
    });
    const generations = [generation(4, { from: 3, added: 1200, removed: 1, changed: 3 }), generation(3, null)];
    coordinator.on('GET datasets/bsee.well/generations', () => ({ body: generations }));
    const { out } = await run('generations bsee.well');
    expect(out).toMatch(/^\* 4 .* \+1,200 -1 ~3 since 3 /m);
    expect(out).toMatch(/^ {2}3 /m);
  });

  it('replays a dead letter', async () => {
    coordinator.on('POST dead-letters/5/replay', () => ({ body: { runs: [runView()] } }));
    expect(await run('dead-letters --replay 5')).toMatchObject({ code: 0, out: `bsee.well: run ${runId(1)} queued\n` });
  });

  it('waits until an export has written every file again', async () => {
    const file = { path: 'a.bin', bytes: 1, warning: null };
    coordinator.on('POST datasets/bsee.well/export', () => ({
      status: 202,
      body: { dataset: 'bsee.well', generation: 4, runId: runId(1) },
    }));
    const old = published({ files: [{ ...file, writtenAt: '2026-11-20T09:00:00Z' }] });
    coordinator.runIs(runId(1), [old, old, published({ files: [{ ...file, writtenAt: '2026-11-20T10:00:00Z' }] })]);
    const { code, out } = await run('export bsee.well --json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ generation: 4, files: [{ writtenAt: '2026-11-20T10:00:00Z' }] });
    expect(coordinator.seen.filter(({ path }) => path.startsWith('runs/'))).toHaveLength(3);
  });

  it('fails doctor when the coordinator reports a failure, not when Python is missing', async () => {
    const check = { name: 'database', ok: true, detail: 'PostgreSQL 18' };
    coordinator.on('GET doctor', () => ({ body: { checks: [check] } }));
    const noPython = fakeWorld(
      { FRESHET_URL: coordinator.url, FRESHET_TOKEN: coordinator.token, FRESHET_PYTHON: join(folder, 'none') },
      { cwd: folder },
    );
    expect(await run('doctor --offline', noPython)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/python with pandas +missing/),
    });
    coordinator.on('GET doctor', () => ({
      body: { checks: [{ ...check, ok: false, detail: 'no answer', nextStep: 'Start PostgreSQL.' }] },
    }));
    expect(await run('doctor --offline')).toMatchObject({
      code: 1,
      out: expect.stringContaining('database: Start PostgreSQL.'),
    });
  });
});
