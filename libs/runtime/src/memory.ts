import { setFlagsFromString } from 'node:v8';

const MAX_AGE_MS = 500;
let sample = { at: -Infinity, bytes: 0 };

/** Peak resident memory of this process so far, in bytes; at most half a second old, because asking costs a millisecond. */
export function peakRssBytes(): number {
  const now = performance.now();
  if (now - sample.at > MAX_AGE_MS) sample = { at: now, bytes: process.resourceUsage().maxRSS * 1024 };
  return sample.bytes;
}

/**
 * Keeps V8 from taking memory it does not need. Chunks and batches live outside V8's heap, in buffers that are freed only when
 * the old generation is collected, which V8 puts off for long when it is left alone. A smaller growth keeps a process smaller and
 * collects more often: the figures are in docs/adr/0010. Called first thing in `main.ts`.
 */
export function boundHeap({ oldMegabytes = 160, semiSpaceMegabytes = 4, growingPercent = 100 } = {}): void {
  setFlagsFromString(`--max-old-space-size=${oldMegabytes}`);
  setFlagsFromString(`--max-semi-space-size=${semiSpaceMegabytes}`);
  setFlagsFromString(`--heap-growing-percent=${growingPercent}`);
}
