import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FreshetClient } from '@freshet/client';
import { freePorts } from '@freshet/testing';
import type { Publishers } from './reference';
import { Simulators } from './simulators';
import { CommandError, eventually, Kubectl, PortForward, run, type CommandOptions } from './kubectl';

/** The repository. */
export const ROOT = resolve(__dirname, '..', '..', '..');
export const CHART = join(ROOT, 'helm', 'freshet');
export const RELEASE = 'freshet';
export const SERVICES = ['coordinator', 'fetcher', 'parser', 'validator', 'loader', 'reporter'] as const;
export type Service = (typeof SERVICES)[number];

/** What images are called; set by scripts/test-cluster.mjs for a cluster that pulls them from a registry. */
export const IMAGES = `${process.env['FRESHET_IMAGE_REGISTRY'] ?? ''}freshet`;
export const VERSION = process.env['FRESHET_VERSION'] ?? 'test';

/** Names of the Secret that the chart refers to, and of its keys. */
const SECRET = 'freshet-secrets';
const MANIFESTS = join(__dirname, '..', 'manifests');

export interface InstallationOptions {
  readonly namespace: string;
  /** Values files, later ones win; `values/test.yaml` always comes first. */
  readonly values?: readonly string[];
  /** `--set key=value`. */
  readonly set?: Readonly<Record<string, string>>;
  readonly chart?: string;
}

interface Credentials {
  readonly operatorToken: string;
  readonly databaseUrl: string;
}

interface Ports {
  readonly http: number;
  readonly postgres: number;
  readonly bsee: number;
  readonly eia: number;
  readonly control: number;
}

/** Freshet in a namespace of its own that enforces the restricted standard, with a broker and a database as pods. */
export class Installation {
  readonly kubectl: Kubectl;
  private readonly forwards: PortForward[] = [];

  private constructor(
    readonly options: InstallationOptions,
    private readonly credentials: Credentials,
    private readonly ports: Ports,
  ) {
    this.kubectl = new Kubectl(options.namespace);
  }

  /** Namespace, dependencies and secrets; nothing of Freshet yet. */
  static async prepare(options: InstallationOptions): Promise<Installation> {
    const { namespace } = options;
    const [http = 0, postgres = 0, bsee = 0, eia = 0, control = 0] = await freePorts(5);
    const password = randomBytes(12).toString('hex');
    const operatorToken = randomBytes(24).toString('base64url');
    const installation = new Installation(
      options,
      { operatorToken, databaseUrl: `postgres://freshet:${password}@127.0.0.1:${postgres}/freshet` },
      { http, postgres, bsee, eia, control },
    );
    await installation.kubectl.apply(namespaceManifest(namespace));
    await installation.kubectl.apply(
      secretManifest(namespace, {
        'database-url': `postgres://freshet:${password}@postgres.${namespace}.svc:5432/freshet`,
        'database-password': password,
        'api-tokens': `test:operator:${operatorToken},watch:reader:${randomBytes(24).toString('base64url')}`,
        'cli-token': operatorToken,
        'worker-token': randomBytes(24).toString('base64url'),
        'eia-api-key': 'a-key-of-the-simulator',
      }),
    );
    for (const file of readdirSync(MANIFESTS).filter((name) => name.endsWith('.yaml')))
      await installation.kubectl.apply(
        filled(readFileSync(join(MANIFESTS, file), 'utf8'), { NAMESPACE: namespace, IMAGES, VERSION }),
      );
    await Promise.all(['postgres', 'kafka'].map((name) => installation.kubectl.rolledOut(`statefulset/${name}`)));
    return installation;
  }

