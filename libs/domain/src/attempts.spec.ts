import fc from 'fast-check';
import { afterAttempt, attemptsExhausted, withoutRetry } from './attempts';
import { FreshetError, type FailureCode } from './failure';
import type { AttemptEnd } from './task';

const policy = { maxAttempts: 3, initialDelayMs: 1000, maxDelayMs: 60_000 };
const failure = (code: FailureCode) =>
  new FreshetError(code, { message: 'it broke', nextStep: 'mend it', attributes: { port: 443 } }).toFailure();
const half = () => 0.5;

describe('after an attempt', () => {
  it('a transient failure is tried again after a growing, jittered delay', () => {
    expect(
      afterAttempt(policy, { end: 'failed', failure: failure('connection_lost'), tries: 1, retryAfterMs: 0 }, half),
    ).toEqual({ next: 'attempt', delayMs: 750, tries: 2 });
    expect(
      afterAttempt(policy, { end: 'failed', failure: failure('connection_lost'), tries: 2, retryAfterMs: 0 }, half),
    ).toEqual({ next: 'attempt', delayMs: 1500, tries: 3 });
  });

  it('waits at least as long as the publisher asked', () => {
    expect(
      afterAttempt(policy, { end: 'failed', failure: failure('rate_limited'), tries: 1, retryAfterMs: 120_000 }, half),
    ).toMatchObject({ delayMs: 120_000 });
  });

  it('a terminal failure is never tried again', () => {
    const last = failure('payload_html');
    expect(afterAttempt(policy, { end: 'failed', failure: last, tries: 1, retryAfterMs: 0 }, half)).toEqual({
      next: 'give_up',
      failure: last,
    });
  });

  it('gives up at the bound and keeps what the last attempt met', () => {
    const after = afterAttempt(policy, { end: 'failed', failure: failure('stalled'), tries: 3, retryAfterMs: 0 }, half);
    expect(after).toMatchObject({
      next: 'give_up',
      failure: {
        code: 'attempts_exhausted',
        kind: 'terminal',
        nextStep: 'mend it',
        attributes: { port: 443, attempts: 3, lastCode: 'stalled' },
      },
    });
  });

  it('a dead fetcher costs a try and no delay; a lease handed back costs neither', () => {
    expect(
      afterAttempt(policy, { end: 'expired', failure: failure('lease_expired'), tries: 1, retryAfterMs: 0 }, half),
    ).toEqual({ next: 'attempt', delayMs: 0, tries: 2 });
    expect(afterAttempt(policy, { end: 'released', failure: null, tries: 3, retryAfterMs: 0 }, half)).toEqual({
      next: 'attempt',
      delayMs: 0,
      tries: 3,
    });
  });

  it('never makes more counted attempts than the policy allows, whatever happens', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<AttemptEnd>('failed', 'expired', 'released', 'fenced'), { maxLength: 30 }),
        fc.integer({ min: 1, max: 6 }),
        (ends, maxAttempts) => {
          let tries = 1;
          let counted = 0;
          for (const end of ends) {
            if (end === 'failed' || end === 'expired') counted += 1;
            const after = afterAttempt(
              { ...policy, maxAttempts },
              { end, failure: failure('stalled'), tries, retryAfterMs: 0 },
              half,
            );
            if (after.next === 'give_up') break;
            expect(after.tries).toBeGreaterThanOrEqual(tries);
            tries = after.tries;
          }
          expect(counted).toBeLessThanOrEqual(maxAttempts);
          expect(tries).toBeLessThanOrEqual(maxAttempts);
        },
      ),
    );
  });

  it('says one attempt in the singular', () => {
    expect(attemptsExhausted(null, 1).message).toBe('gave up after 1 attempt');
  });

  it('promises no retry where there is none', () => {
    expect(withoutRetry('The publisher may be down; it is tried again by itself.')).toBe('The publisher may be down.');
  });

  it.each([
    ['It is tried again by itself; if it repeats, open the address.', 'Open the address.'],
    [
      'The publisher may be down; it is tried again by itself.',
      'The publisher may be down; start it again with freshet retry.',
    ],
    ['The next attempt is given more time; if it repeats, raise timeouts.total.', 'Raise timeouts.total.'],
    ['It changed; it is read again from the first page by itself.', 'It changed; start it again with freshet retry.'],
    ['Correct the definition.', 'Correct the definition.'],
  ])('asks for no more patience once no try is left: %s', (nextStep, left) => {
    const last = { code: 'stalled', kind: 'transient', message: 'm', nextStep, attributes: {} } as const;
    expect(attemptsExhausted(last, 5).nextStep).toBe(left);
  });
});
