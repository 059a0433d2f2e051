/**
 * `node scripts/chart-datasets.mjs`: copies the definitions of the catalog into the chart, one file a dataset, named by its id. Helm reads
 * only files inside the chart; a test fails when they differ from the catalog.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const catalog = join(root, 'libs', 'catalog', 'datasets');
const target = join(root, 'helm', 'freshet', 'files', 'datasets');

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
for (const path of readdirSync(catalog, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.yaml'),
)) {
  const text = readFileSync(join(catalog, path), 'utf8');
  const id = /^id: ([a-z0-9.-]+)$/m.exec(text)?.[1];
  if (!id) throw new Error(`${path} has no id`);
  // The comment names the schema by a path that only holds in the catalog.
  writeFileSync(join(target, `${id}.yaml`), text.replace(/^# yaml-language-server:.*\n/, ''));
}
