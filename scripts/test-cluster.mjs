/**
 * `npm run test:cluster`: brings a cluster up, builds the images and loads them, runs tests/cluster, takes everything down.
 * `--keep` leaves the cluster up, and uses the one that is up. Other arguments go to Jest: `npm run test:cluster -- --keep -t healing`.
 */
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';
import { chooseCluster } from './clusters.mjs';
import { ensure, root } from './ensure.mjs';

/** @returns whether it ran; ends the process when a test fails, or when there is no cluster where there has to be one */
export function testCluster({ required, keep = false, jestArguments = [] }) {
  const { cluster, missing } = chooseCluster();
  if (!cluster) {
    process.stderr.write(`\nTHE CLUSTER SUITE ${required ? 'CANNOT RUN' : 'WAS SKIPPED'}: ${missing}.\n`);
    if (required) process.exit(1);
    return false;
  }
  const began = Date.now();
  const passed = (what) => process.stdout.write(`${what} after ${((Date.now() - began) / 1000).toFixed(0)} s\n`);
  process.stdout.write(`cluster suite on ${cluster.name}\n`);
  let status = 1;
  try {
    cluster.up();
    passed('the cluster is up');
    cluster.images();
    passed('the images are there');
    const [program, args] = cluster.command('npx', [
      '--no-install',
      'jest',
      '-c',
      'tests/cluster/jest.config.js',
      '--runInBand',
      ...jestArguments,
    ]);
    ({ status } = spawnSync(program, args, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, npm_config_loglevel: 'error', ...cluster.environment() },
    }));
    passed('the tests ended');
  } finally {
    if (!keep) cluster.down();
  }
  if (status !== 0) process.exit(status ?? 1);
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensure();
  const rest = process.argv.slice(2).filter((argument) => argument !== '--keep');
  testCluster({ required: true, keep: rest.length !== process.argv.length - 2, jestArguments: rest });
}
