import { parseDocument } from 'yaml';
import { UsageError } from '../exit';
import { suggest } from '../suggest';
import { DATASET_FLAGS, KNOWN_KEYS, isGroup, lookUp, type DatasetFlag } from './keys';

export interface OriginalConfig {
  readonly path: string;
  readonly datasets: readonly string[];
  /** Keys that have no effect here, with what Freshet does instead. */
  readonly notes: ReadonlyArray<{ readonly key: string; readonly instead: string }>;
}

type Mapping = Readonly<Record<string, unknown>>;
const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads a `data_refresh_enhanced.yml` of worldenergydata: which datasets it asks for. YAML as PyYAML reads it (version 1.1:
 * `yes` and `on` are true).
 *
 * @throws UsageError naming every mistake, or explaining what to do with a file of the legacy mode.
 */
export function readOriginalConfig(text: string, path: string): OriginalConfig {
  const config = parse(text, path);
  const data = isMapping(config['data']) ? config['data'] : {};
  const meta = isMapping(config['meta']) ? config['meta'] : {};
  const mistakes: string[] = [];
  const notes: Array<{ key: string; instead: string }> = [];

  if ('data' in config && !isMapping(config['data']))
    mistakes.push('data: must be a mapping with well, production and war');
  checkKeys(config, '', mistakes, notes);
  checkModule(config, meta, mistakes);
  for (const flag of ['refresh', 'enhanced_refresh', 'enhanced', ...Object.keys(DATASET_FLAGS)]) {
    if (flag in data && typeof data[flag] !== 'boolean')
      mistakes.push(`data.${flag}: ${JSON.stringify(data[flag])} is not true or false`);
  }
  const enhanced = isEnhanced(config, meta, data, mistakes);
  if (!enhanced && mistakes.length === 0 && isLegacy(meta, data)) throw legacy(path, data);
  if (!enhanced && mistakes.length === 0) {
    mistakes.push('it names no mode: write mode: enhanced under meta (older files: enhanced_refresh: true under data)');
  }
  if (data['refresh'] === false && enhanced)
    mistakes.push('data.refresh is false: the file asks for no refresh; set it to true or remove it');
  const datasets = (Object.keys(DATASET_FLAGS) as DatasetFlag[])
    .filter((flag) => data[flag] === true)
    .map((flag) => DATASET_FLAGS[flag]);
  if (datasets.length === 0 && mistakes.length === 0)
    mistakes.push('none of data.well, data.production and data.war is true: there is nothing to refresh');
  if (mistakes.length > 0) {
    throw new UsageError(
      `${path} cannot be used`,
      'Correct the file, or name the datasets instead: freshet refresh bsee.well bsee.production bsee.war',
      mistakes,
    );
  }
  return { path, datasets, notes };
}

function parse(text: string, path: string): Mapping {
  const document = parseDocument(text, { version: '1.1', uniqueKeys: true });
  const [error] = document.errors;
  if (error) throw new UsageError(`${path} is not valid YAML: ${error.message.split('\n')[0] ?? error.code}`);
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  if (!isMapping(value)) throw new UsageError(`${path} is not a configuration: it must be a mapping of keys`);
  return value;
}

function checkKeys(
  value: Mapping,
  above: string,
  mistakes: string[],
  notes: Array<{ key: string; instead: string }>,
): void {
  for (const [name, below] of Object.entries(value)) {
    const path = above === '' ? name : `${above}.${name}`;
    if (isGroup(path) && isMapping(below)) {
      checkKeys(below, path, mistakes, notes);
      continue;
    }
    const known = lookUp(path);
    if (!known && !isGroup(path)) mistakes.push(unknownKey(path));
    else if (known?.instead !== undefined)
      notes.push({ key: known.key.endsWith('.*') && isMapping(below) ? `${path}.*` : path, instead: known.instead });
  }
}

function unknownKey(path: string): string {
  const siblings = KNOWN_KEYS.map(({ key }) => key.replace(/\.\*$/, ''));
  const [near] = suggest(path, siblings, 1);
  return `${path}: unknown key${near ? `; did you mean ${near}?` : ''}`;
}

function checkModule(config: Mapping, meta: Mapping, mistakes: string[]): void {
  const basename = meta['basename'] ?? config['basename'];
  if (basename !== undefined && basename !== 'bsee')
    mistakes.push(`meta.basename: ${JSON.stringify(basename)} is another module; this command reads files of bsee`);
}

function isEnhanced(config: Mapping, meta: Mapping, data: Mapping, mistakes: string[]): boolean {
  const mode = meta['mode'];
  if (mode === 'enhanced') return true;
  if (mode !== undefined && mode !== 'legacy') {
    mistakes.push(`meta.mode: ${JSON.stringify(mode)} is not a mode; write enhanced`);
    return false;
  }
  if (mode === 'legacy') return false;
  if (data['enhanced_refresh'] === true) return true;
  if (config['enhanced_mode'] === true || data['enhanced'] === true) {
    mistakes.push('meta.mode is missing: the original takes such a file for legacy; write mode: enhanced under meta');
  }
  return false;
}

const isLegacy = (meta: Mapping, data: Mapping): boolean =>
  meta['mode'] === 'legacy' || 'refresh' in data || 'apm' in data;

/** Legacy mode reads zip files that somebody put into a folder; nothing of it is replaced, so it is not imitated. */
function legacy(path: string, data: Mapping): UsageError {
  const wanted = [
    ...(data['apm'] === true || data['well'] === true ? ['bsee.well'] : []),
    ...(data['production'] === true ? ['bsee.production'] : []),
  ];
  return new UsageError(
    `${path} asks for the legacy mode, which reads zip files from data/modules/bsee/zip`,
    `For fresh data run: freshet refresh ${wanted.join(' ') || 'bsee'} --wait`,
    [
      'the legacy mode stays where it is and keeps working: python tests/modules/bsee/data/refresh/data_refresh_test.py',
      'to read this file with Freshet, add mode: enhanced under meta, and write well: true where it says apm: true',
      'legacy well files (apm) come from another archive than bsee.well (APDRawData); see docs/guides/migrate-from-zip-files.md',
    ],
  );
}
