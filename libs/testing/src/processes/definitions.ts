import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';

/** What of a simulated publisher a definition needs to know. */
export interface SimulatedSite {
  /** Without a slash at the end. */
  readonly url: string;
  /** `host:port` of everything that may be fetched although it is not public. */
  readonly hosts: readonly string[];
  /** Whose definitions are meant; BSEE's unless told otherwise. */
  readonly source?: SimulatedSource;
}

export type SimulatedSource = keyof typeof SITES;

type Yaml = Record<string, unknown>;

/** Keys of a definition to set instead, by dataset id, or `*` for every one; objects are merged, everything else replaced. */
export type DefinitionChanges = Readonly<Record<string, Yaml>>;

/** Where each source is in reality. */
const SITES = { bsee: 'https://www.data.bsee.gov', eia: 'https://api.eia.gov' } as const;

/** Retries that a test can wait for. Timeouts stay those of the definition unless changed. */
export const IMPATIENT: Yaml = { retry: { initialDelay: '200ms', maxDelay: '2s' } };

/**
 * Writes the built-in definitions of the site's source into `folder` (for FRESHET_DATASETS_DIR), with the publisher's site
 * replaced by the simulator's and nothing scheduled: no refreshes, no health checks. What decides the content version stays as
 * it is. Definitions of several sources may go into one folder.
 */
export function writeSimulatedDefinitions(folder: string, site: SimulatedSite, changes: DefinitionChanges = {}): void {
  mkdirSync(folder, { recursive: true });
  const { source = 'bsee' } = site;
  const builtIn = join(dirname(require.resolve('@freshet/catalog/package.json')), 'datasets', source);
  for (const file of readdirSync(builtIn).filter((name) => name.endsWith('.yaml'))) {
    const text = readFileSync(join(builtIn, file), 'utf8').replaceAll(SITES[source], site.url);
    const { schedule: _unscheduled, ...definition } = parse(text) as Yaml;
    if (isObject(definition['timeseries'])) delete definition['timeseries']['health'];
    const changed = [changes['*'], changes[String(definition['id'])]].reduce<Yaml>(
      (before, change) => (change ? merged(before, change) : before),
      { ...definition, allowPrivateHosts: [...site.hosts] },
    );
    writeFileSync(join(folder, file), stringify(changed));
  }
}

const isObject = (value: unknown): value is Yaml =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function merged(into: Yaml, change: Yaml): Yaml {
  const result = { ...into };
  for (const [key, value] of Object.entries(change)) {
    const before = result[key];
    result[key] = isObject(before) && isObject(value) ? merged(before, value) : value;
  }
  return result;
}
