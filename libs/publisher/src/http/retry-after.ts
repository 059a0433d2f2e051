const DAY_MS = 24 * 3600 * 1000;

/**
 * `Retry-After` in milliseconds: seconds or an HTTP-date (RFC 9110 §10.2.3). Null when absent or unreadable; never more than
 * a day, because a run that waits longer is better started anew.
 */
export function parseRetryAfter(value: string | undefined, now: Date): number | null {
  if (value === undefined) return null;
  const text = value.trim();
  const at = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  if (Number.isNaN(at)) return null;
  return Math.min(DAY_MS, Math.max(0, at));
}
