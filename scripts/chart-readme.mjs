/**
 * `node scripts/chart-readme.mjs`: writes helm/freshet/README.md, with a table of all values from the comments in values.yaml. A comment that
 * begins with `--` explains the value below it, and everything in that value. With `--check` it only says whether the page is current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMap, parse, parseDocument } from 'yaml';

const chart = join(dirname(fileURLToPath(import.meta.url)), '..', 'helm', 'freshet');
const target = join(chart, 'README.md');
const meta = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8'));

const page = `# The chart of Freshet

Written by \`node scripts/chart-readme.mjs\` from \`values.yaml\`; a test says when this page is old.

${meta.description} Version ${meta.version} of the chart installs version ${meta.appVersion} of Freshet; it needs Kubernetes
${meta.kubeVersion.replace(/[^0-9.]*([0-9]+\.[0-9]+).*/, '$1')} or later, Kafka, and PostgreSQL.

\`\`\`sh
kubectl create secret generic freshet-secrets \\
  --from-literal=database-url='postgres://freshet:…@postgres:5432/freshet' \\
  --from-literal=api-tokens='admin:operator:…' --from-literal=cli-token='…' --from-literal=worker-token='…'
helm install freshet helm/freshet --set existingSecret=freshet-secrets --set 'kafka.brokers={kafka:9092}'
helm test freshet --logs
\`\`\`

\`cli-token\` is the token of an operator in \`api-tokens\`. Unknown values are refused (\`values.schema.json\`). Examples are in \`ci/\`.

## Values

${table(valuesOf(parseDocument(readFileSync(join(chart, 'values.yaml'), 'utf8')).contents))}
`;

if (!process.argv.includes('--check')) writeFileSync(target, page);
else if (readFileSync(target, 'utf8') !== page) {
  process.stderr.write('helm/freshet/README.md is old: run node scripts/chart-readme.mjs\n');
  process.exit(1);
}

/** Every explained value, in the order of the file: { path, fallback, meaning }. */
function valuesOf(map, prefix = '') {
  return map.items.flatMap(({ key, value }, index) => {
    // The comment of the first key of a map belongs to the map for the parser.
    const comment = key.commentBefore ?? (index === 0 ? map.commentBefore : undefined) ?? '';
    const path = prefix + key.value;
    const meaning = /^ ?-- (.*)$/m.exec(comment)?.[1];
    if (meaning) return [{ path, fallback: JSON.stringify(value.toJSON()), meaning }];
    if (isMap(value)) return valuesOf(value, `${path}.`);
    throw new Error(`${path} has no explanation: put a comment above it that begins with "# -- "`);
  });
}

function table(values) {
  const cell = (text) => text.replaceAll('|', '\\|');
  const rows = values.map(
    ({ path, fallback, meaning }) => `| \`${path}\` | \`${cell(fallback)}\` | ${cell(meaning)} |`,
  );
  return ['| value | default | meaning |', '|---|---|---|', ...rows].join('\n');
}
