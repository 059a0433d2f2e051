/**
 * `npm run test:dates`: the suites that need no server once more, under dates, time zones and a locale at which programs break.
 * libfaketime is loaded into Jest and whatever its tests start; the monotonic clock stays real, or timers would not fire.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dateSuites } from './date-suites.mjs';
import { ensure, root } from './ensure.mjs';

/** All suites run under the first, those that concern time under each: together below two minutes on two cores. */
const RUNS = [
  { at: '2028-02-29T12:00:00Z', zone: 'Asia/Kolkata', locale: 'de_DE.UTF-8', what: 'all' },
  { at: '2027-12-31T23:30:00Z', zone: 'America/Los_Angeles', locale: 'C', what: 'timely' },
  // The clocks change while the tests run.
  { at: '2027-03-14T06:59:55Z', zone: 'America/New_York', locale: 'C', what: 'timely' },
  { at: '2027-11-07T05:59:55Z', zone: 'America/New_York', locale: 'tr_TR.UTF-8', what: 'timely' },
];
/** A machine may be slow to start Node. */
const TOLERANCE_MS = 60_000;

export function testDates() {
  const library = findLibrary();
  if (library === null) return;
  const suites = dateSuites();
  const began = performance.now();
  for (const each of RUNS) {
    const env = environmentOf(each, library);
    checkClock(each, env);
    const chosen = suites[each.what];
    const where = `${each.at}, TZ=${each.zone}, LC_ALL=${each.locale}`;
    say(`${where}: ${chosen.length} suites`);
    runJest(chosen, env, where);
  }
  say(`${RUNS.length} dates passed in ${((performance.now() - began) / 1000).toFixed(0)} s`);
}

/** Its output is shown when a test fails: the same suites have passed under today's date, and said all there is to say. */
function runJest(suites, env, where) {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const options = ['--selectProjects', 'unit', 'integration', '--maxWorkers', String(availableParallelism())];
  const child = spawnSync(process.execPath, [jest, ...options, '--runTestsByPath', ...suites], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, ...env },
  });
  if (child.status === 0) {
    say(/^Tests: +(.*)$/m.exec(child.stderr)?.[1] ?? 'passed');
    return;
  }
  process.stderr.write(child.stdout + child.stderr);
  say(`failed under ${where}`);
  process.exit(child.status || 1);
}

/** Value of LD_PRELOAD, or null where there is none and none is needed. */
function findLibrary() {
  const found = spawnSync('faketime', ['-m', '-f', '+0s', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' });
  if (found.status === 0 && found.stdout.trim() !== '') return found.stdout.trim();
  const remedy = 'Install libfaketime (Debian and Ubuntu: apt-get install faketime).';
  if (process.env.CI !== 'true') {
    say(`SKIPPED: faketime is missing, so no test ran under another date. ${remedy}`);
    return null;
  }
  say(`faketime is missing, and CI=true demands the tests under other dates. ${remedy}`);
  process.exit(1);
}

/** An offset rather than a date: all processes of a run then read the same clock, whenever they are started. */
function environmentOf({ at, zone, locale }, library) {
  const seconds = Math.round((Date.parse(at) - Date.now()) / 1000);
  return {
    LD_PRELOAD: library,
    FAKETIME: `${seconds < 0 ? '' : '+'}${seconds}s`,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    // The times of files stay those of the kernel, as Node reads them in any case.
    NO_FAKE_STAT: '1',
    TZ: zone,
    LC_ALL: locale,
  };
}

/** A library that is not loaded would let every test pass. */
function checkClock({ at, zone, locale }, env) {
  const program = 'console.log(JSON.stringify([Date.now(), Intl.DateTimeFormat().resolvedOptions()]))';
  const child = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8', env: { ...process.env, ...env } });
  const [now, used] = child.status === 0 ? JSON.parse(child.stdout) : [0, {}];
  const language = locale === 'C' ? 'en' : locale.slice(0, 2);
  const right =
    Math.abs(now - Date.parse(at)) < TOLERANCE_MS && sameZone(used.timeZone, zone) && used.locale.startsWith(language);
  if (right) return;
  say(`The clock, zone or locale was not set: wanted ${at} ${zone} ${locale}, got ${child.stdout}${child.stderr}`);
  process.exit(1);
}

/** ICU names Kolkata by its older name. */
const sameZone = (one, other) => {
  const nameOf = (timeZone) => new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
  return one !== undefined && nameOf(one) === nameOf(other);
};

const say = (line) => void process.stderr.write(`test:dates: ${line}\n`);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensure();
  testDates();
}
