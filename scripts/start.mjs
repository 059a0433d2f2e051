/** `npm start` and `npm run demo`: everything in one process. Arguments go to it: `npm run demo -- --exit`. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensure, root } from './ensure.mjs';

ensure();
const child = spawn(process.execPath, [join(root, 'services/standalone/dist/main.js'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
// Ctrl-C reaches the child from the terminal as well: wait for its orderly stop instead of leaving first.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
