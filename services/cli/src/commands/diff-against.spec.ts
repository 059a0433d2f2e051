import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../program';
import { FakeCoordinator, published, runId } from '../testing/fake-coordinator';
import { fakeWorld } from '../testing/fake-world';

/** Answers as compare_bins.py does, saying "equal" of files whose first letters are. */
const PYTHON = `#!/usr/bin/env node
const { readFileSync } = require('node:fs');
const [, , flag, left, right] = process.argv;
if (flag === '-c') { console.log('3.0.6'); process.exit(0); }
const [a, b] = [left, right].map((path) => readFileSync(path, 'utf8'));
if (a === 'broken') { console.error('Traceback\\nMemoryError: no memory'); process.exit(1); }
const equal = a[0] === b[0];
console.log(JSON.stringify({ equal, pandas: '3.0.6', files: [{ name: 'x', equal, result: equal ? 'equal' : 'different', detail: equal ? '' : 'cells: DEPTH 4', rows: [a.length, b.length] }] }));
`;

describe('freshet diff --against', () => {
  let coordinator: FakeCoordinator;
  let folder: string;
  const file = (path: string, content: string): string => {
    const full = join(folder, path);
    mkdirSync(join(full, '..'), { recursive: true });
    writeFileSync(full, content);
    return full;
  };
  const diff = async (argv: readonly string[], python: string): Promise<{ code: number; out: string; err: string }> => {
    const environment = {
      FRESHET_URL: coordinator.url,
      FRESHET_TOKEN: coordinator.token,
      FRESHET_EXPORT_ROOT: join(folder, 'out'),
      FRESHET_PYTHON: python,
    };
    const world = fakeWorld(environment, { cwd: folder });
    return { code: await runCli(['diff', 'bsee.well', ...argv], world), out: world.out(), err: world.err() };
  };
  const exportsOf = (...names: string[]): void => {
    const files = names.map((name) => ({ path: `bin/apd/${name}`, bytes: 1, warning: null }));
    coordinator.runIs(runId(1), [published({ files })]);
  };
  let python: string;
  const noPython = (): string => join(folder, 'no-python');

  beforeEach(async () => {
    coordinator = await new FakeCoordinator().start();
    folder = mkdtempSync(join(tmpdir(), 'freshet-against-'));
    python = file('python', PYTHON);
    chmodSync(python, 0o755);
    const generation = {
      dataset: 'bsee.well',
      generation: 4,
      current: true,
      runId: runId(1),
      publishedAt: '2026-11-20T05:00:00Z',
      rows: 1,
      resources: [],
    };
    coordinator.on('GET datasets/bsee.well/generations', () => ({
      body: [{ ...generation, generation: 5, current: false, runId: runId(2) }, generation],
    }));
    exportsOf('a.bin', 'b.bin');
  });
  afterEach(async () => {
    await coordinator.stop();
    rmSync(folder, { recursive: true });
  });

  it('compares contents through Python, for the generation readers see, below the bin root too', async () => {
    file('out/bin/apd/a.bin', 'same');
    file('out/bin/apd/b.bin', 'new');
    file('old/apd/a.bin', 'same, pickled otherwise');
    file('old/apd/b.bin', 'old');
    const { code, out, err } = await diff(['--against', './old'], python);
    expect(out.split('\n')).toEqual([
      `bsee.well: left the published files, right ${join(folder, 'old', 'apd')}`,
      'file   result             rows left  rows right  detail',
      'a.bin  equal content              4          23',
      'b.bin  different content          3           3  cells: DEPTH 4',
      '',
    ]);
    expect({ code, err }).toEqual({ code: 1, err: '' });
  });

  it('exits with 0 when everything is equal, by bytes or by content', async () => {
    file('out/bin/apd/a.bin', 'same');
    file('out/bin/apd/b.bin', 'bytes');
    file('old/a.bin', 'same, pickled otherwise');
    file('old/b.bin', 'bytes');
    const { code, out } = await diff(['--against', 'old', '--json'], python);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      dataset: 'bsee.well',
      files: [
        { name: 'a.bin', result: 'different bytes', content: { equal: true } },
        { name: 'b.bin', result: 'identical', content: null },
      ],
    });
  });

  it('names Git LFS stubs and how to fetch the files', async () => {
    file('out/bin/apd/a.bin', 'a');
    file('out/bin/apd/b.bin', 'b');
    file('old/a.bin', 'a');
    file('old/b.bin', `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 273506230\n`);
    const { code, out, err } = await diff(['--against', 'old'], python);
    expect(code).toBe(1);
    expect(out).toMatch(/b\.bin {2}LFS stub .*stands for 273\.5 MB/);
    expect(err).toContain('git lfs install, then git lfs pull');
  });

  it('says without Python what it could not do', async () => {
    file('out/bin/apd/a.bin', 'a');
    file('out/bin/apd/b.bin', 'b');
    file('old/a.bin', 'other');
    file('old/c.bin', 'c');
    const { code, out, err } = await diff(['--against', 'old'], noPython());
    expect(code).toBe(1);
    expect(out).toMatch(/a\.bin {2}different bytes .*1 B left, 5 B right/);
    expect(out).toMatch(/b\.bin {2}only exported/);
    expect(out).toMatch(/c\.bin {2}only in folder/);
    expect(err).toContain('comparing contents needs Python with pandas, and');
  });

  it('says which files cannot be compared, and why', async () => {
    file('out/bin/apd/a.bin', 'broken');
    file('out/bin/apd/b.bin', 'b');
    file('old/a.bin', 'x');
    expect(await diff(['--against', 'old'], python)).toMatchObject({
      code: 1,
      err: expect.stringContaining('could not be compared: MemoryError: no memory'),
    });
  });

  it('says when the exported files are not on this machine, or there are none', async () => {
    file('old/a.bin', 'x');
    expect(await diff(['--against', 'old'], python)).toMatchObject({
      code: 1,
      err: expect.stringContaining('2 of 2 exported files are not on this machine'),
    });
    exportsOf();
    expect(await diff(['--against', 'old'], python)).toMatchObject({
      code: 1,
      err: expect.stringContaining('Run: freshet export bsee.well'),
    });
    expect(await diff(['--against', 'nowhere'], python)).toMatchObject({
      code: 2,
      err: expect.stringContaining('is not a folder'),
    });
  });
});
