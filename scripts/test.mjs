/** `npm test`: lint, then the three tiers. Arguments go to Jest: `npm test -- libs/domain`. */
import { ensure, run } from './ensure.mjs';

ensure();
const jestArguments = process.argv.slice(2);
if (jestArguments.length === 0) run('npm', ['run', '--silent', 'lint']);
run('npx', ['--no-install', 'jest', ...jestArguments], { npm_config_loglevel: 'error' });
