/** Numbers and times for people. Fixed conventions (not the locale's), so that output is the same everywhere. */

export const count = (value: number | null): string =>
  value === null
    ? '-'
    : Math.round(value)
        .toString()
        .replace(/\B(?=(\d{3})+(?!\d))/g, ',');

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Decimal units, as publishers and browsers show them: `14.6 MB`. */
export function bytes(value: number): string {
  let unit = 0;
  let rest = value;
  while (rest >= 999.95 && unit < UNITS.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(rest) : rest.toFixed(1)} ${UNITS[unit] ?? 'B'}`;
}

/** `4.2 s`, `3 min 05 s`, `2 h 10 min`, `5 d 3 h`, `30 h`. */
export function duration(seconds: number): string {
  if (seconds < 59.95) return `${seconds < 9.95 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 48 * 60) {
    const rest = minutes % 60;
    return `${Math.floor(minutes / 60)} h${rest === 0 ? '' : ` ${String(rest).padStart(2, '0')} min`}`;
  }
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d${hours % 24 === 0 ? '' : ` ${hours % 24} h`}`;
}

/** `00:42`, `1:03:20`: short, for a progress line. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
}

/** `2026-11-20 10:12:05Z`. */
export const instant = (iso: string | null): string =>
  iso === null
    ? '-'
    : new Date(iso)
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, 'Z');

/** `3 min 05 s ago`. */
export const ago = (iso: string | null, now: Date): string =>
  iso === null ? 'never' : `${duration(Math.max(0, (now.getTime() - new Date(iso).getTime()) / 1000))} ago`;

export const secondsBetween = (from: string | null, to: string | null): number | null =>
  from === null || to === null ? null : Math.max(0, (new Date(to).getTime() - new Date(from).getTime()) / 1000);

export const percent = (share: number): string => `${Math.floor(share * 100)} %`;
