import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const main = join(__dirname, '..', '..', 'services', 'standalone', 'dist', 'main.js');

/** What the README shows a newcomer. */
describe('the demo', () => {
  const home = mkdtempSync(join(tmpdir(), 'freshet-demo-'));
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  const run = (...args: string[]): { status: number | null; output: string } => {
    const result = spawnSync(process.execPath, [main, ...args], {
      encoding: 'utf8',
      timeout: 150_000,
      env: { ...process.env, FRESHET_HOME: home, FRESHET_HTTP_PORT: '0' },
    });
    return { status: result.status, output: result.stdout + result.stderr };
  };

  it('publishes everything, finds it unchanged, fills a gap, keeps a revision, and exits with 0', () => {
    const { status, output } = run('--demo', '--exit');
    expect(output).toMatch(/dataset +outcome +rows +refused +bytes +seconds +generation/);
    for (const dataset of ['bsee.production', 'bsee.war', 'bsee.well']) {
      expect(output).toMatch(new RegExp(`^${dataset} +published +[\\d,]+ +0 `, 'm'));
      expect(output).toMatch(new RegExp(`^${dataset} +unchanged +[\\d,]+ +0 +0 B`, 'm'));
    }
    for (const dataset of ['eia.demand', 'eia.fuel-mix', 'eia.interchange', 'eia.forecast'])
      expect(output).toMatch(new RegExp(`^${dataset} +published +[\\d,]+ +0 `, 'm'));
    expect(output).toMatch(/dataset +outcome +rows +refused +bytes +seconds +added +revised\n/);
    expect(output).toMatch(/^MISO\.demand .* 6 +not stored/m);
    expect(output).toMatch(/^MISO .* done /m);
    // The revised value, and below it the one it replaced.
    expect(output).toMatch(/value +123456 \(good\)[^]*Earlier values[^]*value +\d+ \(good\)/);
    expect(status).toBe(0);
  }, 180_000);

  it('leaves the database, definitions, and .bin files, and no archive or member anywhere', () => {
    const files = readdirSync(home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(join(home, 'demo'), join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
      .filter((path) => !path.startsWith('postgres/'));
    expect(files.filter((path) => /^files\/data\/modules\/bsee\/bin\/[^/]+\/mv_\w+\.bin$/.test(path))).toHaveLength(14);
    expect(files.filter((path) => !/^files\/.*\.bin$|^datasets\/[\w-]+\.yaml$|^\w+(\.\w+)?$/.test(path))).toEqual([]);
    const archives = files.filter((path) =>
      readFileSync(join(home, 'demo', path))
        .subarray(0, 2)
        .equals(Buffer.from('PK')),
    );
    expect(archives).toEqual([]);
  });

  it('says what it does not understand, and exits with 2', () => {
    const { status, output } = run('--demo', '--exti');
    expect(output).toContain('--exti');
    expect(output).toContain('npm run demo');
    expect(status).toBe(2);
  });
});
