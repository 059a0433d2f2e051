/** Mixes integers into one of 32 bits; small changes of any input change all of the output. */
export function mix(a: number, b: number, c: number): number {
  let h =
    Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^
    Math.imul(b + 0x7f4a7c15, 0xc2b2ae35) ^
    Math.imul(c ^ 0x165667b1, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 0;
}

/**
 * Random numbers that depend on their seeds alone (mulberry32). One instance is seeded again for every row, so that row
 * `i` of a member is the same whatever was written before it.
 */
export class Rng {
  private state = 0;

  reset(seed: number, member: number, row: number): this {
    this.state = mix(seed, member, row);
    return this;
  }

  /** 0 to 2³² − 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** Both ends included. */
  int(min: number, max: number): number {
    return min + (this.next() % (max - min + 1));
  }

  chance(share: number): boolean {
    return this.next() < share * 4294967296;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.next() % list.length] as T;
  }
}
