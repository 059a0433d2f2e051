import { ADDED_FUELS, ADDED_FUELS_SINCE, FOREIGN, LIFETIMES } from './codes';
import { smooth, textSeed, unit } from './noise';
import type { Hour } from './period';
import { hourOf, localTime } from './period';
import type { Profile, Tie } from './profiles';
import { PROFILES, TIES } from './profiles';

/** Demand by local hour (index: the hour the interval ends in) against the day's mean. */
const DAY = [
  0.89, 0.86, 0.84, 0.83, 0.84, 0.88, 0.94, 0.99, 1.01, 1.02, 1.03, 1.04, 1.05, 1.05, 1.06, 1.07, 1.09, 1.12, 1.14,
  1.13, 1.11, 1.07, 1.0, 0.94,
];
const WEEKEND = 0.94;
const TAU = 2 * Math.PI;
const SPLIT_OUT = new Set(ADDED_FUELS.map(({ id }) => id));
const SPLIT_SINCE = hourOf(ADDED_FUELS_SINCE);

interface Neighbour {
  readonly tie: Tie;
  /** 1: this one is the sender of the tie. */
  readonly sign: 1 | -1;
}

export interface Balance {
  readonly generation: number;
  readonly interchange: number;
  readonly demand: number;
}

/**
 * Daily and yearly curves of every balancing authority, in whole MWh. A value depends on the seed, the series and the hour
 * alone; nothing is stored. In itself consistent: A→B = −(B→A), TI = sum of the pairs, NG = D + TI, fuels add up to NG.
 */
export class Curves {
  private readonly seeds = new Map<string, number>();
  private readonly neighbours = new Map<string, Neighbour[]>();
  private readonly means = new Map<string, number>();
  /** The last one asked for, per respondent: all fuels of an hour are usually wanted together. */
  private readonly lastMix = new Map<string, { readonly hour: Hour; readonly values: readonly number[] }>();
  private readonly lastBalance = new Map<string, { readonly hour: Hour; readonly balance: Balance }>();

  constructor(private readonly seed: number) {
    for (const tie of TIES) {
      this.listOf(tie.from).push({ tie, sign: 1 });
      this.listOf(tie.to).push({ tie, sign: -1 });
    }
    for (const profile of PROFILES.values()) {
      const exports = profile.demand
        ? this.listOf(profile.code).reduce((sum, { tie, sign }) => sum + sign * tie.base, 0)
        : 0;
      this.means.set(profile.code, Math.max(profile.base * 0.2, profile.base + exports));
    }
  }

  /** Flow from one to the other, positive outwards; 0 while one of the two does not exist. */
  flow(tie: Tie, hour: Hour): number {
    if (!exists(tie.from, hour) || !exists(tie.to, hour)) return 0;
    const sender = PROFILES.get(tie.from);
    if (sender && !sender.demand) return this.exporterOutput(sender, hour);
    const name = this.seedOf(`${tie.from}-${tie.to}`);
    const size = Math.max(12, Math.abs(tie.base));
    const swing = smooth(this.seed, name, hour, 11) + smooth(this.seed, name, hour, 90) - 1;
    return Math.round(tie.base + size * 0.45 * swing + size * 0.04 * (unit(this.seed, name, hour) - 0.5));
  }

  balance(code: string, hour: Hour): Balance {
    const last = this.lastBalance.get(code);
    if (last?.hour === hour) return last.balance;
    const profile = profileOf(code);
    const interchange = this.listOf(code).reduce((sum, { tie, sign }) => sum + sign * this.flow(tie, hour), 0);
    const wanted = profile.demand ? this.load(profile, hour) : 0;
    // No authority's generation is negative: one that imports more than it needs would have more demand instead.
    const generation = Math.max(wanted + interchange, profile.demand ? Math.round(wanted * 0.04) : 0);
    const balance = { generation, interchange, demand: generation - interchange };
    this.lastBalance.set(code, { hour, balance });
    return balance;
  }

  /** What the day before was thought of this hour: within some 3 % of the demand. */
  forecast(code: string, hour: Hour): number {
    const profile = profileOf(code);
    const miss = smooth(this.seed, this.seedOf(`${code}.forecast`), hour, 24) - 0.5;
    return Math.round(this.load(profile, hour) * (1 + 0.05 * miss));
  }

  /** In the order of `fuelsOf`; they add up to the net generation. */
  mix(code: string, hour: Hour): readonly number[] {
    const last = this.lastMix.get(code);
    if (last?.hour === hour) return last.values;
    const values = this.mixAt(profileOf(code), hour);
    this.lastMix.set(code, { hour, values });
    return values;
  }

  /** Demand of a part, in proportion; the last part takes the rest, so that they add up. */
  part(code: string, hour: Hour, index: number, count: number): number {
    const { demand } = this.balance(code, hour);
    const shares = Array.from(
      { length: count },
      (_, i) =>
        0.3 +
        unit(this.seed, this.seedOf(`${code}.part`), i) +
        0.05 * smooth(this.seed, this.seedOf(`${code}.part${i}`), hour, 12),
    );
    const whole = shares.reduce((sum, share) => sum + share, 0);
    const values = shares.map((share) => Math.round((demand * share) / whole));
    if (index < count - 1) return values[index] as number;
    return demand - values.slice(0, -1).reduce((sum, value) => sum + value, 0);
  }

