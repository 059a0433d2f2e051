#!/usr/bin/env node
// Stands outside `dist`, so that npm can link the command before the first build.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const main = join(__dirname, '..', 'dist', 'main.js');
if (!existsSync(main)) {
  process.stderr.write('freshet is not built yet: run `npm run build` at the root of the repository.\n');
  process.exit(2);
}
require(main);
