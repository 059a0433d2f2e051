import fc from 'fast-check';
import { retryDelayMs } from './backoff';

const policy = { maxAttempts: 9, initialDelayMs: 1000, maxDelayMs: 30_000 };

describe('retry delay', () => {
  it('doubles from attempt to attempt up to the ceiling', () => {
    expect([2, 3, 4, 20].map((next) => retryDelayMs(policy, next, () => 1))).toEqual([1000, 2000, 4000, 30_000]);
  });

  it('is jittered between half of it and all of it, and never below what the publisher asked', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 40 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.nat(100_000),
        (next, random, retryAfter) => {
          const ceiling = Math.min(30_000, 1000 * 2 ** (next - 2));
          const delay = retryDelayMs(policy, next, () => random, retryAfter);
          expect(delay).toBeGreaterThanOrEqual(Math.max(Math.floor(ceiling / 2), retryAfter));
          expect(delay).toBeLessThanOrEqual(Math.max(ceiling, retryAfter));
        },
      ),
    );
  });
});
