export interface EiaLimit {
  readonly perSecond?: number;
  readonly perHour?: number;
}

/** One request too many. */
export interface LimitViolation {
  readonly at: Date;
  /** Hash of the key, or `none`. */
  readonly key: string;
  readonly window: 'second' | 'hour';
  /** Requests of the key within the window, this one included. */
  readonly requests: number;
}

const WINDOWS = [
  ['second', 1_000, 'perSecond'],
  ['hour', 3_600_000, 'perHour'],
] as const;

/** Counts every request of a key, refused ones too, in windows that slide with the machine's clock (monotonic, ms). */
export class RateCounter {
  private readonly arrivals = new Map<string, number[]>();

  constructor(private readonly limit: EiaLimit) {}

  /** The violation that this request is, if it is one. */
  count(key: string, atMs: number): Pick<LimitViolation, 'window' | 'requests'> | undefined {
    const arrivals = this.arrivals.get(key) ?? [];
    this.arrivals.set(key, arrivals);
    arrivals.push(atMs);
    while ((arrivals[0] ?? atMs) <= atMs - 3_600_000) arrivals.shift();
    for (const [window, lengthMs, name] of WINDOWS) {
      const most = this.limit[name];
      if (most === undefined) continue;
      let requests = 0;
      for (let i = arrivals.length - 1; i >= 0 && (arrivals[i] as number) > atMs - lengthMs; i--) requests++;
      if (requests > most) return { window, requests };
    }
    return undefined;
  }

  forget(): void {
    this.arrivals.clear();
  }
}
