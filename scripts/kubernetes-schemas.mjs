/**
 * `node scripts/kubernetes-schemas.mjs`: writes tests/chart/schemas, the JSON schemas that rendered objects are checked against: of three minor
 * versions of Kubernetes from their OpenAPI documents, and of the operators' kinds from their CustomResourceDefinitions. Everything comes
 * through the Go module proxy; needs Go. Only what the chart's kinds consist of is kept, without texts, and unknown keys are refused.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const KUBERNETES = ['v1.34.4', 'v1.35.4', 'v1.36.3'];
const KINDS = [
  ['', 'v1', ['ConfigMap', 'Pod', 'Service', 'ServiceAccount']],
  ['apps', 'v1', ['Deployment']],
  ['autoscaling', 'v2', ['HorizontalPodAutoscaler']],
  ['batch', 'v1', ['CronJob', 'Job']],
  ['networking.k8s.io', 'v1', ['Ingress', 'NetworkPolicy']],
  ['policy', 'v1', ['PodDisruptionBudget']],
];
const OPERATORS = [
  [
    'github.com/kedacore/keda/v2',
    'v2.20.2',
    ['scaledobjects', 'triggerauthentications'],
    (kind) => `config/crd/bases/keda.sh_${kind}.yaml`,
  ],
  [
    'github.com/prometheus-operator/prometheus-operator',
    'v0.85.0',
    ['servicemonitors', 'podmonitors', 'prometheusrules'],
    (kind) => `example/prometheus-operator-crd/monitoring.coreos.com_${kind}.yaml`,
  ],
  [
    'sigs.k8s.io/gateway-api',
    'v1.3.0',
    ['httproutes'],
    (kind) => `config/crd/standard/gateway.networking.k8s.io_${kind}.yaml`,
  ],
];
const KEPT = new Set(['type', 'enum', 'required', 'pattern', 'minimum', 'maximum', 'minLength', 'minItems']);

const target = join(dirname(fileURLToPath(import.meta.url)), '..', 'tests', 'chart', 'schemas');
const cache = mkdtempSync(join(tmpdir(), 'freshet-schemas-'));
try {
  mkdirSync(target, { recursive: true });
  for (const version of KUBERNETES) {
    const document = JSON.parse(
      readFileSync(join(moduleFolder('k8s.io/kubernetes', version), 'api/openapi-spec/swagger.json'), 'utf8'),
    );
    write(`kubernetes-${/^v(\d+\.\d+)/.exec(version)[1]}.json`, { version, ...kubernetes(document.definitions) });
  }
  const kinds = {};
  for (const [module, version, names, fileOf] of OPERATORS) {
    const folder = moduleFolder(module, version);
    for (const name of names)
      Object.assign(kinds, customKinds(parse(readFileSync(join(folder, fileOf(name)), 'utf8'))));
  }
  write('operators.json', {
    versions: Object.fromEntries(OPERATORS.map(([module, version]) => [module, version])),
    kinds,
    definitions: {},
  });
} finally {
  rmSync(cache, { recursive: true, force: true });
}

function moduleFolder(module, version) {
  const env = { ...process.env, GOMODCACHE: cache, GOFLAGS: '-modcacherw' };
  const { stdout, stderr, status } = spawnSync('go', ['mod', 'download', '-json', `${module}@${version}`], {
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`go mod download ${module}@${version}: ${stderr || stdout}`);
  return JSON.parse(stdout).Dir;
}

function kubernetes(all) {
  const kinds = {};
  const definitions = {};
  const keep = (name) => {
    if (definitions[name]) return;
    definitions[name] = {};
    definitions[name] = reduced(all[name], keep);
  };
  for (const [group, version, names] of KINDS)
    for (const kind of names) {
      const name = Object.keys(all).find((key) =>
        all[key]['x-kubernetes-group-version-kind']?.some(
          (gvk) => gvk.group === group && gvk.version === version && gvk.kind === kind,
        ),
      );
      keep(name);
      kinds[`${group ? `${group}/` : ''}${version} ${kind}`] = { $ref: `#/definitions/${name}` };
    }
  return { kinds, definitions };
}

/** The schemas of a CustomResourceDefinition leave out what every object has. */
function customKinds({ spec }) {
  return Object.fromEntries(
    spec.versions.map(({ name, schema }) => {
      const reduction = reduced(schema.openAPIV3Schema, () => undefined);
      reduction.properties = {
        ...reduction.properties,
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { type: 'object' },
      };
      return [`${spec.group}/${name} ${spec.names.kind}`, reduction];
    }),
  );
}

function reduced(schema, keep) {
  if (schema.$ref) {
    keep(schema.$ref.split('/').at(-1));
    return { $ref: schema.$ref };
  }
  if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string') return { type: ['integer', 'string'] };
  const result = Object.fromEntries(Object.entries(schema).filter(([key]) => KEPT.has(key)));
  // RE2's flags inside a pattern are no JavaScript.
  if (result.pattern?.startsWith('^(?i)')) delete result.pattern;
  if (schema.items) result.items = reduced(schema.items, keep);
  if (schema.properties) {
    result.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([key, value]) => [key, reduced(value, keep)]),
    );
    if (!schema['x-kubernetes-preserve-unknown-fields']) result.additionalProperties = false;
  } else if (typeof schema.additionalProperties === 'object')
    result.additionalProperties = reduced(schema.additionalProperties, keep);
  return result;
}

function write(name, content) {
  writeFileSync(join(target, name), `${JSON.stringify(content)}\n`);
}
