/** Which suites run under other dates, and which of them under every date. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './ensure.mjs';

/**
 * Servers come from the whole of `@freshet/testing`, Python and ESLint from `node:child_process`. The timers of PostgreSQL
 * (`lock_timeout` and others) misfire or never fire under libfaketime, and so do those of the JVM.
 */
const STARTS_SERVERS = /from '(@freshet\/testing(\/postgres|\/kafka)?|(node:)?child_process)'/;
/** Asks the real publisher, whose certificate is of today. */
const LIVE = /-live\.test\.ts$/;
/** Of a suite that reads a clock, makes a date, formats or orders by a locale, or names a zone. */
const CONCERNS_TIME = /\bnew Date\b|\bDate\.|[cC]lock\b|\bnow\b|\bIntl\b|[zZ]one\b|locale/;

/** @returns {{ all: string[], timely: string[] }} absolute paths; `timely` is a part of `all` */
export function dateSuites() {
  const all = listed().filter(
    (path) => path.endsWith('.spec.ts') || (!LIVE.test(path) && !closure(path).some(startsServers)),
  );
  return { all, timely: all.filter((path) => closure(path).some((file) => CONCERNS_TIME.test(textOf(file)))) };
}

function listed() {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const args = [jest, '--listTests', '--selectProjects', 'unit', 'integration'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`Jest could not list its suites: ${stderr}`);
  return stdout.split('\n').filter((line) => line.endsWith('.ts'));
}

const textOf = (path) => readFileSync(path, 'utf8');
const startsServers = (path) => STARTS_SERVERS.test(textOf(path));

/** A suite and the helpers that it imports from the folders of tests; what is tested itself is not followed. */
function closure(path, seen = new Set()) {
  seen.add(path);
  if (!path.startsWith(join(root, 'tests'))) return [...seen];
  for (const [, name] of textOf(path).matchAll(/from '(\.[^']*)'/g)) {
    const file = join(dirname(path), `${name}.ts`);
    if (!seen.has(file) && existsSync(file)) closure(file, seen);
  }
  return [...seen];
}
