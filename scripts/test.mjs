/** `npm test`: lint, then the three tiers, then other dates. Arguments go to Jest: `npm test -- libs/domain`. */
import { ensure, run } from './ensure.mjs';
import { testDates } from './test-dates.mjs';

ensure();
const jestArguments = process.argv.slice(2);
const everything = jestArguments.length === 0;
if (everything) run('npm', ['run', '--silent', 'lint']);
run('npx', ['--no-install', 'jest', ...jestArguments], { npm_config_loglevel: 'error' });
if (everything) testDates();
