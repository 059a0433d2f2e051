import type { DoctorCheckView } from '@freshet/contracts';
import { coolDowns, observationStorage, type Database } from '@freshet/database';
import type { Credential, DatasetDefinition, RateLimit } from '@freshet/domain';
import type { CoordinatorSettings } from '../settings';
import { howToSet } from './credentials';

type Definitions = readonly DatasetDefinition[];

/** One check for each variable that definitions name a key by; never shows a value. */
export function keyChecks(definitions: Definitions, { credentials }: CoordinatorSettings): DoctorCheckView[] {
  return byKey(
    definitions,
    ({ credential }) => credential,
    ({ variable }) => variable,
  ).map(([credential, ids]) => {
    const { variable, required } = credential;
    const about = { name: `key ${variable}` };
    const whom = `${required ? 'needed' : 'taken along'} by ${ids.join(', ')}`;
    if (credentials === null)
      return { ...about, ok: true, detail: `${whom}; the fetchers have it, so it is not known here` };
    if (credentials.has(variable)) return { ...about, ok: true, detail: `set; ${whom}` };
    if (!required) return { ...about, ok: true, detail: `not set; ${whom}` };
    // Who does not want these datasets needs no key.
    return {
      ...about,
      ok: false,
      optional: true,
      detail: `not set; ${whom}, so schedules leave them out`,
      nextStep: howToSet(credential),
    };
  });
}

/** One check for each limit: what a publisher bears, and whether it has had enough. */
export async function limitChecks(database: Database, definitions: Definitions): Promise<DoctorCheckView[]> {
  const limits = byKey(
    definitions,
    ({ rateLimit }) => rateLimit,
    ({ key }) => key,
  );
  if (limits.length === 0) return [];
  const cooling = await coolDowns(
    database,
    limits.map(([{ key }]) => key),
  );
  return limits.map(([limit, ids]) => {
    const name = `rate limit ${limit.key}`;
    const found = cooling.find(({ key }) => key === limit.key);
    if (!found) return { name, ok: true, detail: `${allowed(limit)}, for ${ids.join(', ')} together` };
    return {
      name,
      ok: false,
      detail: `cool-down until ${found.until.toISOString()}, for ${Math.ceil(found.seconds)} s more: the publisher asked for it`,
      nextStep:
        'It ends by itself. If it comes back, lower rateLimit in the definition, or look who else uses the key.',
    };
  });
}

/** Where observations go; null where no dataset has any. */
export async function storageCheck(database: Database, definitions: Definitions): Promise<DoctorCheckView | null> {
  if (!definitions.some(({ mode }) => mode === 'timeseries')) return null;
  const name = 'time series';
  const { timescaledb, months, until, over } = await observationStorage(database);
  if (timescaledb !== null) return { name, ok: true, detail: `a hypertable of TimescaleDB ${timescaledb}` };
  if (until === null) return { name, ok: true, detail: 'partitions by month, made ahead from the first refresh on' };
  const made = `${months} partition${months === 1 ? '' : 's'} by month, made until ${until.toISOString().slice(0, 10)}`;
  if (!over) return { name, ok: true, detail: made };
  return {
    name,
    ok: false,
    detail: `${made}: there is none for now`,
    nextStep: 'The next refresh of a time series makes it; if it does not, look at the log of the loader.',
  };
}

const allowed = ({ limits }: RateLimit): string =>
  limits.map(({ requests, perSeconds }) => `${requests} in ${perSeconds} s`).join(', ');

/** Each thing that several datasets share, with the ids of those. */
function byKey<T extends Credential | RateLimit>(
  definitions: Definitions,
  of: (definition: DatasetDefinition) => T | null,
  key: (shared: T) => string,
): ReadonlyArray<readonly [shared: T, ids: readonly string[]]> {
  const found = new Map<string, readonly [T, string[]]>();
  for (const definition of definitions) {
    const shared = of(definition);
    if (!shared) continue;
    const same = found.get(key(shared));
    if (same) same[1].push(definition.id);
    else found.set(key(shared), [shared, [definition.id]]);
  }
  return [...found.values()];
}
