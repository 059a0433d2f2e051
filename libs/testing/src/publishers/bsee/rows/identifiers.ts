import type { Rng } from '../random';
import { mix } from '../random';
import { AREAS } from '../vocabulary';
import { pad } from '../values';

/** Surrogate keys are signed and mostly negative; unique in the index. */
export const surrogate = (index: number, base: number): string =>
  index % 7 === 3 ? `${base + index}` : `-${base + index}`;

const STATES = [
  '60',
  '17',
  '17',
  '17',
  '17',
  '42',
  '60',
  '04',
  '56',
  '55',
  '61',
  '50',
  '60',
  '17',
  '01',
  '42',
] as const;

/** 12 digits: state 2, county or area 3, well 5, sidetrack 2; `04` and `01` lead with a zero. Unique in the index below two million. */
export function apiNumber(index: number): string {
  const well = index >> 1;
  const spread = mix(17, 5, well);
  const state = STATES[spread % STATES.length] as string;
  const county = `${7 + ((spread >>> 8) % 2)}${(spread >>> 12) % 9}${Math.floor(well / 100_000)}`;
  return `${state}${county}${pad(well % 100_000, 5)}${index % 2 === 0 ? '00' : index % 3 === 0 ? '70' : '01'}`;
}

/** Six characters, a blank in front where the lease has no letter. Unique in the index below 99,000. */
export function leaseNumber(index: number): string {
  const digits = pad((index + 16) % 100_000, 5);
  return index % 23 === 1 ? ` ${digits}` : index % 41 === 2 ? `S${digits}` : `G${digits}`;
}

/** A lease of a row that is no key. */
export const someLease = (rng: Rng): string => leaseNumber(rng.int(0, 36_000));
export const area = (rng: Rng): string => rng.pick(AREAS);
export const block = (rng: Rng): string => (rng.chance(0.12) ? `A ${rng.int(100, 599)}` : String(rng.int(1, 999)));
/** Blocks of plan columns are padded to five. */
export const paddedBlock = (blockNumber: string): string => blockNumber.padStart(5, ' ');
export const wellName = (rng: Rng): string =>
  rng.chance(0.4)
    ? pad(rng.int(1, 40), 3)
    : `${rng.pick(['A', 'B', 'C', 'D', 'K', 'SS', 'BP'])}${pad(rng.int(1, 40), 3)}`;
/** A coordinate with `digits` decimals; the exporter drops trailing zeros, and so does this. */
export const decimal = (rng: Rng, min: number, max: number, digits: number): string =>
  String(Number((min + (rng.next() / 4294967296) * (max - min)).toFixed(digits)));
