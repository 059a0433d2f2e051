import { setFlagsFromString } from 'node:v8';

/** Peak resident memory of this process so far, in bytes. */
export const peakRssBytes = (): number => process.resourceUsage().maxRSS * 1024;

/**
 * Keeps V8 from taking memory it does not need: without a bound, a young generation under load grows far beyond the
 * live data, and the resident size with it. Called first thing in `main.ts`.
 */
export function boundHeap(megabytes: { old: number; semiSpace: number } = { old: 160, semiSpace: 8 }): void {
  setFlagsFromString(`--max-old-space-size=${megabytes.old}`);
  setFlagsFromString(`--max-semi-space-size=${megabytes.semiSpace}`);
}
