/**
 * `node scripts/chart-files.mjs`: copies into helm/freshet/files what the chart installs and what belongs elsewhere, because Helm reads only files
 * inside the chart: definitions of datasets from the catalog, named by their ids; dashboards and alert rules from deploy/monitoring, told apart
 * by what is in them. With `--check` it only says whether the copies are current.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'helm', 'freshet', 'files');
const wanted = new Map([...definitions(), ...monitoring()]);

if (process.argv.includes('--check')) {
  const old = [...wanted].filter(([name, text]) => !existsSync(join(target, name)) || read(target, name) !== text);
  const extra = below(target).filter((name) => !wanted.has(name));
  if (old.length > 0 || extra.length > 0) {
    const names = [...old.map(([name]) => name), ...extra];
    process.stderr.write(`helm/freshet/files differs in ${names.join(', ')}: run node scripts/chart-files.mjs\n`);
    process.exit(1);
  }
} else {
  rmSync(target, { recursive: true, force: true });
  for (const [name, text] of wanted) {
    mkdirSync(dirname(join(target, name)), { recursive: true });
    writeFileSync(join(target, name), text);
  }
}

function definitions() {
  const folder = join(root, 'libs', 'catalog', 'datasets');
  return below(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => {
      const text = read(folder, name);
      // The comment names the schema by a path that only holds in the catalog.
      return [join('datasets', `${parse(text).id}.yaml`), text.replace(/^# yaml-language-server:.*\n/, '')];
    });
}

/** Tests of rules have no `groups` and stay where they are. */
function monitoring() {
  const folder = join(root, 'deploy', 'monitoring');
  return below(folder).flatMap((name) => {
    const text = read(folder, name);
    if (/\.ya?ml$/.test(name) && parse(text).groups)
      return [[join('monitoring', 'rules', basename(name).replace(/\.yml$/, '.yaml')), text]];
    if (name.endsWith('.json') && JSON.parse(text).panels)
      return [[join('monitoring', 'dashboards', basename(name)), text]];
    return [];
  });
}

function below(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    .sort();
}

function read(folder, name) {
  return readFileSync(join(folder, name), 'utf8');
}
