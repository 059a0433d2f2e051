import { FreshetError } from '@freshet/domain';
import type { CheckOutcome } from '../checks';

export interface Window {
  /** Interval starts, half-open. */
  readonly from: Date;
  readonly to: Date;
}

/** A check that holds runs back failed: the transaction is given up. */
export class HeldError extends FreshetError {
  constructor(
    readonly window: Window,
    readonly outcomes: readonly CheckOutcome[],
  ) {
    const names = outcomes.filter(({ held }) => held).map(({ name, failed }) => `${name} (${failed})`);
    super('check_failed', {
      message: `checks hold the run back: ${names.join(', ')}`,
      nextStep:
        'Nothing of the run was stored. Look at the examples of the checks; if the values are right, give the check another severity, and refresh again.',
      attributes: { checks: names.join(', ') },
    });
  }
}
