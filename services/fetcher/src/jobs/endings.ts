import { FreshetError } from '@freshet/domain';

/** Why a job is stopped from outside; each asks for another last word to the coordinator. */
export class LeaseLost extends FreshetError {
  constructor(why: string) {
    super('fenced', {
      message: `the lease was lost: ${why}`,
      nextStep: 'Nothing: another attempt has the task.',
    });
  }
}

export class Cancelled extends FreshetError {
  constructor() {
    super('cancelled', { message: 'the run was cancelled', nextStep: 'Start a new run when the data are wanted.' });
  }
}

export class ShuttingDown extends FreshetError {
  constructor() {
    super('dependency_unavailable', {
      message: 'this fetcher is shutting down',
      nextStep: 'Nothing: the task goes to another fetcher, at no cost to its attempts.',
    });
  }
}

export const totalTimeout = (totalMs: number, tries: number): FreshetError =>
  new FreshetError('total_timeout', {
    message: `the download was not done within ${Math.round(totalMs / 1000)} s`,
    nextStep: 'The next attempt is given more time; if it repeats, raise timeouts.total in the definition.',
    attributes: { totalMs, tries },
  });