  get databaseUrl(): string {
    return this.credentials.databaseUrl;
  }
  get operatorToken(): string {
    return this.credentials.operatorToken;
  }
  get baseUrl(): string {
    return `http://127.0.0.1:${this.ports.http}`;
  }
  get client(): FreshetClient {
    return new FreshetClient({ baseUrl: this.baseUrl, token: this.credentials.operatorToken });
  }
  /** The simulated publishers, and what controls them. */
  get publishers(): Publishers {
    return { bsee: `http://127.0.0.1:${this.ports.bsee}`, eia: `http://127.0.0.1:${this.ports.eia}` };
  }
  get simulators(): Simulators {
    return new Simulators(`http://127.0.0.1:${this.ports.control}`);
  }

  /** `helm upgrade --install --wait`, and ports of this machine that lead to the API, the database and the simulators. */
  async install(changes: Partial<InstallationOptions> = {}): Promise<void> {
    await this.upgrade(changes);
    await this.forward();
  }

  async upgrade(changes: Partial<InstallationOptions> = {}): Promise<void> {
    const { chart = CHART, values = [], set = {} } = { ...this.options, ...changes };
    const files = [join(__dirname, '..', 'values', 'test.yaml'), ...values];
    await this.helm([
      ...['upgrade', '--install', RELEASE, chart, '--wait', '--wait-for-jobs', '--timeout', '5m'],
      ...['--set', `image.tag=${VERSION},image.registry=${process.env['FRESHET_IMAGE_REGISTRY'] ?? ''}`],
      ...files.flatMap((file) => ['--values', file]),
      ...Object.entries(set).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
    ]);
  }

  async forward(): Promise<void> {
    const targets = [
      [`service/${RELEASE}-coordinator`, 8080, this.ports.http],
      ['service/postgres', 5432, this.ports.postgres],
      [`service/${RELEASE}-simulators`, 8081, this.ports.bsee],
      [`service/${RELEASE}-simulators`, 8082, this.ports.eia],
      [`service/${RELEASE}-simulators`, 8083, this.ports.control],
    ] as const;
    for (const [target, remote, local] of targets)
      this.forwards.push(await PortForward.open(this.kubectl, target, remote, local));
  }

  /** After the services behind the ports were removed and made again. */
  async reconnect(): Promise<void> {
    for (const forward of this.forwards.splice(0)) forward.close();
    await this.forward();
  }

  async helm(args: readonly string[], options: CommandOptions = {}): Promise<string> {
    try {
      return await run('helm', ['--namespace', this.options.namespace, ...args], { timeoutMs: 330_000, ...options });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw new Error(`${error.message}\n${await this.kubectl.describe()}`, { cause: error });
    }
  }

  /** Names of the running pods of a service that are not being deleted. */
  async pods(component: string): Promise<string[]> {
    const pods = await this.kubectl.list('pods', `app.kubernetes.io/component=${component}`);
    return pods.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => metadata.name);
  }

  /** Ready again with as many replicas as wanted, which is what "heals by itself" means. */
  async healthy(timeoutSeconds = 180): Promise<void> {
    await Promise.all(
      [
        ...SERVICES.map((service) => `deployment/${RELEASE}-${service}`),
        'statefulset/kafka',
        'statefulset/postgres',
      ].map((workload) => this.kubectl.rolledOut(workload, timeoutSeconds)),
    );
    await eventually('the API answers', async () => (await this.client.datasets()).length > 0);
  }

  /** Everything of this installation; volumes too. */
  async remove(): Promise<void> {
    for (const forward of this.forwards) forward.close();
    await run('kubectl', ['delete', 'namespace', this.options.namespace, '--wait=true'], { timeoutMs: 180_000 });
  }
}

const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  Object.entries(values).reduce((rest, [name, value]) => rest.replaceAll(name, value), text);

const namespaceManifest = (name: string): string => `
apiVersion: v1
kind: Namespace
metadata:
  name: ${name}
  labels:
    pod-security.kubernetes.io/enforce: restricted
    pod-security.kubernetes.io/enforce-version: latest
    pod-security.kubernetes.io/warn: restricted
`;

const secretManifest = (namespace: string, values: Readonly<Record<string, string>>): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: SECRET, namespace },
    stringData: values,
  });
