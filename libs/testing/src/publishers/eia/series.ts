import { FOREIGN_REGIONS, NATION, REGIONS, SUB_AREAS, ADDED_FUELS, nameOf, recordedFacet, TYPES } from './codes';
import type { Curves } from './curves';
import { fuelBegins, lifetimeOf } from './curves';
import { textSeed } from './noise';
import type { Hour } from './period';
import { hourOf } from './period';
import type { Profile, Tie } from './profiles';
import { PROFILES, TIES } from './profiles';
import type { EiaKind, EiaRoute } from './routes';

/** The first hour that is published. Metadata say T00. */
export const HISTORY_BEGINS = hourOf('2019-01-01T01');

/** One line through time of a route: everything of a row but period and value. */
export interface Series {
  readonly route: EiaRoute;
  /** `PJM.D`, `PJM.NG` (fuel), `PJM-MISO`, `PJM.AEP`: unique within the route. */
  readonly id: string;
  /** Of the id, for noise. */
  readonly number: number;
  readonly kind: EiaKind;
  readonly columns: Readonly<Record<string, string>>;
  /** Standard offset of the respondent, hours. */
  readonly zone: number;
  readonly dst: boolean;
  /** First and last hour there can be rows of. */
  readonly from: Hour;
  readonly to: Hour;
  value(hour: Hour): number;
}

const EASTERN = { zone: -5, dst: true };
const FUEL_NAMES = new Map([...ADDED_FUELS].map(({ id, name }) => [id, name] as const));

export const fuelName = (code: string): string =>
  recordedFacet('fuel-type-data', 'fueltype').find(({ id }) => id === code)?.name ?? FUEL_NAMES.get(code) ?? code;

type Part = Pick<Series, 'route' | 'id' | 'kind' | 'columns' | 'value'>;

const series = (part: Part, owner: Pick<Profile, 'zone' | 'dst'>, from = -Infinity, to = Infinity): Series => ({
  ...part,
  number: textSeed(`${part.route} ${part.id}`),
  zone: owner.zone,
  dst: owner.dst,
  from: Math.max(HISTORY_BEGINS, from),
  to,
});

/** Members that are in the curves; foreign ones have no curve of their own. */
const membersOf = (region: string): Profile[] =>
  region === NATION ? [...PROFILES.values()] : (REGIONS[region] ?? []).flatMap((code) => PROFILES.get(code) ?? []);

const AGGREGATES = [NATION, ...Object.keys(REGIONS).filter((region) => !FOREIGN_REGIONS.has(region))];
/** What existed before 2019 only has no series. */
const alive = (code: string): boolean => lifetimeOf(code).to >= HISTORY_BEGINS;

