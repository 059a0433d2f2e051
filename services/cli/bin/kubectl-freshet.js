#!/usr/bin/env node
// Found by kubectl on the PATH, which makes it `kubectl freshet`. Stands outside `dist` for the reason that freshet.js has.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const main = join(__dirname, '..', 'dist', 'kubectl-main.js');
if (!existsSync(main)) {
  process.stderr.write('kubectl-freshet is not built yet: run `npm run build` at the root of the repository.\n');
  process.exit(2);
}
require(main);
