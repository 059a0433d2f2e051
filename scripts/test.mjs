/** `npm test`: lint, then the three tiers, then other dates. Arguments go to Jest: `npm test -- libs/domain`. */
import { availableParallelism } from 'node:os';
import { ensure, run } from './ensure.mjs';
import { testDates } from './test-dates.mjs';

const jest = (...args) => run('npx', ['--no-install', 'jest', ...args], { npm_config_loglevel: 'error' });

ensure();
const jestArguments = process.argv.slice(2);
if (jestArguments.length > 0) {
  jest(...jestArguments);
} else {
  run('npm', ['run', '--silent', 'lint']);
  // Without the option Jest leaves one core to itself, which on two cores means one worker.
  jest('--selectProjects', 'unit', '--maxWorkers', String(availableParallelism()));
  jest('--selectProjects', 'integration', 'e2e');
  testDates();
}
