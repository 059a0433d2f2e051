import { configSchema as coordinator } from '../../services/coordinator/src/config';
import { configSchema as fetcher } from '../../services/fetcher/src/config';
import { configSchema as loader } from '../../services/loader/src/config';
import { configSchema as parser } from '../../services/parser/src/config';
import { configSchema as reporter } from '../../services/reporter/src/config';
import { configSchema as simulators } from '../../services/simulators/src/config';
import { configSchema as validator } from '../../services/validator/src/config';
import { environmentSchema as cli } from '../../services/cli/src/environment';
import { CI, describeWithHelm, render } from './helm';
import { podsOf, type Pod } from './pods';

const SCHEMAS: Readonly<Record<string, { readonly shape: object }>> = {
  ...{ coordinator, fetcher, loader, parser, reporter, simulators, validator, cli },
};
const SERVICES = ['coordinator', 'fetcher', 'parser', 'validator', 'loader', 'reporter'];

/** Keys of Secrets that are mounted, as `secret/key`. */
function secretsOf({ spec }: Pod): string[] {
  const sources = spec.volumes.flatMap((volume) => {
    const projected = volume['projected'] as { sources: Array<{ secret?: SecretItems }> } | undefined;
    return [volume['secret'] as SecretItems | undefined, ...(projected?.sources ?? []).map(({ secret }) => secret)];
  });
  return sources.flatMap(
    (secret) => secret?.items.map(({ key }) => `${secret.name ?? secret.secretName}/${key}`) ?? [],
  );
}
interface SecretItems {
  readonly name?: string;
  readonly secretName?: string;
  readonly items: ReadonlyArray<{ readonly key: string }>;
}

describeWithHelm('every pod', () => {
  const pods = podsOf(render([CI.everythingOn]));
  const each = pods.map((pod) => [pod.of, pod] as const);
  const service = (component: string, set = {}): Pod =>
    podsOf(render([CI.default], set)).filter((pod) => pod.component === component)[0] as Pod;

  it('is looked at: services, simulators, CronJobs, the Job and the tests', () => {
    const kinds = new Set(pods.map(({ of }) => of.split(' ')[0]));
    expect(kinds).toEqual(new Set(['Deployment', 'CronJob', 'Job', 'Pod']));
    expect(new Set(pods.map(({ component }) => component))).toEqual(
      new Set([...SERVICES, 'simulators', 'cli', 'migrate']),
    );
  });

  // https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
  it.each(each)('%s meets the restricted Pod Security Standard', (_, { spec }) => {
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 10001,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect([spec.hostNetwork, spec.hostPID, spec.hostIPC, spec.initContainers]).toEqual(Array(4).fill(undefined));
    for (const { securityContext } of spec.containers)
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        capabilities: { drop: ['ALL'] },
      });
    const allowed = new Set(['configMap', 'emptyDir', 'projected', 'secret', 'persistentVolumeClaim']);
    for (const { name, ...source } of spec.volumes)
      expect([name, allowed.has(Object.keys(source)[0] ?? '')]).toEqual([name, true]);
  });

  it.each(each)('%s has no token of Kubernetes, and an account of its component', (_, { component, spec }) => {
    expect(spec.automountServiceAccountToken).toBe(false);
    expect(spec.serviceAccountName).toBe(`freshet-${component}`);
  });

  it.each(each)('%s writes only to volumes with a limit, or to a claim', (_, { spec }) => {
    for (const volume of spec.volumes) {
      const emptyDir = volume['emptyDir'] as { sizeLimit?: string } | undefined;
      if (emptyDir) expect([volume.name, emptyDir.sizeLimit]).toEqual([volume.name, expect.any(String)]);
    }
  });

  it.each(each)('%s has requests, and a limit of memory', (_, { spec: { containers } }) => {
    for (const { resources } of containers) {
      expect(resources.requests).toEqual({ cpu: expect.any(String), memory: expect.any(String) });
      expect(resources.limits['memory']).toEqual(expect.any(String));
    }
  });

  it.each(each.filter(([, { component }]) => component in SCHEMAS))(
    '%s gets only variables that its program reads',
    (_, { component, spec: { containers } }) => {
      const known = new Set(Object.keys(SCHEMAS[component]?.shape ?? {}));
      // Named in definitions, not in the schema of the fetcher.
      known.add('EIA_API_KEY');
      const names = containers.flatMap(({ env }) => env.map(({ name }) => name));
      expect(names.filter((name) => !known.has(name) && !known.has(name.replace(/_FILE$/, '')))).toEqual([]);
      expect(new Set(names).size).toBe(names.length);
    },
  );

  it.each([
    ['coordinator', ['api-tokens', 'database-url', 'worker-token']],
    ['fetcher', ['worker-token']],
    ['parser', []],
    ['validator', []],
    ['loader', ['database-url']],
    ['reporter', ['database-url']],
    ['migrate', ['database-url']],
    ['cli', ['cli-token']],
  ])('of the %s mounts %j and nothing else by default', (component, keys) => {
    expect(secretsOf(service(component)).sort()).toEqual(keys.map((key) => `freshet-secrets/${key}`));
  });

  it('of the fetcher, and no other, gets the credentials of publishers', () => {
    const having = pods.filter((pod) => secretsOf(pod).includes('eia/api-key'));
    expect(having.map(({ of }) => of)).toEqual(['Deployment freshet-fetcher']);
  });

  it.each(SERVICES)('of the %s is started, alive and ready by its own endpoints', (component) => {
    const [container] = service(component).spec.containers;
    expect(container?.startupProbe?.httpGet).toEqual({ path: '/health/live', port: 'http' });
    expect(container?.livenessProbe?.httpGet).toEqual({ path: '/health/live', port: 'http' });
    expect(container?.readinessProbe?.httpGet).toEqual({ path: '/health/ready', port: 'http' });
  });

  it('may take as long to stop as a lease lasts, and twenty seconds at least', () => {
    const grace = (set = {}) => service('coordinator', set).spec.terminationGracePeriodSeconds;
    // 5 s preStop, and 10 s to disconnect.
    expect(grace()).toBe(5 + 30 + 10);
    expect(grace({ leaseSeconds: 120 })).toBe(5 + 120 + 10);
    expect(grace({ leaseSeconds: 5 })).toBe(5 + 20 + 10);
    expect(grace({ 'services.coordinator.preStopSeconds': 20 })).toBe(20 + 30 + 10);
  });

  it('of the coordinator is told the lease that the grace period follows from', () => {
    const env = service('coordinator', { leaseSeconds: 120 }).spec.containers[0]?.env;
    expect(env).toContainEqual({ name: 'FRESHET_LEASE_SECONDS', value: '120' });
  });

  it('is replaced when a definition changes', () => {
    const checksums = (set = {}): unknown =>
      render([CI.default], set)
        .filter(({ kind }) => kind === 'Deployment')
        .map(({ spec }) => (spec as { template: { metadata: { annotations: object } } }).template.metadata.annotations);
    expect(checksums({ 'datasets.extra': { 'a.yaml': 'id: a.b' } })).not.toEqual(checksums());
    expect(checksums({ 'log.level': 'debug' })).toEqual(checksums());
  });
});
