const { projects } = require('../../jest.config.js');

/** Needs a cluster, images and a long time: run by `npm run test:cluster`, never by Jest alone. */
module.exports = {
  ...projects[0],
  displayName: 'cluster',
  testRegex: 'tests/cluster/.*\\.test\\.ts$',
  maxWorkers: 1,
  testTimeout: 300_000,
};
