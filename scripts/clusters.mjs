/**
 * The clusters that `npm run test:cluster` can use. Each has: `name`; `up()`; `images(build)`, which makes images of the work tree
 * available to it; `environment()` and `command(program, args)`, with which a program runs so that `kubectl` reaches it; `down()`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './ensure.mjs';

const OWN_IMAGES = ['coordinator', 'fetcher', 'parser', 'validator', 'loader', 'reporter', 'cli', 'simulators'];
const IMAGES = [...OWN_IMAGES, 'postgres', 'kafka'];

/** The release before this one, from which the suite upgrades. */
const previous = JSON.parse(readFileSync(join(root, 'tests', 'cluster', 'previous.json'), 'utf8'));

/** Calls `work(folder, version)` with the previous release checked out. */
function inPreviousVersion(work) {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-previous-'));
  rmSync(folder, { recursive: true });
  run('git', ['worktree', 'add', '--quiet', '--detach', folder, previous.commit]);
  try {
    work(folder, previous.version);
  } finally {
    run('git', ['worktree', 'remove', '--force', folder]);
  }
}

const ADDONS = 'helm metrics-server kube-router keda crds';
const works = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** A cluster of the user's own, with images that were pushed to a registry it pulls from. */
const existing = (kubeconfig) => ({
  name: `the cluster of ${kubeconfig}`,
  up: () => {},
  images() {
    const { FRESHET_IMAGE_REGISTRY: registry, FRESHET_VERSION: version } = process.env;
    if (registry && version) return;
    process.stderr.write(
      'FRESHET_KUBECONFIG needs FRESHET_IMAGE_REGISTRY (with its slash) and FRESHET_VERSION too: the images of docker/README.md, where the cluster can pull them.\n',
    );
    process.exit(2);
  },
  environment: () => ({ KUBECONFIG: kubeconfig }),
  command: (program, args) => [program, args],
  down: () => {},
});

/** deploy/local-cluster: a node without a container engine. */
const local = () => {
  const folder = join(root, 'deploy', 'local-cluster');
  const tool = join(folder, 'local-cluster');
  const cache = process.env.LOCAL_CLUSTER_CACHE ?? join(homedir(), '.cache', 'local-cluster');
  const environment = {
    LOCAL_CLUSTER_WITH: ADDONS,
    LOCAL_CLUSTER_STATE: process.env.LOCAL_CLUSTER_STATE ?? '/var/tmp/freshet-test-cluster',
  };
  return {
    name: 'deploy/local-cluster',
    up: () => run(tool, ['up'], environment),
    images() {
      const build = (names, env) => run(join(folder, 'images'), ['build', ...names], env);
      const load = (names, version) =>
        run(tool, ['load-image', ...names.map((name) => join(cache, 'freshet', version, `${name}.tar`))], environment);
      build(IMAGES, { FRESHET_VERSION: 'test' });
      load(IMAGES, 'test');
      inPreviousVersion((source, version) => build(OWN_IMAGES, { FRESHET_SOURCE: source, FRESHET_VERSION: version }));
      load(OWN_IMAGES, previous.version);
    },
    environment: () => environment,
    command: (program, args) => [tool, ['run', program, ...args]],
    down: () => run(tool, ['down'], environment),
  };
};

/** kind in Docker. */
const kind = () => {
  const cluster = 'freshet-test';
  const kubeconfig = join(tmpdir(), 'freshet-test-kubeconfig');
  return {
    name: 'kind',
    up() {
      const clusters = spawnSync('kind', ['get', 'clusters'], { encoding: 'utf8' }).stdout.split('\n');
      if (!clusters.includes(cluster))
        run('kind', [
          'create',
          'cluster',
          '--name',
          cluster,
          '--config',
          join(root, 'deploy', 'kind', 'cluster.yaml'),
          '--wait',
          '120s',
        ]);
      run('kind', ['export', 'kubeconfig', '--name', cluster, '--kubeconfig', kubeconfig]);
    },
    images() {
      const build = join(root, 'docker', 'build');
      run(build, ['test', ...IMAGES]);
      inPreviousVersion((source, version) => run(build, [version, ...OWN_IMAGES], { FRESHET_SOURCE: source }));
      const names = [
        ...IMAGES.map((name) => `${name}:test`),
        ...OWN_IMAGES.map((name) => `${name}:${previous.version}`),
      ];
      run('kind', ['load', 'docker-image', '--name', cluster, ...names.map((name) => `freshet/${name}`)]);
    },
    environment: () => ({ KUBECONFIG: kubeconfig, FRESHET_NODE_EXEC: `docker exec ${cluster}-control-plane` }),
    command: (program, args) => [program, args],
    down: () => run('kind', ['delete', 'cluster', '--name', cluster]),
  };
};

/** The cluster to use here, or why there is none. */
export function chooseCluster() {
  const kubeconfig = process.env.FRESHET_KUBECONFIG;
  if (kubeconfig) {
    if (!existsSync(kubeconfig)) return { missing: `FRESHET_KUBECONFIG names ${kubeconfig}, which is not there` };
    return { cluster: existing(kubeconfig) };
  }
  if (works('kind', ['version']) && works('docker', ['info'])) return { cluster: kind() };
  if (process.platform === 'linux' && process.getuid?.() === 0 && isDebian() && works('go', ['version']))
    return { cluster: local() };
  return { missing: 'it needs one of: FRESHET_KUBECONFIG; kind and Docker; Debian as root with Go' };
}

const isDebian = () =>
  existsSync('/etc/debian_version') && readFileSync('/etc/os-release', 'utf8').includes('ID=debian');
