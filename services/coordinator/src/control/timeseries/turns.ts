/** Lets so many go at a time; the others wait for their turn, in order. */
export class Turns {
  private free: number;
  private readonly waiting: Array<() => void> = [];

  constructor(most: number) {
    this.free = most;
  }

  /** @param needed false: does not take a turn */
  async take<T>(needed: boolean, work: () => Promise<T>): Promise<T> {
    if (!needed) return work();
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}