/** Every series of a route, in the order of its codes. */
export function seriesOf(route: EiaRoute, curves: Curves): Series[] {
  const made = {
    'region-data': regions,
    'fuel-type-data': fuels,
    'interchange-data': pairs,
    'region-sub-ba-data': parts,
  };
  return made[route](curves).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function regions(curves: Curves): Series[] {
  const own = (code: string, type: string, hour: Hour): number => {
    if (type === 'DF') return curves.forecast(code, hour);
    const balance = curves.balance(code, hour);
    return type === 'D' ? balance.demand : type === 'NG' ? balance.generation : balance.interchange;
  };
  const made: Series[] = [];
  const add = (code: string, owner: Pick<Profile, 'zone' | 'dst'>, types: string[], value: Part['value'][]): void => {
    const { from, to } = lifetimeOf(code);
    types.forEach((type, i) => {
      const columns = {
        respondent: code,
        'respondent-name': nameOf(code),
        type,
        'type-name': TYPES.find(({ id }) => id === type)?.name ?? type,
      };
      const part = { route: 'region-data' as const, id: `${code}.${type}`, kind: type as EiaKind, columns };
      made.push(series({ ...part, value: value[i] as Part['value'] }, owner, from, to));
    });
  };
  for (const profile of PROFILES.values()) {
    if (!alive(profile.code)) continue;
    const types = profile.demand ? ['D', 'DF', 'NG', 'TI'] : ['NG', 'TI'];
    add(
      profile.code,
      profile,
      types,
      types.map((type) => (hour) => own(profile.code, type, hour)),
    );
  }
  for (const region of AGGREGATES) {
    const members = membersOf(region);
    const types = ['D', 'DF', 'NG', 'TI'];
    add(
      region,
      members.length > 10 ? EASTERN : (members[0] ?? EASTERN),
      types,
      types.map(
        (type) => (hour) =>
          members.reduce(
            (sum, { code, demand }) =>
              sum + ((type === 'D' || type === 'DF') && !demand ? 0 : within(code, hour) ? own(code, type, hour) : 0),
            0,
          ),
      ),
    );
  }
  return made;
}

const within = (code: string, hour: Hour): boolean => {
  const { from, to } = lifetimeOf(code);
  return hour >= from && hour <= to;
};

function fuels(curves: Curves): Series[] {
  const made: Series[] = [];
  const add = (code: string, owner: Pick<Profile, 'zone' | 'dst'>, fuel: string, value: Part['value']): void => {
    const life = lifetimeOf(code);
    const columns = { respondent: code, 'respondent-name': nameOf(code), fueltype: fuel, 'type-name': fuelName(fuel) };
    const part = { route: 'fuel-type-data' as const, id: `${code}.${fuel}`, kind: 'fuel' as const, columns, value };
    made.push(series(part, owner, Math.max(life.from, fuelBegins(fuel)), life.to));
  };
  for (const profile of PROFILES.values()) {
    if (!alive(profile.code)) continue;
    profile.fuels.forEach(([fuel], i) =>
      add(profile.code, profile, fuel, (hour) => curves.mix(profile.code, hour)[i] ?? 0),
    );
  }
  for (const region of AGGREGATES) {
    const members = membersOf(region);
    for (const fuel of new Set(members.flatMap((member) => member.fuels.map(([code]) => code)))) {
      const burning = members.flatMap(({ code, fuels }) => {
        const index = fuels.findIndex(([name]) => name === fuel);
        return index < 0 ? [] : [{ code, index }];
      });
      add(region, members.length > 10 ? EASTERN : (members[0] ?? EASTERN), fuel, (hour) =>
        burning.reduce(
          (sum, { code, index }) => sum + (within(code, hour) ? (curves.mix(code, hour)[index] ?? 0) : 0),
          0,
        ),
      );
    }
  }
  return made;
}

function pairs(curves: Curves): Series[] {
  const made: Series[] = [];
  const add = (from: string, to: string, since: Hour, until: Hour, value: Part['value']): void => {
    const columns = { fromba: from, 'fromba-name': nameOf(from), toba: to, 'toba-name': nameOf(to) };
    const part = { route: 'interchange-data' as const, id: `${from}-${to}`, kind: 'interchange' as const, columns };
    made.push(series({ ...part, value }, PROFILES.get(from) ?? EASTERN, since, until));
  };
  const regionOf = new Map(Object.entries(REGIONS).flatMap(([region, codes]) => codes.map((code) => [code, region])));
  const between = new Map<string, Array<{ tie: Tie; sign: 1 | -1 }>>();
  for (const tie of TIES) {
    const [a, b] = [lifetimeOf(tie.from), lifetimeOf(tie.to)];
    if (Math.min(a.to, b.to) < HISTORY_BEGINS) continue;
    const life = [Math.max(a.from, b.from), Math.min(a.to, b.to)] as const;
    add(tie.from, tie.to, ...life, (hour) => curves.flow(tie, hour));
    // Foreign neighbours report nothing themselves.
    if (PROFILES.has(tie.to)) add(tie.to, tie.from, ...life, (hour) => 0 - curves.flow(tie, hour));
    const [from, to] = [regionOf.get(tie.from), regionOf.get(tie.to)];
    if (!from || !to || from === to) continue;
    for (const [one, other, sign] of [[from, to, 1] as const, [to, from, -1] as const])
      between.set(`${one} ${other}`, [...(between.get(`${one} ${other}`) ?? []), { tie, sign }]);
  }
  for (const [key, ties] of between) {
    const [from = '', to = ''] = key.split(' ');
    if (FOREIGN_REGIONS.has(from)) continue;
    add(from, to, -Infinity, Infinity, (hour) =>
      ties.reduce((sum, { tie, sign }) => sum + sign * curves.flow(tie, hour), 0),
    );
    if (!FOREIGN_REGIONS.has(to)) continue;
    const abroad = [...between].filter(([other]) => other.endsWith(` ${to}`)).flatMap(([, list]) => list);
    if (!made.some(({ id }) => id === `${NATION}-${to}`))
      add(NATION, to, -Infinity, Infinity, (hour) =>
        abroad.reduce((sum, { tie, sign }) => sum + sign * curves.flow(tie, hour), 0),
      );
  }
  return made;
}

function parts(curves: Curves): Series[] {
  return Object.entries(SUB_AREAS).flatMap(([parent, areas]) => {
    const profile = PROFILES.get(parent) as Profile;
    const { from, to } = lifetimeOf(parent);
    return areas.map(({ id, name }, i) =>
      series(
        {
          route: 'region-sub-ba-data',
          id: `${parent}.${id}`,
          kind: 'sub-ba',
          columns: { subba: id, 'subba-name': name, parent, 'parent-name': nameOf(parent) },
          value: (hour) => curves.part(parent, hour, i, areas.length),
        },
        profile,
        from,
        to,
      ),
    );
  });
}
