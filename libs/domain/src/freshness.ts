/**
 * Whether a dataset is as new as its definition asks. Measured from the last confirmation by the publisher: a publication, or an
 * answer that nothing changed. A refresh that failed confirms nothing.
 */
export type FreshnessState = 'fresh' | 'stale' | 'never';

/** Stale from exactly `maxAgeSeconds` after the confirmation; a confirmation in the future (clock skew) is fresh. */
export function freshness(confirmedAt: Date | null, maxAgeSeconds: number, now: Date): FreshnessState {
  if (!confirmedAt) return 'never';
  return now.getTime() < staleFrom(confirmedAt, maxAgeSeconds).getTime() ? 'fresh' : 'stale';
}

/** The instant from which a dataset confirmed at `confirmedAt` is stale. */
export const staleFrom = (confirmedAt: Date, maxAgeSeconds: number): Date =>
  new Date(confirmedAt.getTime() + maxAgeSeconds * 1000);
