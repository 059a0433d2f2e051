import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

  it('publishes all three datasets, then finds them unchanged, prints a table of each, and exits with 0', () => {
    const { status, output } = run('--demo', '--exit');
    expect(output).toMatch(/dataset +outcome +rows +refused +bytes +seconds +generation/);
    for (const dataset of ['bsee.production', 'bsee.war', 'bsee.well']) {
      expect(output).toMatch(new RegExp(`^${dataset} +published +[\\d,]+ +0 `, 'm'));
      expect(output).toMatch(new RegExp(`^${dataset} +unchanged +[\\d,]+ +0 +0 B`, 'm'));
    }
    expect(status).toBe(0);
  }, 180_000);

  it('says what it does not understand, and exits with 2', () => {
    const { status, output } = run('--demo', '--exti');
    expect(output).toContain('--exti');
    expect(output).toContain('npm run demo');
    expect(status).toBe(2);
  });
});