  private load(profile: Profile, hour: Hour): number {
    const at = localTime(hour, profile.zone, profile.dst);
    const year = (day: number): number => Math.cos((TAU * (at.dayOfYear - day)) / 365.25);
    const half = (day: number): number => Math.cos((2 * TAU * (at.dayOfYear - day)) / 365.25);
    const season =
      profile.season === 'summer' ? 1 + 0.14 * year(205) + 0.06 * half(25) : 1 + 0.13 * year(15) + 0.04 * half(25);
    const name = this.seedOf(`${profile.code}.load`);
    const weather = 0.93 + 0.14 * smooth(this.seed, name, hour, 53);
    const flicker = 1 + 0.008 * (unit(this.seed, name, hour) - 0.5);
    const week = at.weekday === 0 || at.weekday === 6 ? WEEKEND : 1.02;
    return Math.round(profile.base * season * (DAY[at.hour] ?? 1) * week * weather * flicker);
  }

  /** Of one without demand. */
  private exporterOutput(profile: Profile, hour: Hour): number {
    const name = this.seedOf(`${profile.code}.output`);
    return Math.round(
      profile.base * (0.15 + smooth(this.seed, name, hour, 9) + 0.7 * smooth(this.seed, name, hour, 70)),
    );
  }

  private mixAt(profile: Profile, hour: Hour): number[] {
    const { generation } = this.balance(profile.code, hour);
    const mean = this.means.get(profile.code) ?? profile.base;
    const last = profile.fuels.length - 1;
    const values = profile.fuels.map(([fuel, share], i) =>
      i === last || (SPLIT_OUT.has(fuel) && hour < SPLIT_SINCE)
        ? 0
        : Math.round(mean * share * this.activity(profile, fuel, hour, generation / mean)),
    );
    const sum = values.reduce((before, value) => before + value, 0);
    const most = Math.floor(generation * 0.96);
    if (sum > most && sum > 0) for (let i = 0; i < last; i++) values[i] = Math.trunc(((values[i] ?? 0) * most) / sum);
    values[last] = generation - values.reduce((before, value) => before + value, 0);
    return values;
  }

  /** Output against the fuel's mean: about 1 over a year. */
  private activity(profile: Profile, fuel: string, hour: Hour, loaded: number): number {
    const name = this.seedOf(`${profile.code}.${fuel}`);
    const slow = smooth(this.seed, name, hour, 70);
    const at = localTime(hour, profile.zone, false);
    const north = Math.cos((TAU * (at.dayOfYear - 172)) / 365.25);
    switch (fuel) {
      case 'NUC':
        return 0.96 + 0.06 * smooth(this.seed, name, hour, 400);
      case 'WND':
        return Math.max(0, 0.05 + 1.1 * slow + 0.8 * smooth(this.seed, name, hour, 13));
      case 'SUN':
      case 'SNB': {
        const height = Math.sin((TAU * (at.hour - 6.5)) / 24) + 0.28 * north;
        return height <= 0.02 ? 0 : 2.9 * height * (0.55 + 0.45 * slow);
      }
      case 'WAT':
        return (0.55 + 0.5 * slow + 0.4 * ((DAY[at.hour] ?? 1) - 0.8)) * (1.05 + 0.2 * north);
      case 'COL':
        return loaded * (0.8 + 0.4 * slow);
      case 'BAT':
      case 'PS':
        // Charges (negative) by day, gives back in the evening.
        return 3 * Math.sin((TAU * (at.hour - 14)) / 24) * (0.6 + 0.6 * slow) - 0.1;
      default:
        return 0.85 + 0.3 * slow;
    }
  }

  private listOf(code: string): Neighbour[] {
    const known = this.neighbours.get(code) ?? [];
    this.neighbours.set(code, known);
    return known;
  }

  private seedOf(name: string): number {
    let seed = this.seeds.get(name);
    if (seed === undefined) this.seeds.set(name, (seed = textSeed(name)));
    return seed;
  }
}

function profileOf(code: string): Profile {
  const profile = PROFILES.get(code);
  if (!profile) throw new Error(`the simulator knows no balancing authority "${code}"`);
  return profile;
}

const lifetimes = new Map<string, { readonly from: Hour; readonly to: Hour }>();

/** First and last hour of a respondent or neighbour; endless where it neither came later nor left. */
export function lifetimeOf(code: string): { readonly from: Hour; readonly to: Hour } {
  let life = lifetimes.get(code);
  if (!life) {
    const { from, to } = LIFETIMES[code] ?? {};
    life = { from: from ? hourOf(from) : -Infinity, to: to ? hourOf(to) : Infinity };
    lifetimes.set(code, life);
  }
  return life;
}

const exists = (code: string, hour: Hour): boolean => {
  const { from, to } = lifetimeOf(code);
  return hour >= from && hour <= to && (FOREIGN.has(code) || PROFILES.has(code));
};

/** The newer fuel codes are not in the history before they were split out. */
export const fuelBegins = (fuel: string): Hour => (SPLIT_OUT.has(fuel) ? SPLIT_SINCE : -Infinity);
