import type { EiaFault } from './faults';
import type { EiaRoute } from './routes';

const SUSPENSION_MS = 60_000;
/** Faults that a first page cannot show. */
const LATER_PAGES: ReadonlySet<EiaFault['kind']> = new Set(['total-changes', 'empty-page']);

interface Switch {
  readonly fault: EiaFault;
  readonly endsMs: number;
  passed: number;
  left: number;
}

/** Which fault a data request meets: the oldest that is switched on and applies. */
export class FaultSwitches {
  private switches: Switch[] = [];

  on(fault: EiaFault, nowMs: number): void {
    const forMs = fault.forMs ?? (fault.kind === 'suspended' && fault.times === undefined ? SUSPENSION_MS : Infinity);
    this.switches.push({ fault, endsMs: nowMs + forMs, passed: 0, left: fault.times ?? Infinity });
  }

  off(kind?: EiaFault['kind']): void {
    this.switches = kind ? this.switches.filter(({ fault }) => fault.kind !== kind) : [];
  }

  next(route: EiaRoute, offset: number, nowMs: number): EiaFault | undefined {
    this.switches = this.switches.filter(({ endsMs, left }) => nowMs < endsMs && left > 0);
    for (const each of this.switches) {
      const { fault } = each;
      if (fault.route !== undefined && fault.route !== route) continue;
      if (offset === 0 && LATER_PAGES.has(fault.kind)) continue;
      if (each.passed++ < (fault.after ?? 0)) continue;
      each.left--;
      return fault;
    }
    return undefined;
  }
}
