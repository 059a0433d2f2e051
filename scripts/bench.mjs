/** `npm run bench`: measures a refresh against the floor. Arguments go to it: `npm run bench -- --sizes 1 --modes standalone`. */
import { ensure, run } from './ensure.mjs';

// Only the result goes to standard output, so that it can be piped into a file or a tool.
ensure();
run('npx', ['--no-install', 'tsc', '-p', 'tests/bench'], { npm_config_loglevel: 'error' });
run(process.execPath, ['tests/bench/dist/run.js', ...process.argv.slice(2)]);
