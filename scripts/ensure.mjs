/**
 * What `npm test`, `npm run demo` and the others stand on: dependencies installed from the lockfile and everything built.
 * Nothing but Node is needed before it has run; when nothing changed it takes a second.
 */
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const windows = process.platform === 'win32';

/** Runs a command, its output shown; a failure ends this process with the same code. */
export function run(command, args, env = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: windows,
    env: { ...process.env, ...env },
  });
  if (result.error) {
    process.stderr.write(`${command} could not be started: ${result.error.message}\n`);
    process.exit(1);
  }
  if (result.status !== 0) process.exit(result.status ?? 1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 20)) return;
  process.stderr.write(`Freshet needs Node 20.20 or later; this is ${process.versions.node}.\n`);
  process.exit(1);
}

function install() {
  const marker = join(root, 'node_modules', '.freshet-installed');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  process.stderr.write('installing dependencies (npm ci)\n');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(marker, wanted);
}

export function build() {
  run('npx', ['--no-install', 'tsc', '-b'], { npm_config_loglevel: 'error' });
}

export function ensure() {
  checkNode();
  install();
  build();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensure();
