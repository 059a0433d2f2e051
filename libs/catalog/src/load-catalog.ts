import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { FreshetError, type DatasetDefinition } from '@freshet/domain';
import { Catalog } from './catalog';
import { readDataset, type Mistake } from './read-dataset';

/** Beside `src` and `dist` alike. */
const BUILT_IN = join(__dirname, '..', 'datasets');

export interface CatalogOptions {
  /** A folder whose `.yaml` files add datasets, or replace built-in ones of the same id. */
  readonly extraFolder?: string;
  /** Replaces the folder of built-in definitions; for tests. */
  readonly builtInFolder?: string;
}

interface Loaded {
  readonly file: string;
  readonly definition: DatasetDefinition;
}

/** @throws FreshetError `definition_invalid` that lists every mistake of every file. */
export function loadCatalog(options: CatalogOptions = {}): Catalog {
  const mistakes: Mistake[] = [];
  const byId = new Map<string, Loaded>();
  for (const folder of [options.builtInFolder ?? BUILT_IN, options.extraFolder]) {
    if (!folder) continue;
    for (const [id, loaded] of readFolder(folder, mistakes)) byId.set(id, loaded);
  }
  mistakes.push(...sharedNames([...byId.values()]));
  if (mistakes.length > 0) throw invalid(mistakes);
  return new Catalog([...byId.values()].map(({ definition }) => definition));
}

function readFolder(folder: string, mistakes: Mistake[]): Map<string, Loaded> {
  const found = new Map<string, Loaded>();
  for (const path of yamlFiles(folder)) {
    const file = relative(folder, path).replaceAll('\\', '/');
    const result = readDataset(file, readFileSync(path, 'utf8'));
    if ('mistakes' in result) {
      mistakes.push(...result.mistakes);
      continue;
    }
    const { definition } = result;
    const earlier = found.get(definition.id);
    if (earlier)
      mistakes.push({
        file,
        line: null,
        path: 'id',
        message: `${definition.id} is already defined in ${earlier.file}`,
      });
    else found.set(definition.id, { file, definition });
  }
  return found;
}

/** A mounted ConfigMap keeps its real files in hidden folders beside the links: hidden names are passed over. */
function yamlFiles(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch (cause) {
    throw new FreshetError('definition_invalid', {
      message: `the folder of dataset definitions cannot be read: ${folder}`,
      nextStep: 'Check FRESHET_DATASETS_DIR and the rights on the folder.',
      attributes: { folder },
      cause,
    });
  }
  return names.flatMap((name) => {
    if (name.startsWith('.')) return [];
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return yamlFiles(path);
    return /\.ya?ml$/.test(name) ? [path] : [];
  });
}

/** Resources of one source share a schema in the database, so their names may not meet. */
function sharedNames(all: readonly Loaded[]): Mistake[] {
  const owner = new Map<string, string>();
  const mistakes: Mistake[] = [];
  for (const { file, definition } of all) {
    for (const [index, resource] of definition.resources.entries()) {
      const name = `${definition.source}.${resource.name}`;
      const other = owner.get(name);
      if (other && other !== definition.id) {
        mistakes.push({
          file,
          line: null,
          path: `resources[${index}].name`,
          message: `${resource.name} is already a resource of ${other}`,
        });
      }
      owner.set(name, definition.id);
    }
  }
  return mistakes;
}

function invalid(mistakes: readonly Mistake[]): FreshetError {
  const lines = mistakes.map(
    ({ file, line, path, message }) =>
      `  ${file}${line === null ? '' : `:${line}`}${path ? ` ${path}` : ''}: ${message}`,
  );
  return new FreshetError('definition_invalid', {
    message: `${mistakes.length} ${mistakes.length === 1 ? 'mistake' : 'mistakes'} in dataset definitions:\n${lines.join('\n')}`,
    nextStep:
      'Correct the files; docs/reference/datasets.md explains every key, and schema/dataset.schema.json makes an editor check them.',
    attributes: { mistakes: mistakes.length },
  });
}
