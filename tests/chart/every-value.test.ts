import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CHART, CI, describeWithHelm, render } from './helm';
import { effective, leaves, resolved, schema, type Json, type Schema } from './values';

const PEERS = [{ ipBlock: { cidr: '9.9.9.9/32' } }];
const RULES = [{ to: PEERS }];
const REFERENCE = { OTHER: { secret: 'other', key: 'other' } };

/** Another valid value, by its path or by the last part of it, where the type alone does not give one. */
const OTHER: Readonly<Record<string, Json>> = {
  'image.registry': 'other.example.com/',
  'image.pullSecrets': ['other'],
  'kafka.brokers': ['other:1234'],
  'otel.endpoint': 'http://other:4318',
  'datasets.extra': { 'other.yaml': 'id: other.one' },
  'datasets.suspended': ['bsee.well'],
  'datasets.credentials': REFERENCE,
  'networkPolicy.privateRanges': ['9.9.9.0/24'],
  'simulators.scale': 'tiny',
  'helmTest.datasets': ['other.one'],
  'httpRoute.parentRefs': [{ name: 'other' }],
  'httpRoute.hostnames': ['other.example.com'],
  cpu: '7m',
  memory: '777Mi',
  sizeLimit: '777Mi',
  paths: ['/other'],
  tolerations: [{ key: 'other', operator: 'Exists' }],
  affinity: { podAffinity: {} },
  env: { OTHER: 'other' },
  secretEnv: REFERENCE,
  extraEgress: RULES,
  extraIngress: RULES,
  privatePublishers: RULES,
  ports: [7],
  publisherPorts: [7],
  webhookPorts: [7],
};

/** What else has to be set for a value to have an effect. */
const WITH: Readonly<Record<string, Record<string, Json>>> = {
  'autoscaling.cpu': { 'autoscaling.mode': 'hpa' },
  'defaults.replicas': { 'autoscaling.mode': 'none' },
  'export.sizeLimit': { 'export.existingClaim': '' },
};
const needsMonitoringFiles = (key: string): boolean =>
  /^monitoring\.(rules|dashboards|dashboardLabels)/.test(key) && !existsSync(join(CHART, 'files', 'monitoring'));

function otherThan(path: readonly string[], value: Json): Json {
  if (path[0] === 'services' && path.length === 2) return { podLabels: { 'example.com/other': 'other' } };
  const last = path.at(-1) ?? '';
  const known = OTHER[path.join('.')] ?? OTHER[last];
  if (known !== undefined) return known;
  const choice = path.reduce<Schema>((node, part) => resolved(node).properties?.[part] ?? {}, schema).enum;
  if (choice) return choice.find((each) => each !== value && each !== '') ?? null;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'string') return 'other';
  return path[0] === 'networkPolicy' ? PEERS : { 'example.com/other': 'other' };
}

// Helm takes a fifth of a second for each.
describeWithHelm('every value, with everything on,', () => {
  const given = effective(CI.everythingOn);
  const usual = new Map<string, string>();
  const text = (set: Record<string, Json>): string => JSON.stringify(render([CI.everythingOn], set));
  const textWithout = (set: Record<string, Json>): string => {
    const key = JSON.stringify(set);
    const known = usual.get(key) ?? text(set);
    usual.set(key, known);
    return known;
  };

  it.each(leaves().filter(({ key }) => !needsMonitoringFiles(key)))(
    'changes what is rendered: $key',
    ({ key, path }) => {
      const also = WITH[key] ?? {};
      // Compared here, because the texts are long.
      const changed = text({ ...also, [key]: otherThan(path, given(path)) }) !== textWithout(also);
      expect(changed).toBe(true);
    },
  );
});
