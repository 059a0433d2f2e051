/**
 * `node docker/trace.mjs SERVICE FOLDER`: copies what a built service loads at run time into FOLDER, in the repository's layout,
 * and a `main.js` that starts it. Traced from its entry points, which leaves out nine tenths of what `npm ci --omit=dev` installs.
 */
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFileTrace } from '@vercel/nft';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Loaded by names that are put together at run time. */
const LOADED_BY_NAME = ['node_modules/@nestjs/platform-express/index.js'];
/** Read as files. */
const DATA = { 'libs/catalog': ['datasets', 'codes', 'schema'], 'libs/contracts': ['src/proto'] };
/** Programs of a service besides its `main.js`. */
const PROGRAMS = /^(main|migrate)\.js$/;

const [service, target] = process.argv.slice(2);
if (!service || !target) {
  process.stderr.write('usage: node docker/trace.mjs SERVICE FOLDER\n');
  process.exit(2);
}
const dist = join('services', service, 'dist');
if (!existsSync(join(root, dist, 'main.js'))) {
  process.stderr.write(`${dist}/main.js is not there: is ${JSON.stringify(service)} a service, and is it built?\n`);
  process.exit(1);
}

const programs = readdirSync(join(root, dist)).filter((name) => PROGRAMS.test(name));
const entries = [...programs.map((name) => join(dist, name)), ...LOADED_BY_NAME];
// Node takes `module-sync` for `require` where a package offers it, and older versions do not: both are copied.
const fileList = [];
for (const conditions of [['node'], ['node', 'module-sync']]) {
  // Builders allow few open files.
  const traced = await nodeFileTrace(entries, { base: root, processCwd: root, conditions, fileIOConcurrency: 64 });
  fileList.push(...traced.fileList);
}

// What is no JavaScript of ours (type declarations, sources that a path in code names) is not loaded.
const files = [...new Set(fileList)].filter(
  (path) => path.startsWith('node_modules/') || /(\.js|\.json|\.cjs|\.mjs)$/.test(path),
);
const packages = new Set(files.flatMap((path) => /^(libs|services)\/[^/]+/.exec(path)?.[0] ?? []));
for (const folder of packages) {
  files.push(join(folder, 'package.json'));
  for (const data of DATA[folder] ?? []) files.push(...below(join(folder, data)));
}
for (const path of new Set(files)) copy(path);
writeFileSync(join(target, 'main.js'), `require('./${dist}/main.js');\n`);

const bytes = [...new Set(files)].reduce((sum, path) => sum + lstatSync(join(root, path)).size, 0);
process.stdout.write(`${service}: ${new Set(files).size} files, ${(bytes / 1e6).toFixed(1)} MB\n`);

function below(folder) {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => lstatSync(join(root, path)).isFile() && !path.endsWith('.ts'));
}

/** Links stay links: the packages of the workspaces are links in node_modules. */
function copy(path) {
  const [from, to] = [join(root, path), join(target, path)];
  mkdirSync(dirname(to), { recursive: true });
  if (lstatSync(from).isSymbolicLink()) symlinkSync(readlinkSync(from), to);
  else copyFileSync(from, to);
}
