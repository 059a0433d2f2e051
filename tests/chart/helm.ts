import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';

export const ROOT = resolve(__dirname, '..', '..');
export const CHART = join(ROOT, 'helm', 'freshet');
export const RELEASE = 'freshet';
export const NAMESPACE = 'data';
/** Values files in ci/, by what they are. */
export const CI = {
  default: join(CHART, 'ci', 'default-values.yaml'),
  everythingOn: join(CHART, 'ci', 'everything-on-values.yaml'),
  everythingOff: join(CHART, 'ci', 'everything-off-values.yaml'),
} as const;

const VERSION = 'v3.19.5';
const CACHE = process.env['LOCAL_CLUSTER_CACHE'] ?? join(homedir(), '.cache', 'local-cluster');
/** Outside the clone, because CI starts with a fresh one. */
const BUILT = join(homedir(), '.cache', 'freshet', `helm-${VERSION}`);
const BUILD_TIMEOUT_MS = 600_000;

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: never;
  readonly data?: Readonly<Record<string, string>>;
  readonly automountServiceAccountToken?: boolean;
}

/** A `describe` with Helm. Where it can be neither found nor built the tests are skipped, which is said loudly; with CI=true they fail. */
export function describeWithHelm(name: string, tests: () => void): void {
  const helm = helmPath();
  if (helm !== undefined) return describe(name, tests);
  const reason = `no helm in the PATH or in ${CACHE}; install Helm 3, or Go so that CI=true builds it`;
  if (process.env['CI'] !== 'true') {
    process.stderr.write(`\n*** SKIPPED: ${name}: ${reason}\n\n`);
    return describe.skip(name, tests);
  }
  describe(name, () => {
    it('has Helm', () => {
      throw new Error(reason);
    });
  });
}

/**
 * What `helm template` makes of the values files and of `--set` pairs; `more` is a values file as text.
 * @throws Error with Helm's message.
 */
export function render(
  values: readonly string[],
  set: Readonly<Record<string, unknown>> = {},
  more = '{}',
): readonly Manifest[] {
  const args = ['template', RELEASE, CHART, '--namespace', NAMESPACE, '--kube-version', '1.34.0'];
  const { status, stdout, stderr } = helm([...args, ...valueArguments([...values, '-'], set)], more);
  if (status !== 0) throw new Error(stderr);
  return objectsOf(stdout);
}

export const valueArguments = (values: readonly string[], set: Readonly<Record<string, unknown>> = {}): string[] => [
  ...values.flatMap((file) => ['--values', file]),
  ...Object.entries(set).flatMap(([key, value]) => ['--set-json', `${key}=${JSON.stringify(value)}`]),
];

export function helm(args: readonly string[], input = ''): SpawnSyncReturns<string> {
  return spawnSync(helmPath() ?? 'helm', args, { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}

const objectsOf = (text: string): Manifest[] =>
  parseAllDocuments(text, { version: '1.1' })
    .map((document) => document.toJS() as Manifest | null)
    .filter((object) => object !== null);

export const named = (objects: readonly Manifest[], kind: string, name: string): Manifest => {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (!found) throw new Error(`${kind} ${name} was not rendered`);
  return found;
};

let found: string | undefined;

function helmPath(): string | undefined {
  found ??= [...(process.env['PATH'] ?? '').split(delimiter), join(CACHE, 'bin'), BUILT]
    .map((folder) => join(folder, 'helm'))
    .find((path) => existsSync(path));
  if (found === undefined && process.env['CI'] === 'true') found = built();
  return found;
}

/** Builds Helm through the Go module proxy; suites that run at the same time wait for the first one. */
function built(): string | undefined {
  const helm = join(BUILT, 'helm');
  mkdirSync(BUILT, { recursive: true });
  const lock = join(BUILT, 'lock');
  for (let mine = false; !mine && !existsSync(helm);) {
    mine = locked(lock);
    if (!mine) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  }
  if (existsSync(helm)) return helm;
  try {
    const env = { ...process.env, GOBIN: BUILT, GOFLAGS: '-modcacherw', GOWORK: 'off' };
    const args = ['install', '-trimpath', `helm.sh/helm/v3/cmd/helm@${VERSION}`];
    spawnSync('go', args, { cwd: BUILT, env, stdio: 'inherit', timeout: BUILD_TIMEOUT_MS });
    return existsSync(helm) ? helm : undefined;
  } finally {
    rmSync(lock, { force: true });
  }
}

function locked(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx'));
    return true;
  } catch {
    // Of a build that was killed.
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > BUILD_TIMEOUT_MS) rmSync(lock, { force: true });
    return false;
  }
}
